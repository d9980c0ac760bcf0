//! The panes: which are shown, the quiet ones behind their tabs, keys that work everywhere.

use eframe::egui::{Event, Key, Modifiers, vec2};
use egui_kittest::kittest::{NodeT, Queryable};
use signet::run::message::{Averaging, Command, Message, Stage};

use super::stage::{Scene, pictures, png, progress};
use crate::{SMALLEST, drop_files, flag};

#[test]
fn panes_are_hidden_shown_and_put_back() {
    let mut scene = Scene::open();
    scene.train();
    scene.wait("the samples", |window| window.query_by_label("sample 36").is_some());
    for pane in ["curves", "samples"] {
        scene.window.get_by_label("View").click();
        scene.window.run_steps(4);
        scene.window.get_by_label(&format!("show {pane}")).click();
        scene.window.run_steps(4);
        scene.window.key_press(Key::Escape);
        scene.window.run_steps(4);
    }
    assert!(scene.window.query_by_label("move curves").is_none());
    assert!(scene.window.query_by_label("sample 36").is_none());
    assert!(scene.window.query_by_label("move editor").is_some());
    scene.window.get_by_label("View").click();
    scene.window.run_steps(4);
    scene.window.get_by_label("Reset the layout").click();
    scene.window.run_steps(4);
    for label in ["move curves", "move samples", "move editor", "move log", "sample 36"] {
        assert!(scene.window.query_by_label(label).is_some(), "{label} is not back");
    }
}

#[test]
fn the_recipe_can_be_read_and_copied() {
    let mut scene = Scene::open();
    scene.train();
    scene.window.get_by_label("Recipe").click();
    scene.wait("the recipe", |window| window.query_by_label("the recipe as TOML").is_some());
    scene.window.get_by_label("Copy").click();
    scene.window.step();
    let copied = scene.window.output().platform_output.commands.iter().any(
        |command| matches!(command, eframe::egui::OutputCommand::CopyText(text) if text.contains("seed = 0")),
    );
    assert!(copied, "nothing was copied");
    scene.screenshot("recipe");
}

#[test]
fn judges_are_asked_only_while_somebody_looks() {
    let mut scene = Scene::open();
    scene.train();
    scene.wait("the samples", |window| window.query_by_label("sample 36").is_some());
    assert!(!scene.heard().iter().any(|command| matches!(command, Command::Diagnose)));
    scene.window.get_by_label("Diagnostics").click();
    scene.wait_heard("the question", |heard| matches!(heard, [Command::Diagnose]));
    let label = "fake score at noise 2.5";
    scene.wait("the judges", |window| window.query_by_label(label).is_some());
    scene.window.get_by_label("Diagnose now").click();
    scene.wait_heard("another", |heard| matches!(heard, [Command::Diagnose, Command::Diagnose]));
    scene.screenshot("diagnostics");
    scene.window.check_accessibility();
}

#[test]
fn a_teacher_has_no_student_to_judge() {
    let mut scene = Scene::open();
    scene.say(Message::StageStarted { stage: Stage::Teacher, parameters: 1_300_000 });
    let at = progress(Stage::Teacher, 2.0);
    scene.say(Message::Samples { at, averaging: Averaging::Ema, pictures: pictures(0.3), path: None });
    scene.window.get_by_label("Diagnostics").click();
    scene.wait("the samples", |window| window.query_by_label("sample 36").is_some());
    scene.window.run_steps(3);
    assert!(scene.window.get_by_label("Diagnose now").accesskit_node().is_disabled());
    assert!(scene.heard().is_empty(), "{:?}", scene.heard());
    scene.say(Message::StageStarted { stage: Stage::Sign, parameters: 1_300_000 });
    scene.wait_heard("the question", |heard| matches!(heard, [Command::Diagnose]));
}

