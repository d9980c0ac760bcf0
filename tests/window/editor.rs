//! The editor's pane: painting, projecting, looking at what came of it, and taking it back.

use std::sync::Arc;

use eframe::egui::accesskit::Role;
use eframe::egui::{Color32, ColorImage, Event, Key, Modifiers, OutputCommand, Pos2, Vec2};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use image::GrayImage;
use signet::app::{Dialog, Studio};
use signet::edit::{Fit, Way};
use signet::run::message::{Command, EditRequest, Message, Weights};

use super::stage::{Scene, png};
use crate::{drop_files, flag};

/// The window with one picture, whose projection has come.
pub fn projected() -> Scene {
    let mut scene = Scene::open();
    scene.train();
    drop_files(&mut scene, vec![("flag.png", png(&flag()))]);
    scene.wait("the projection", |window| window.query_by_label("after 2").is_some());
    scene
}

/// Clicks and lets menus open and frames settle.
pub fn click(scene: &mut Scene, label: &str) {
    scene.window.get_by_label(label).click();
    scene.window.run_steps(4);
}

pub fn choose(scene: &mut Scene, combo: &str, option: &str) {
    scene.window.get_by_role_and_label(Role::ComboBox, combo).click();
    scene.window.run_steps(4);
    click(scene, option);
}

/// Opens the sheet with all settings, does what is to be done there, and closes it where it lay over the picture.
pub fn more<T>(scene: &mut Scene, act: impl FnOnce(&mut Scene) -> T) -> T {
    let is_open = |scene: &Scene| scene.window.query_by_role_and_label(Role::ComboBox, "Mode").is_some();
    let was_open = is_open(scene);
    if !was_open {
        click(scene, "More");
    }
    let done = act(scene);
    if !was_open && is_open(scene) {
        click(scene, "More");
    }
    done
}

pub fn choose_mode(scene: &mut Scene, option: &str) {
    more(scene, |scene| choose(scene, "Mode", option));
}

/// The edits that were asked for.
pub fn requests(scene: &Scene) -> Vec<EditRequest> {
    let edits = scene.heard().into_iter().filter_map(|command| match command {
        Command::Edit(request) => Some(request),
        _ => None,
    });
    edits.collect()
}

/// Presses Project and returns what is asked for.
pub fn project(scene: &mut Scene) -> EditRequest {
    let before = scene.heard().len();
    more(scene, |scene| click(scene, "Project"));
    scene.wait_heard("the request", |heard| heard[before..].iter().any(|c| matches!(c, Command::Edit(_))));
    requests(scene).pop().expect("a request")
}

/// Drags the pointer over part of what is called `label`, from its middle.
pub fn drag(scene: &mut Scene, label: &str, by: Vec2) -> Pos2 {
    let start = scene.window.get_by_label(label).rect().center();
    scene.window.drag_at(start);
    scene.window.step();
    scene.window.hover_at(start + by);
    scene.window.step();
    scene.window.drop_at(start + by);
    scene.window.run_steps(2);
    start
}

pub fn stroke(scene: &mut Scene) {
    click(scene, "Paint");
    drag(scene, "mask canvas", Vec2::new(20.0, 0.0));
}

pub fn marked(mask: &Option<Arc<GrayImage>>) -> usize {
    mask.as_ref().map_or(0, |mask| mask.iter().filter(|value| **value == u8::MAX).count())
}

pub fn says(window: &Harness<'static, Studio>, words: &str) -> bool {
    window.query_all_by_label_contains(words).next().is_some()
}

pub fn mode(scene: &mut Scene) -> String {
    let read = |scene: &mut Scene| {
        scene
            .window
            .get_by_role_and_label(Role::ComboBox, "Mode")
            .accesskit_node()
            .value()
            .unwrap_or_default()
    };
    more(scene, read)
}

