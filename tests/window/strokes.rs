//! Strokes on a picture, and what comes to the editor meanwhile.

use std::time::Duration;

use eframe::egui::{Event, Key, Modifiers, Vec2};
use egui_kittest::kittest::Queryable;
use signet::run::message::Command;

use super::editor::{click, marked, mode, project, projected, stroke};
use crate::flag;

#[test]
fn a_picture_that_comes_during_a_stroke_waits_for_its_end() {
    let mut scene = projected();
    let path = scene.run_dir().join("second.png");
    flag().save(&path).expect("a picture");
    click(&mut scene, "Paint");
    let start = scene.window.get_by_label("mask canvas").rect().center();
    scene.window.drag_at(start);
    scene.window.step();
    scene.window.event(Event::Paste(path.display().to_string()));
    for step in 0..20 {
        scene.window.hover_at(start + Vec2::new(step as f32, 0.0));
        scene.window.step();
        // Reading the file takes a moment.
        std::thread::sleep(Duration::from_millis(20));
    }
    assert!(scene.window.query_by_label("picture 2").is_none(), "the canvas is not taken away");
    scene.window.drop_at(start + Vec2::new(20.0, 0.0));
    scene.wait("the second picture", |window| window.query_by_label("picture 2").is_some());
    scene.wait("its result", |window| window.query_by_label("after 2").is_some());

    click(&mut scene, "picture 1");
    assert_eq!(mode(&mut scene), "Auto: inpaint", "the first one kept its stroke");
    assert!(marked(&project(&mut scene).mask) > 0);
    scene.wait("the result", |window| window.query_by_label("after 8").is_some());
    click(&mut scene, "Undo");
    click(&mut scene, "Undo");
    assert_eq!(mode(&mut scene), "Auto: direct", "and it is one step of its history");
}

#[test]
fn a_stroke_that_is_undone_while_it_is_projected_can_be_done_again() {
    let mut scene = projected();
    stroke(&mut scene);
    scene.hold_edits();
    let request = project(&mut scene);
    scene.window.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    scene.wait_heard(
        "the end of the projection",
        |heard| matches!(heard, [.., Command::CancelEdit(ticket)] if *ticket == request.ticket),
    );
    assert_eq!(mode(&mut scene), "Auto: direct");
    click(&mut scene, "Redo");
    assert_eq!(mode(&mut scene), "Auto: inpaint");
}
