//! The pane that makes pictures of new seeds: by what it asks the trainer for, and what it saves.

use eframe::egui::accesskit::Role;
use eframe::egui::{Key, OutputCommand};
use egui_kittest::kittest::{NodeT, Queryable};
use signet::recipe;
use signet::run::message::{Command, Ending, MakeRequest, Message};

use super::stage::{BAD_SEED, Scene, classes, sample};

/// What stands under pictures of which none is chosen.
const HINT: &str = "click a picture to choose it, double-click to edit it";

/// A run in the middle of its student's stage, with the pane in front.
fn generating() -> Scene {
    let mut scene = Scene::open();
    let recipe = recipe::preset("demo").expect("the demo");
    scene.say(Message::Recipe(recipe::to_toml(&recipe).expect("TOML").into()));
    scene.train();
    scene.wait_trained();
    scene.window.get_by_label("Generate").click();
    scene.wait("the pane", |window| window.query_by_label("generate these seeds").is_some());
    scene
}

fn requests(scene: &Scene) -> Vec<MakeRequest> {
    let heard = scene.heard().into_iter();
    heard
        .filter_map(|command| if let Command::Make(request) = command { Some(request) } else { None })
        .collect()
}

/// Clicks, and takes the pointer away: what it rests on says more after a while.
fn press(scene: &mut Scene, label: &str) {
    scene.window.get_by_label(label).click();
    scene.window.step();
    scene.window.remove_cursor();
    scene.window.run_steps(3);
}

fn says(scene: &Scene, label: &str) -> bool {
    scene.window.query_all_by_label(label).next().is_some()
}

fn set(scene: &mut Scene, label: &str, value: f64) {
    scene.window.get_by_role_and_label(Role::SpinButton, label).set_value_accesskit(value);
    scene.window.run_steps(2);
}

#[test]
fn pictures_of_new_seeds_are_made_and_shown() {
    let mut scene = generating();
    scene.screenshot("generate-empty");
    assert!(!says(&scene, HINT), "there is nothing to choose");
    press(&mut scene, "generate these seeds");
    scene.wait("the pictures", |window| window.query_by_label("generated 36").is_some());
    let first = requests(&scene).remove(0);
    assert_eq!((first.first_seed, first.count, first.class), (36, 36, None), "after the run's own seeds");
    let picture = scene.screenshot("generate");
    let middle = scene.window.get_by_label("generated 3").rect().center();
    let shown = picture.get_pixel(middle.x as u32, middle.y as u32).0;
    let want = sample(38, 1.0).get_pixel(8, 8).0;
    assert!((0..3).all(|c| shown[c].abs_diff(want[c]) < 12), "{shown:?} instead of {want:?}");
    set(&mut scene, "Pictures", 4.0);
    press(&mut scene, "generate the next seeds");
    scene.wait("four pictures", |window| window.query_by_label("generated 5").is_none());
    let second = requests(&scene).remove(1);
    assert_eq!((second.first_seed, second.count), (40, 4));
    assert!(second.ticket != first.ticket);
    let caption = "4 pictures · seeds 40–43 · sign at 18.0 kimg";
    assert!(scene.window.query_by_label(caption).is_some(), "what they are is said");
    // One of them is chosen, and can be edited. Nothing moves by that: the second click of two hits the same one.
    assert!(says(&scene, HINT));
    let place = |scene: &Scene| scene.window.get_by_label("generated 2").rect();
    let before = place(&scene);
    press(&mut scene, "generated 2");
    assert!(says(&scene, "seed 41") && !says(&scene, HINT));
    assert_eq!(place(&scene), before);
    scene.window.get_by_label("Copy command").click();
    scene.window.step();
    let copied = |command: &OutputCommand| matches!(command, OutputCommand::CopyText(text) if text.ends_with(" --seeds 41"));
    assert!(scene.window.output().platform_output.commands.iter().any(copied), "nothing was copied");
    press(&mut scene, "To the editor");
    scene.wait_heard("the edit", |heard| {
        matches!(heard.last(), Some(Command::Edit(request))
            if request.name == "sign-seed-41" && *request.image == sample(41, 1.0))
    });
    scene.window.check_accessibility();
}

#[test]
fn only_classes_with_pictures_are_offered() {
    let mut scene = generating();
    assert!(scene.window.query_by_label("Class").is_none(), "the model is told none");
    scene.say(Message::Classes(classes()));
    scene.wait("the classes", |window| window.query_by_label("Class").is_some());
    scene.window.get_by_role_and_label(Role::ComboBox, "Class").click();
    scene.wait("the menu", |window| window.query_by_label("1: cat").is_some());
    for offered in 0..6 {
        let label = format!("{offered}: ");
        // The log has numbers before a colon too.
        let begins = |name: Option<String>| name.is_some_and(|name| name.starts_with(&label));
        let mut all = scene.window.query_all_by_label_contains(&label);
        let is_offered = all.any(|node| begins(node.accesskit_node().label()));
        assert_eq!(is_offered, [1, 4].contains(&offered), "class {offered}");
    }
    scene.screenshot("generate-classes");
    scene.window.get_by_label("1: cat").click();
    scene.window.run_steps(3);
    press(&mut scene, "generate these seeds");
    scene.wait("the pictures", |window| window.query_by_label("generated 36").is_some());
    assert_eq!(requests(&scene)[0].class, Some(1));
    press(&mut scene, "generated 1");
    assert!(says(&scene, "seed 36 · class 1: cat"));
}

