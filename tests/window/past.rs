//! Past grids, another run's newest one, and what stays of what was said of the grid before.

use eframe::egui::Key;
use eframe::egui::accesskit::Role;
use egui_kittest::kittest::Queryable;
use signet::run::message::{Averaging, Message, Stage};

use super::samples::{open_menu, trained, write_grid};
use super::stage::{Scene, pictures, progress};

fn says(scene: &Scene, words: &str) -> bool {
    scene.window.query_all_by_label_contains(words).next().is_some()
}

#[cfg(unix)]
fn is_disabled(scene: &Scene, label: &str) -> bool {
    use egui_kittest::kittest::NodeT;

    scene.window.get_by_label(label).accesskit_node().is_disabled()
}

/// The trainer draws a grid.
fn draw(scene: &mut Scene, kimg: f64) {
    let at = progress(Stage::Sign, kimg);
    scene.say(Message::Samples { at, averaging: Averaging::Ema, pictures: pictures(1.0), path: None });
    let caption = format!("sign · {kimg:.1} kimg");
    scene.wait("the grid", |window| window.query_all_by_label_contains(&caption).next().is_some());
}

/// Nobody knows whether anything ever comes out of a pipe.
#[cfg(unix)]
#[test]
fn a_pipe_in_the_place_of_a_grid_is_told_and_holds_nothing_up() {
    let mut scene = Scene::open();
    let pipe = scene.run_dir().join("samples-teacher-000004.png");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status().expect("mkfifo");
    assert!(made.success());
    scene.train();
    scene.wait_trained();
    scene.wait("the refusal", |window| {
        window.get_by_role_and_label(Role::Slider, "past grids").set_value_accesskit(0.0);
        window.query_all_by_label_contains("this is a pipe or a device").next().is_some()
    });
    assert!(scene.window.query_by_label("teacher · 4 kimg").is_some());
    assert!(is_disabled(&scene, "save the grid as PNG"), "there is no grid");
    assert!(scene.window.query_by_label("sample 3").is_none(), "no other grid's pictures");
    scene.window.get_by_label("Newest").click();
    scene.wait("the newest grid", |window| window.query_by_label("sample 3").is_some());
    assert!(!is_disabled(&scene, "save the grid as PNG"));
}

#[test]
fn what_was_saved_is_not_said_of_the_next_grid() {
    let mut scene = trained();
    let save = |scene: &mut Scene| {
        scene.window.get_by_label("save the grid as PNG").click();
        scene.wait("the path", |window| window.query_all_by_label_contains("grid-sign-").next().is_some());
    };
    save(&mut scene);
    draw(&mut scene, 19.0);
    assert!(!says(&scene, "grid-sign-"), "a grid has been added");
    save(&mut scene);
    scene.window.get_by_role_and_label(Role::Slider, "past grids").set_value_accesskit(1.0);
    scene.window.run_steps(3);
    assert!(!says(&scene, "grid-sign-"), "another grid is looked at");
}

#[test]
fn another_run_that_is_gone_leaves_its_last_grid() {
    let mut scene = trained();
    let folder = tempfile::tempdir().expect("a folder");
    let other = folder.path().join("00003-demo-sid");
    write_grid(&other, "samples-sid-000060.png", 0.9);
    open_menu(&mut scene);
    let field = Role::TextInput;
    scene.window.get_by_role_and_label(field, "Another run, by its folder").focus();
    scene.window.run_steps(1);
    // As a file manager copies it.
    let path = format!("'{}'", other.display());
    scene.window.get_by_role_and_label(field, "Another run, by its folder").type_text(&path);
    scene.window.run_steps(2);
    scene.window.get_by_label("Compare").click();
    scene.wait("the other run", |window| window.query_by_label("other run's sample 36").is_some());
    scene.window.key_press(Key::Escape);
    scene.window.run_steps(4);
    scene.window.get_by_label("other run's sample 5").click();
    scene.wait("the picture", |window| window.query_by_label("other run's sample 5 at full size").is_some());
    std::fs::remove_dir_all(&other).expect("the folder is there");
    draw(&mut scene, 19.0);
    std::thread::sleep(std::time::Duration::from_millis(200));
    scene.window.run_steps(5);
    assert!(scene.window.query_by_label("other run's sample 5 at full size").is_some());
    scene.window.get_by_label("Back to the grid").click();
    scene.wait("the grids", |window| window.query_by_label("other run's sample 36").is_some());
    open_menu(&mut scene);
    scene.wait("why it is not read on", |window| {
        window.query_all_by_label_contains("there are no sample grids here").next().is_some()
    });
    assert!(scene.window.query_by_label("other run's sample 36").is_some());
}

#[test]
fn raw_weights_that_were_never_drawn_are_not_promised_once_the_run_has_ended() {
    let mut scene = trained();
    scene.hold_raw();
    scene.window.get_by_label("raw").click();
    scene.wait("the promise", |window| {
        window.query_by_label("The trainer draws the raw weights after this step").is_some()
    });
    scene.press("Stop");
    scene.wait("the truth", |window| {
        window.query_by_label("The run has ended before it drew the raw weights").is_some()
    });
}