#[test]
fn a_painted_mask_goes_with_the_request_and_outlives_it() {
    let mut scene = projected();
    assert_eq!(mode(&mut scene), "Auto: direct");
    stroke(&mut scene);
    assert_eq!(mode(&mut scene), "Auto: inpaint");
    scene.screenshot("editor-paint");
    let request = project(&mut scene);
    assert!((1..256).contains(&marked(&request.mask)), "{} pixels are marked", marked(&request.mask));
    assert_eq!((request.wish.way, request.wish.steps), (None, Some(8)));
    scene.wait("the result", |window| window.query_by_label("after 8").is_some());
    choose_mode(&mut scene, "Colourise");
    let colours = project(&mut scene);
    assert_eq!((colours.wish.way, marked(&colours.mask)), (Some(Way::Colourise), 0));
    choose_mode(&mut scene, "Inpaint");
    assert_eq!(marked(&project(&mut scene).mask), marked(&request.mask), "the mask is still there");
}

#[test]
fn strokes_and_projections_are_undone_and_done_again() {
    let mut scene = projected();
    stroke(&mut scene);
    let all = marked(&project(&mut scene).mask);
    scene.wait("the result", |window| window.query_by_label("after 8").is_some());
    click(&mut scene, "Undo");
    scene.wait("the first result", |window| window.query_by_label("after 8").is_none());
    assert_eq!(marked(&project(&mut scene).mask), all, "the stroke is still there");
    scene.wait("the result", |window| window.query_by_label("after 8").is_some());
    scene.window.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    scene.window.run_steps(2);
    scene.window.key_press_modifiers(Modifiers::COMMAND, Key::Z);
    scene.window.run_steps(2);
    assert_eq!(mode(&mut scene), "Auto: direct", "the stroke is undone");
    scene.window.key_press_modifiers(Modifiers::COMMAND | Modifiers::SHIFT, Key::Z);
    scene.window.run_steps(2);
    assert_eq!(mode(&mut scene), "Auto: inpaint");
    click(&mut scene, "Redo");
    assert!(scene.window.query_by_label("after 8").is_some());
}

#[test]
fn a_corrupted_picture_is_edited_and_brought_back() {
    let mut scene = projected();
    click(&mut scene, "Corrupt");
    click(&mut scene, "box mask");
    scene.window.key_press(Key::Escape);
    scene.wait("the picture", |window| window.query_by_label("mask canvas").is_some());
    let request = project(&mut scene);
    assert_eq!((marked(&request.mask), request.image.get_pixel(8, 8).0), (64, [0; 3]));
    assert_eq!(request.image.get_pixel(0, 0), flag().get_pixel(0, 0));
    scene.wait("the result", |window| window.query_by_label("after 8").is_some());
    click(&mut scene, "Undo");
    click(&mut scene, "Undo");
    let request = project(&mut scene);
    assert_eq!((*request.image).clone(), flag());
    assert!(request.mask.is_none());
}

#[test]
fn a_result_can_be_looked_at_in_every_way() {
    let mut scene = projected();
    click(&mut scene, "Slider");
    let divider = "divider between before and after";
    let at = |scene: &Scene| scene.window.get_by_label(divider).accesskit_node().numeric_value();
    assert_eq!(at(&scene), Some(0.5));
    scene.window.get_by_label(divider).focus();
    scene.window.run_steps(2);
    scene.window.key_press(Key::ArrowRight);
    scene.window.run_steps(2);
    assert!(at(&scene).is_some_and(|share| (share - 0.55).abs() < 1e-3), "{:?}", at(&scene));
    drag(&mut scene, divider, Vec2::new(-1000.0, 0.0));
    assert_eq!(at(&scene), Some(0.0));
    scene.screenshot("editor-slider");
    click(&mut scene, "Steps");
    click(&mut scene, "after 1");
    click(&mut scene, "Difference");
    // The made-up model inverts: 30 becomes 225, a difference that is not magnified.
    // It comes before what may be cut off.
    assert!(says(&scene.window, "difference from before, ×1 · flag.png · "));
    assert!(says(&scene.window, "applied once"));
    scene.screenshot("editor-difference");
    let button = scene.window.get_by_label("Hold to compare").rect().center();
    scene.window.drag_at(button);
    scene.window.run_steps(2);
    assert!(scene.window.query_by_label("difference").is_none());
    scene.window.drop_at(button);
    scene.window.run_steps(2);
    assert!(scene.window.query_by_label("difference").is_some());
    click(&mut scene, "Side by side");
    scene.window.key_down(Key::C);
    scene.window.run_steps(2);
    assert!(scene.window.query_by_label("before, for after 1").is_some());
    scene.window.key_up(Key::C);
    scene.window.run_steps(2);
    assert!(scene.window.query_by_label("after 1").is_some());
}