#[test]
fn a_picture_that_is_dropped_or_pasted_brings_the_editor_back() {
    let mut scene = Scene::open();
    scene.train();
    scene.wait("the samples", |window| window.query_by_label("sample 36").is_some());
    let hide = |scene: &mut Scene| {
        scene.window.get_by_label("View").click();
        scene.window.run_steps(4);
        scene.window.get_by_label("show editor").click();
        scene.window.run_steps(4);
        scene.window.key_press(Key::Escape);
        scene.window.run_steps(4);
        assert!(scene.window.query_by_label("move editor").is_none());
    };
    hide(&mut scene);
    drop_files(&mut scene, vec![("flag.png", png(&flag()))]);
    scene.wait("the editor", |window| window.query_by_label("move editor").is_some());
    scene.wait("the projection", |window| window.query_by_label("after 2").is_some());
    hide(&mut scene);
    let path = scene.run_dir().join("second.png");
    flag().save(&path).expect("a picture");
    scene.window.event(Event::Paste(path.display().to_string()));
    scene.wait("the editor again", |window| window.query_by_label("picture 2").is_some());
    hide(&mut scene);
    scene.window.get_by_label("sample 3").click();
    scene.wait("the picture", |window| window.query_by_label("To the editor").is_some());
    scene.window.get_by_label("To the editor").click();
    scene.wait("the editor for a sample", |window| window.query_by_label("picture 3").is_some());
}

#[test]
fn a_long_title_leaves_the_buttons_alone() {
    let mut scene = Scene::open();
    scene.window.set_size(vec2(SMALLEST[0], SMALLEST[1]));
    let recipe = "a recipe whose name says everything that there is to say about it, twice over".to_owned();
    scene.say(Message::Started {
        run_dir: scene.run_dir(),
        recipe: recipe.clone(),
        device: "a made-up device".to_owned(),
        resolution: 16,
        resumed_from: None,
    });
    scene.say(Message::StageStarted { stage: Stage::Sign, parameters: 1_300_000 });
    scene.hold_stop();
    scene.say(Message::Paused);
    scene.wait("the paused state", |window| window.query_by_label("Resume").is_some());
    scene.press("Stop");
    scene.window.run_steps(3);
    let buttons = scene.window.get_by_label("Resume").rect().left();
    for label in [recipe.as_str(), "paused", "stopping: the trainer saves first…"] {
        // The log says some of it too, below.
        let places = scene.window.query_all_by_label(label).map(|node| node.rect());
        let rect = places.min_by(|a, b| a.top().total_cmp(&b.top())).expect("it is there");
        assert!(rect.right() <= buttons && rect.width() > 20.0, "{label} is at {rect:?}");
    }
    scene.screenshot("long-title");
}

#[test]
fn keys_command_the_run_and_their_sheet_lists_them() {
    let mut scene = Scene::open();
    scene.train();
    scene.wait("the samples", |window| window.query_by_label("sample 36").is_some());
    scene.window.key_press(Key::Space);
    scene.wait_heard("pause", |heard| matches!(heard, [Command::Pause]));
    scene.wait("paused", |window| window.query_by_label("Resume").is_some());
    scene.window.key_press(Key::Space);
    scene.wait_heard("resume", |heard| matches!(heard, [Command::Pause, Command::Resume]));
    scene.window.key_press(Key::G);
    scene.wait_heard("sample", |heard| matches!(heard, [.., Command::SampleNow]));
    scene.window.key_press(Key::F5);
    scene.wait_heard("save", |heard| matches!(heard, [.., Command::SaveNow]));
    scene.window.key_press_modifiers(Modifiers::SHIFT, Key::Questionmark);
    scene.wait("the sheet", |window| window.query_by_label("pause or resume").is_some());
    scene.screenshot("keys");
    scene.window.key_press(Key::Escape);
    scene.wait("no sheet", |window| window.query_by_label("pause or resume").is_none());
    // Where a question mark is hard to type, and by the pointer.
    scene.window.key_press(Key::F1);
    scene.wait("the sheet", |window| window.query_by_label("pause or resume").is_some());
    scene.window.key_press(Key::F1);
    scene.wait("no sheet", |window| window.query_by_label("pause or resume").is_none());
    scene.window.get_by_label("?").click();
    scene.wait("the sheet", |window| window.query_by_label("pause or resume").is_some());
}
