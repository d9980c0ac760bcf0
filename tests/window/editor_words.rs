//! What the editor says, and the numbers that its controls let through.

use eframe::egui::accesskit::Role;
use eframe::egui::{HoveredFile, Vec2};
use egui_kittest::kittest::Queryable;

use super::editor::{click, more, project, projected, says};

#[test]
fn what_was_saved_does_not_hide_that_the_settings_have_changed() {
    let mut scene = projected();
    click(&mut scene, "Save PNG");
    scene.wait("the path", |window| says(window, "saved "));
    more(&mut scene, |scene| click(scene, "Tiles"));
    scene.wait("the warning", |window| says(window, "the settings have changed"));
    assert!(says(&scene.window, "saved "), "both are said");
}

#[test]
fn more_steps_than_the_slider_reaches_can_be_typed_but_no_more_than_there_can_be() {
    let mut scene = projected();
    scene.window.set_size(Vec2::new(2600.0, 1500.0));
    scene.window.run_steps(3);
    click(&mut scene, "More");
    for (typed, taken) in [(30.0, 30), (500.0, 64), (0.0, 1)] {
        scene.window.get_by_role_and_label(Role::Slider, "Steps").set_value_accesskit(typed);
        scene.window.run_steps(3);
        assert_eq!(project(&mut scene).wish.steps, Some(taken), "{typed} were typed");
    }
}

#[test]
fn held_files_are_told_what_they_become() {
    let mut scene = projected();
    click(&mut scene, "Paint");
    click(&mut scene, "Mask");
    click(&mut scene, "Load mask");
    scene.window.input_mut().hovered_files.push(HoveredFile::default());
    scene.wait("the hint", |window| window.query_by_label("Drop the mask").is_some());
    scene.window.input_mut().hovered_files.push(HoveredFile::default());
    scene.wait("two files", |window| says(window, "the first is taken as the mask"));
    scene.window.input_mut().hovered_files.clear();
    click(&mut scene, "Load mask");

    let checkpoint = scene.run_dir().join("checkpoints").join("step-1125");
    std::fs::create_dir_all(&checkpoint).expect("a checkpoint");
    scene.window.key_press(eframe::egui::Key::Escape);
    scene.window.run_steps(4);
    more(&mut scene, |scene| {
        click(scene, "Weights: newest");
        click(scene, "step-1125");
    });
    scene.window.input_mut().hovered_files.push(HoveredFile::default());
    scene.wait("the weights", |window| says(window, "1 file, with the weights of step-1125"));
}