#[test]
fn repeats_send_the_result_and_say_how_far_it_drifts() {
    let mut scene = projected();
    click(&mut scene, "Steps");
    click(&mut scene, "after 1");
    for count in 1..=2 {
        more(&mut scene, |scene| click(scene, "Repeat projection"));
        scene.wait_heard("the request", |heard| heard.len() == count + 1);
    }
    scene.wait("both numbers", |window| says(window, "each repeat moved it 1.200 · 1.200 rms"));
    scene.screenshot("editor-drift");
    let mut inverted = flag();
    image::imageops::invert(&mut inverted);
    let heard = requests(&scene);
    for (request, picture) in heard[1..].iter().zip([inverted, flag()]) {
        assert_eq!((*request.image).clone(), picture);
        let wish = &request.wish;
        assert_eq!((wish.way, wish.steps, wish.strength_sigma), (Some(Way::Direct), Some(1), Some(0.0)));
    }
    assert!(scene.window.query_by_label("after 2").is_some(), "the result itself stays");
    click(&mut scene, "after 2");
    assert!(!says(&scene.window, "each repeat moved"), "of another result nothing is known");
}

#[test]
fn a_result_becomes_the_picture() {
    let mut scene = projected();
    click(&mut scene, "Steps");
    click(&mut scene, "after 1");
    click(&mut scene, "Use as input");
    scene.wait("the picture", |window| window.query_by_label("mask canvas").is_some());
    let mut inverted = flag();
    image::imageops::invert(&mut inverted);
    assert_eq!((*project(&mut scene).image).clone(), inverted);
}

#[test]
fn a_saved_picture_says_how_it_came_about() {
    let mut scene = projected();
    click(&mut scene, "Save PNG");
    scene.wait("the path", |window| says(window, "saved "));
    let path = scene.run_dir().join("edits").join("flag-2.png");
    let file = std::io::BufReader::new(std::fs::File::open(path).expect("the saved file"));
    let reader = png::Decoder::new(file).read_info().expect("a PNG");
    let texts = &reader.info().uncompressed_latin1_text;
    let text = texts.iter().find(|text| text.keyword == "signet").expect("parameters");
    let words: serde_json::Value = serde_json::from_str(&text.text).expect("JSON");
    assert_eq!(
        (&words["mode"], &words["steps"], &words["file"], &words["model"]),
        (&"direct".into(), &2.into(), &"flag.png".into(), &"sign at 18.0 kimg".into())
    );
}

#[test]
fn a_result_is_copied() {
    let mut scene = projected();
    scene.window.get_by_label("Copy image").click();
    scene.window.step();
    let copied = scene
        .window
        .output()
        .platform_output
        .commands
        .iter()
        .any(|command| matches!(command, OutputCommand::CopyImage(image) if image.size == [16, 16]));
    assert!(copied, "nothing was copied");
}

#[test]
fn an_edit_says_how_far_it_is_and_is_called_off() {
    let mut scene = projected();
    scene.hold_edits();
    let request = project(&mut scene);
    scene.say(Message::Editing { ticket: request.ticket, done: 2, total: 8 });
    scene.wait("the progress", |window| says(window, "2 of 8"));
    scene.screenshot("editor-progress");
    click(&mut scene, "Cancel");
    scene.wait_heard(
        "the end of it",
        |heard| matches!(heard, [.., Command::CancelEdit(ticket)] if *ticket == request.ticket),
    );
    assert!(!says(&scene.window, "2 of 8"));
    assert!(scene.window.query_by_label("after 2").is_some(), "the earlier result stays");
    // A second request takes the place of one that is not answered.
    let first = project(&mut scene);
    let second = project(&mut scene);
    let tail: Vec<_> = scene.heard().into_iter().rev().take(2).collect();
    assert!(
        matches!(&tail[..], [Command::Edit(last), Command::CancelEdit(old)]
            if last.ticket == second.ticket && *old == first.ticket),
        "{tail:?}"
    );
}