#[test]
fn pictures_are_saved_with_what_they_are() {
    let mut scene = generating();
    let disabled =
        |scene: &Scene, label: &str| scene.window.get_by_label(label).accesskit_node().is_disabled();
    assert!(disabled(&scene, "save generated pictures"), "there is nothing to save");
    set(&mut scene, "Pictures", 3.0);
    press(&mut scene, "generate these seeds");
    scene.wait("the pictures", |window| window.query_by_label("generated 3").is_some());
    press(&mut scene, "save generated pictures");
    scene.screenshot("generate-save");
    press(&mut scene, "Save 3 pictures");
    scene.wait("the folder", |window| window.query_all_by_label_contains("seeds-36-38").next().is_some());
    let folder = scene.run_dir().join("generated").join("sign-18kimg-seeds-36-38");
    let picture = folder.join("seed-000037.png");
    assert_eq!(image::open(&picture).expect("a picture").into_rgb8(), sample(37, 1.0));
    let file = std::io::BufReader::new(std::fs::File::open(&picture).expect("a file"));
    let reader = png::Decoder::new(file).read_info().expect("a PNG");
    let texts: Vec<_> =
        reader.info().uncompressed_latin1_text.iter().map(|text| (&*text.keyword, &*text.text)).collect();
    for text in [("recipe", "demo"), ("stage", "sign"), ("kimg", "18"), ("weights", "ema"), ("seed", "37")] {
        assert!(texts.contains(&text), "{text:?} is not among {texts:?}");
    }
    // The same once more, as one sheet, elsewhere.
    press(&mut scene, "save generated pictures");
    scene.window.get_by_label("Save to folder").focus();
    scene.window.run_steps(2);
    scene.window.get_by_label("Save to folder").type_text("sheets");
    scene.window.run_steps(2);
    press(&mut scene, "all on one sheet, as one PNG");
    press(&mut scene, "Save 3 pictures");
    scene.wait("the sheet", |window| window.query_all_by_label_contains("seeds-36-38.png").next().is_some());
    let sheet = scene.run_dir().join("sheets").join("sign-18kimg-seeds-36-38.png");
    assert_eq!(image::image_dimensions(sheet).expect("a sheet"), (2 * 64 + 2, 2 * 64 + 2));
}

#[test]
fn what_takes_long_is_called_off_and_what_fails_is_told() {
    let mut scene = generating();
    scene.hold_making();
    press(&mut scene, "generate these seeds");
    scene.wait("how far it is", |window| window.query_by_label("12 of 36").is_some());
    scene.screenshot("generate-waiting");
    press(&mut scene, "Cancel");
    let ticket = requests(&scene)[0].ticket;
    scene.wait_heard(
        "that it is called off",
        |heard| matches!(heard.last(), Some(Command::CancelMake(cancelled)) if *cancelled == ticket),
    );
    let mut scene = generating();
    set(&mut scene, "Seeds from", f64::from(BAD_SEED));
    press(&mut scene, "generate these seeds");
    scene.wait("the reason", |window| window.query_all_by_label_contains("not finite").next().is_some());
}

#[test]
fn a_run_that_has_ended_says_what_comes_next() {
    let mut scene = Scene::open();
    scene.train();
    scene.wait_trained();
    assert!(scene.window.query_by_label("Generate pictures").is_none());
    let recipe = recipe::preset("demo").expect("the demo");
    let toml = recipe::to_toml(&recipe).expect("TOML");
    std::fs::write(scene.run_dir().join("recipe.toml"), &toml).expect("a recipe");
    scene.say(Message::Recipe(toml.into()));
    scene.say(Message::Done { why: Ending::Finished, run_dir: scene.run_dir() });
    scene.wait("what comes next", |window| window.query_by_label("Generate pictures").is_some());
    for label in ["Edit a picture", "Copy the command that measures it", "Show the folder", "Train longer"] {
        assert!(scene.window.query_by_label(label).is_some(), "{label} is not offered");
    }
    scene.screenshot("done");
    scene.window.get_by_label("Copy the command that measures it").click();
    scene.window.step();
    let copied = scene
        .window
        .output()
        .platform_output
        .commands
        .iter()
        .any(|command| matches!(command, OutputCommand::CopyText(text) if text.contains("signet eval")));
    assert!(copied, "nothing was copied");
    press(&mut scene, "Generate pictures");
    press(&mut scene, "generate these seeds");
    scene.wait("the pictures", |window| window.query_by_label("generated 36").is_some());
    // Nobody is left to make any once the trainer is gone.
    scene.hang_up();
    scene
        .wait("the end", |window| window.get_by_label("generate these seeds").accesskit_node().is_disabled());
    scene.window.key_press(Key::Escape);
    scene.window.run_steps(2);
    assert!(scene.window.query_by_label("generated 36").is_some(), "what was made stays");
}
