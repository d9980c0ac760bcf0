//! Keys go to whoever they are meant for: who types, an open menu, a stroke, and only then the window.

use eframe::egui::accesskit::Role;
use eframe::egui::{Key, Modifiers, Pos2, Rect, Vec2};
use egui_kittest::kittest::Queryable;
use signet::run::message::Command;

use super::editor::{click, projected, says};
use super::samples::trained;
use super::stage::Scene;

/// A run of which one sample is looked at alone.
fn at_full_size() -> Scene {
    let mut scene = trained();
    open_sample(&mut scene);
    scene
}

fn open_sample(scene: &mut Scene) {
    scene.window.get_by_label("sample 3").click();
    scene.wait("the picture", |window| window.query_by_label("sample 3 at full size").is_some());
    scene.window.run_steps(2);
}

fn press(scene: &mut Scene, key: Key) {
    scene.window.key_press(key);
    scene.window.run_steps(3);
}

fn is_open(scene: &Scene) -> bool {
    scene.window.query_by_label("sample 3 at full size").is_some()
}

#[test]
fn escape_ends_typing_before_it_leaves_a_picture() {
    let mut scene = at_full_size();
    scene.window.get_by_role_and_label(Role::TextInput, "Image path").focus();
    scene.window.run_steps(2);
    press(&mut scene, Key::Escape);
    assert!(is_open(&scene), "the key was for the field");
    press(&mut scene, Key::Escape);
    assert!(!is_open(&scene));
}

#[test]
fn escape_closes_a_menu_before_it_leaves_a_picture() {
    let mut scene = at_full_size();
    click(&mut scene, "View");
    assert!(scene.window.query_by_label("show samples").is_some());
    press(&mut scene, Key::Escape);
    assert!(scene.window.query_by_label("show samples").is_none());
    assert!(is_open(&scene), "the key was for the menu");
    press(&mut scene, Key::Escape);
    assert!(!is_open(&scene));
}

#[test]
fn escape_gives_a_stroke_up_before_it_leaves_a_picture() {
    let mut scene = projected();
    open_sample(&mut scene);
    click(&mut scene, "Paint");
    let start = scene.window.get_by_label("mask canvas").rect().center();
    scene.window.drag_at(start);
    scene.window.step();
    scene.window.hover_at(start + Vec2::new(20.0, 0.0));
    scene.window.step();
    assert!(says(&scene.window, "the mask has changed"));
    press(&mut scene, Key::Escape);
    assert!(!says(&scene.window, "the mask has changed"), "the stroke is given up");
    assert!(is_open(&scene), "the key was for the stroke");
    scene.window.drop_at(start + Vec2::new(20.0, 0.0));
    scene.window.run_steps(2);
    press(&mut scene, Key::Escape);
    assert!(!is_open(&scene));
}

#[test]
fn a_key_that_is_held_commands_once() {
    let mut scene = trained();
    scene.window.key_down(Key::Space);
    scene.wait_heard("pause", |heard| matches!(heard, [Command::Pause]));
    scene.wait("the paused state", |window| window.query_by_label("Resume").is_some());
    // The system repeats a key that is held.
    for _ in 0..3 {
        scene.window.key_down(Key::Space);
        scene.window.run_steps(2);
    }
    scene.window.key_up(Key::Space);
    scene.window.run_steps(2);
    scene.window.key_press(Key::G);
    scene.wait_heard("a later key", |heard| matches!(heard, [.., Command::SampleNow]));
    assert_eq!(scene.heard().len(), 2, "{:?}", scene.heard());
}

#[test]
fn the_sheet_of_keys_is_within_the_smallest_window() {
    let size = [760.0, 520.0];
    let mut scene = Scene::open_sized(size, 1.0);
    press(&mut scene, Key::F1);
    // It opens and settles over a few frames.
    scene.window.run_steps(6);
    let sheet = scene.window.get_by_role_and_label(Role::Window, "Keys").rect();
    let screen = Rect::from_min_size(Pos2::ZERO, size.into());
    assert!(screen.contains_rect(sheet), "{sheet:?}");
    assert!(scene.window.query_by_label("editor: erase").is_some());
    scene.screenshot("keys-small");
}

#[test]
fn keys_with_modifiers_are_somebody_elses() {
    let mut scene = trained();
    for modifiers in [Modifiers::ALT, Modifiers::SHIFT, Modifiers::COMMAND] {
        scene.window.key_press_modifiers(modifiers, Key::F5);
        scene.window.run_steps(2);
    }
    scene.window.key_press(Key::G);
    scene.wait_heard("a plain key", |heard| !heard.is_empty());
    assert!(matches!(scene.heard()[..], [Command::SampleNow]), "{:?}", scene.heard());
}