#[test]
fn masks_are_saved_and_loaded() {
    let mut scene = projected();
    stroke(&mut scene);
    let count = marked(&project(&mut scene).mask);
    click(&mut scene, "Paint");
    click(&mut scene, "Mask");
    click(&mut scene, "Save mask");
    scene.wait("the path", |window| says(window, "saved "));
    let path = scene.run_dir().join("edits").join("flag-mask.png");
    click(&mut scene, "Clear mask");
    assert_eq!(mode(&mut scene), "Auto: direct");
    click(&mut scene, "Mask");
    click(&mut scene, "Load mask");
    let field = scene.window.get_by_role_and_label(Role::TextInput, "Image path");
    field.focus();
    scene.window.run_steps(2);
    let field = scene.window.get_by_role_and_label(Role::TextInput, "Image path");
    field.type_text(&path.display().to_string());
    scene.window.run_steps(2);
    click(&mut scene, "Add");
    assert_eq!(mode(&mut scene), "Auto: inpaint");
    assert_eq!(marked(&project(&mut scene).mask), count);
    assert!(scene.window.query_by_label("picture 2").is_none(), "the mask is no picture");
}

#[test]
fn pictures_are_chosen_in_a_dialog() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("chosen.png");
    flag().save(&path).expect("a picture");
    let mut scene = Scene::open_asking(Dialog::with(move |_| Ok(vec![path.clone()])));
    scene.train();
    scene.wait("the run", |window| window.query_by_label("sample 1").is_some());
    click(&mut scene, "Open…");
    scene.wait_heard(
        "the request",
        |heard| matches!(heard, [Command::Edit(request)] if request.name == "chosen.png"),
    );
}

#[test]
fn pasted_paths_are_opened_and_all_are_projected_at_once() {
    let mut scene = projected();
    let path = scene.run_dir().join("second flag.png");
    flag().save(&path).expect("a picture");
    let url = format!("file://{}", path.display().to_string().replace(' ', "%20"));
    scene.window.event(Event::Paste(url));
    scene.wait("the second picture", |window| window.query_by_label("picture 2").is_some());
    scene.wait_heard("its request", |heard| heard.len() == 2);
    scene.wait("its result", |window| window.query_by_label("after 2").is_some());
    more(&mut scene, |scene| click(scene, "Project all"));
    scene.wait_heard("both", |heard| heard.len() == 4);
    let names: Vec<_> = requests(&scene)[2..].iter().map(|request| request.name.clone()).collect();
    assert_eq!(names, ["flag.png", "second flag.png"]);
}

#[test]
fn a_picture_of_the_clipboard_is_opened_or_taken_as_a_mask() {
    let mut scene = projected();
    let flag = flag();
    let copied = Arc::new(ColorImage::from_rgb([16, 16], flag.as_raw()));
    scene.window.event(Event::PasteImage(copied));
    scene.wait("the second picture", |window| window.query_by_label("picture 2").is_some());
    scene.wait_heard("its request", |heard| heard.len() == 2);
    scene.wait("its result", |window| window.query_by_label("after 2").is_some());
    let request = requests(&scene).pop().expect("a request");
    assert_eq!((request.name.as_str(), request.image.as_raw()), ("pasted picture", flag.as_raw()));
    click(&mut scene, "Paint");
    click(&mut scene, "Mask");
    click(&mut scene, "Load mask");
    let white = |i| if i % 16 < 4 { Color32::WHITE } else { Color32::TRANSPARENT };
    let mask = ColorImage::new([16, 16], (0..256).map(white).collect());
    scene.window.event(Event::PasteImage(Arc::new(mask)));
    scene.window.run_steps(4);
    assert_eq!(mode(&mut scene), "Auto: inpaint");
    assert_eq!(marked(&project(&mut scene).mask), 64);
    assert!(scene.window.query_by_label("picture 3").is_none(), "the mask is no picture");
}

#[test]
fn settings_reach_the_request() {
    let mut scene = projected();
    let checkpoint = scene.run_dir().join("checkpoints").join("step-1125");
    std::fs::create_dir_all(&checkpoint).expect("a checkpoint");
    choose_mode(&mut scene, "Super-resolve");
    more(&mut scene, |scene| {
        scene.screenshot("editor-more");
        click(scene, "Weights: newest");
        click(scene, "step-1125");
        click(scene, "Tiles");
    });
    assert!(says(&scene.window, "the settings have changed"));
    let request = project(&mut scene);
    let wish = &request.wish;
    assert_eq!((wish.way, wish.fit, wish.patch), (Some(Way::SuperResolve), Fit::Tiles, Some(4)));
    assert!(matches!(&request.weights, Weights::Checkpoint(path) if *path == checkpoint), "{request:?}");
}

#[test]
fn a_large_editor_has_all_settings_in_its_rows() {
    let mut scene = projected();
    scene.window.set_size(Vec2::new(2600.0, 1500.0));
    scene.window.run_steps(3);
    stroke(&mut scene);
    assert!(scene.window.query_by_label("Seed").is_none(), "what a newcomer does not need is away at first");
    click(&mut scene, "More");
    let canvas = scene.window.get_by_label("mask canvas").rect();
    assert!(
        scene.window.get_by_label("Seed").rect().bottom() < canvas.top(),
        "nothing lies over the picture"
    );
    for label in ["Seed", "Fit", "Weights: newest", "Project all", "Brush", "Eraser", "Lasso", "Box"] {
        assert!(scene.window.query_by_label(label).is_some(), "no {label}");
    }
    click(&mut scene, "Invert mask");
    click(&mut scene, "Light");
    scene.screenshot("editor-large");
    click(&mut scene, "Clear mask");
    assert_eq!(mode(&mut scene), "Auto: direct");
}

#[test]
fn the_smallest_editor_has_everything_within_reach() {
    let mut scene = Scene::open();
    scene.window.set_size(Vec2::from(crate::SMALLEST));
    scene.train();
    drop_files(&mut scene, vec![("flag.png", png(&flag()))]);
    scene.wait("the projection", |window| window.query_by_label("after 2").is_some());
    let seen = |scene: &mut Scene, label: &str| {
        let screen = eframe::egui::Rect::from_min_size(Pos2::ZERO, Vec2::from(crate::SMALLEST));
        let rect = scene.window.get_by_label(label).rect();
        assert!(screen.contains_rect(rect), "{label} is at {rect:?}");
    };
    for label in ["Undo", "Redo", "Original", "Corrupt", "Hold to compare", "Use as input", "More"] {
        seen(&mut scene, label);
    }
    for label in ["Denoise", "Fill", "Colour", "Sharpen", "Another"] {
        seen(&mut scene, label);
    }
    more(&mut scene, |scene| {
        for label in ["Project", "Seed", "Tiles", "Weights: newest", "Project all", "Repeat projection"] {
            seen(scene, label);
        }
        // What is set and what carries it out are one line.
        let mode = scene.window.get_by_role_and_label(Role::ComboBox, "Mode").rect();
        let go = scene.window.get_by_label("Project").rect();
        assert!((go.center().y - mode.center().y).abs() < 4.0, "{go:?} is not beside {mode:?}");
        scene.screenshot("editor-small-more");
    });
    for label in ["Copy image", "Save PNG", "Add"] {
        seen(&mut scene, label);
    }
    let listed = scene.window.get_by_label("picture 1").rect();
    let field = scene.window.get_by_role_and_label(Role::TextInput, "Image path").rect();
    assert!(listed.bottom() < field.top(), "{listed:?} is cut off above {field:?}");
    for view in ["Slider", "Difference", "Steps", "Paint"] {
        choose(&mut scene, "Look at", view);
        scene.screenshot(&format!("editor-small-{view}"));
    }
    let canvas = scene.window.get_by_label("mask canvas").rect();
    assert!(canvas.width() > 60.0, "there is room to paint: {canvas:?}");
    choose(&mut scene, "Tool", "Lasso");
    click(&mut scene, "Mask");
    for label in ["Invert mask", "Clear mask", "Load mask", "Save mask"] {
        seen(&mut scene, label);
    }
    scene.screenshot("editor-small-menu");
    scene.window.check_accessibility();
    scene.window.key_press(Key::Escape);
    choose(&mut scene, "Look at", "Side by side");
    click(&mut scene, "Light");
    scene.screenshot("editor-small-light");
    click(&mut scene, "?");
    seen(&mut scene, "this sheet");
    scene.screenshot("editor-small-keys");
}
