//! The samples pane: one picture alone, raw weights, columns beside each other, zoom, time, saved files.

use std::path::Path;

use eframe::egui::accesskit::Role;
use eframe::egui::{Event, Key, Modifiers, OutputCommand, PointerButton, Pos2, Rect, vec2};
use egui_kittest::kittest::Queryable;
use image::RgbImage;
use signet::data::pixels;
use signet::run::message::Command;

use super::stage::{Scene, sample};

/// The grid file of a run: 36 pictures, each pixel four times as large.
pub fn write_grid(folder: &Path, name: &str, ripeness: f64) {
    let pictures: Vec<RgbImage> = (0..36).map(|index| sample(index, ripeness)).collect();
    std::fs::create_dir_all(folder).expect("a folder");
    pixels::grid(&pictures, 6, 4, 2).save(folder.join(name)).expect("a grid file");
}

pub fn trained() -> Scene {
    let mut scene = Scene::open();
    scene.train();
    scene.wait_trained();
    scene
}

/// Presses and releases the pointer within one frame: the time between two clicks is that of a frame.
fn click_at(scene: &mut Scene, pos: Pos2) {
    let button = |pressed| Event::PointerButton {
        pos,
        button: PointerButton::Primary,
        pressed,
        modifiers: Modifiers::NONE,
    };
    scene.window.input_mut().events.extend([Event::PointerMoved(pos), button(true), button(false)]);
    scene.window.step();
}

/// Opens the menu of what is put beside the samples.
pub fn open_menu(scene: &mut Scene) {
    scene.window.get_by_label("Beside").click();
    scene.wait("the menu", |window| window.query_by_label("The teacher").is_some());
}

#[test]
fn a_picture_is_looked_at_alone_and_its_neighbours_after_it() {
    let mut scene = trained();
    scene.window.get_by_label("sample 3").click();
    scene.wait("the picture", |window| window.query_by_label("sample 3 at full size").is_some());
    let rect = scene.window.get_by_label("sample 3 at full size").rect();
    assert_eq!(rect.width() % 16.0, 0.0, "whole screen pixels for each of 16: {rect:?}");
    assert!(rect.width() >= 256.0, "{rect:?}");
    let picture = scene.screenshot("single");
    let middle = picture.get_pixel(rect.center().x as u32, rect.center().y as u32).0;
    let want = sample(2, 1.0).get_pixel(8, 8).0;
    assert!((0..3).all(|c| middle[c].abs_diff(want[c]) < 12), "{middle:?} instead of {want:?}");
    for words in ["seed 2", "--seeds 2"] {
        let found = scene.window.query_all_by_label_contains(words).next().is_some();
        assert!(found, "no word of {words}");
    }
    scene.window.check_accessibility();
    scene.window.key_press(Key::ArrowRight);
    scene.wait("the next", |window| window.query_by_label("sample 4 at full size").is_some());
    scene.window.get_by_label("previous picture").click();
    scene.wait("the one before", |window| window.query_by_label("sample 3 at full size").is_some());
    scene.window.get_by_label("copy the picture").click();
    scene.window.step();
    let commands = &scene.window.output().platform_output.commands;
    assert!(commands.iter().any(|command| matches!(command, OutputCommand::CopyImage(_))), "{commands:?}");
    scene.window.key_press(Key::Escape);
    scene.wait("the grid", |window| window.query_by_label("sample 36").is_some());
}

#[test]
fn a_double_click_sends_a_sample_to_the_editor() {
    let mut scene = trained();
    let middle = scene.window.get_by_label("sample 3").rect().center();
    click_at(&mut scene, middle);
    click_at(&mut scene, middle);
    scene.wait_heard(
        "the request",
        |heard| matches!(heard, [Command::Edit(request)] if *request.image == sample(2, 1.0)),
    );
}

#[test]
fn raw_weights_are_drawn_only_while_somebody_looks() {
    let mut scene = trained();
    scene.window.get_by_label("raw").click();
    scene.wait_heard("the wish", |heard| matches!(heard, [Command::SampleRaw(true)]));
    scene.wait("the raw grid", |window| window.query_by_label("sample 1").is_some());
    scene.window.get_by_label("sample 1").click();
    scene.wait("the raw picture", |window| window.query_all_by_label_contains("· raw").next().is_some());
    for shown in [false, true] {
        scene.window.get_by_label("View").click();
        scene.wait("the menu", |window| window.query_by_label("show samples").is_some());
        scene.window.get_by_label("show samples").click();
        scene.wait_heard(
            "the pane is gone, then back",
            |heard| matches!(heard, [.., Command::SampleRaw(last)] if *last == shown),
        );
        scene.window.key_press(Key::Escape);
        scene.window.run_steps(4);
    }
    scene.window.get_by_label("EMA").click();
    scene.wait_heard("nobody looks", |heard| matches!(heard, [.., Command::SampleRaw(false)]));
}

#[test]
fn teacher_and_another_run_stand_beside_the_samples() {
    let mut scene = trained();
    let folder = tempfile::tempdir().expect("a folder");
    let other = folder.path().join("00003-demo-sid");
    write_grid(&other, "samples-sid-000060.png", 0.9);
    open_menu(&mut scene);
    scene.window.get_by_label("The teacher").click();
    scene.wait_heard("the wish", |heard| matches!(heard, [Command::ShowTeacher]));
    scene.wait("the teacher", |window| window.query_by_label("teacher's sample 36").is_some());
    scene.window.get_by_role_and_label(Role::TextInput, "Another run, by its folder").focus();
    scene.window.run_steps(1);
    let path = other.display().to_string();
    scene.window.get_by_role_and_label(Role::TextInput, "Another run, by its folder").type_text(&path);
    scene.window.run_steps(2);
    scene.window.get_by_label("Compare").click();
    scene.wait("the other run", |window| window.query_by_label("other run's sample 36").is_some());
    scene.window.key_press(Key::Escape);
    scene.window.run_steps(4);
    let nouns = ["sample", "teacher's sample", "other run's sample"];
    let rects = nouns.map(|noun| scene.window.get_by_label(&format!("{noun} 5")).rect());
    assert!(rects.iter().all(|rect| (rect.size() - rects[0].size()).length() < 0.1), "{rects:?}");
    scene.window.hover_at(rects[1].center());
    // The tile under the pointer is marked in every column.
    let picture = scene.screenshot("beside");
    for rect in [rects[0], rects[2]] {
        let [r, g, b, _] = picture.get_pixel(rect.center().x as u32, rect.top() as u32 - 1).0;
        assert!(g > r.saturating_add(40) && b > r, "no mark above {rect:?}: {:?}", [r, g, b]);
    }
    scene.window.check_accessibility();
    scene.window.get_by_label("sample 5").click();
    for noun in nouns {
        let label = format!("{noun} 5 at full size");
        scene.wait(noun, |window| window.query_by_label(&label).is_some());
    }
    scene.screenshot("beside-single");
    scene.window.get_by_label("other run's sample 5 at full size").click();
    scene
        .wait("its run", |window| window.query_all_by_label_contains("sid · 60 kimg · EMA").next().is_none());
    let command = scene.window.query_all_by_label_contains("00003-demo-sid --seeds 4").next().is_some();
    assert!(command, "the other run's command is shown");
}

#[test]
fn grids_of_earlier_sessions_are_on_the_slider() {
    let mut scene = Scene::open();
    for (kimg, ripeness) in [(4, 0.1), (8, 0.5)] {
        write_grid(&scene.run_dir(), &format!("samples-teacher-{kimg:06}.png"), ripeness);
    }
    scene.train();
    // They are found in the background.
    scene.wait("the caption of the second file", |window| {
        if let Some(slider) = window.query_by_role_and_label(Role::Slider, "past grids") {
            slider.set_value_accesskit(1.0);
        }
        window.query_by_label("teacher · 8 kimg").is_some()
    });
    let want = sample(6, 0.5).get_pixel(8, 8).0;
    // Well inside the pixel.
    let middle = scene.window.get_by_label("sample 7").rect().center() + vec2(2.0, 2.0);
    let shows = |scene: &mut Scene| {
        let picture = scene.screenshot("history");
        let [r, g, b, _] = picture.get_pixel(middle.x as u32, middle.y as u32).0;
        [r, g, b].iter().zip(want).all(|(got, want)| got.abs_diff(want) < 12)
    };
    assert!((0..50).any(|_| shows(&mut scene)), "the file's picture is not shown");
    // Two digits have room, too.
    let rect = |scene: &Scene, label: &str| scene.window.get_by_label(label).rect();
    let field = scene.window.get_by_role_and_label(Role::SpinButton, "past grids").rect();
    let (newest, edge) = (rect(&scene, "Newest"), rect(&scene, "save the grid as PNG").right());
    assert!(field.right() <= newest.left() && newest.right() <= edge + 1.0, "{field:?}, {newest:?}, {edge}");
    scene.window.get_by_label("Newest").click();
    scene.wait("the newest", |window| window.query_by_label("sign · 18.0 kimg · step 1 125").is_some());
    let field = scene.window.get_by_role_and_label(Role::SpinButton, "past grids").rect();
    assert!(field.right() <= edge + 1.0, "{field:?} is cut at {edge}");
}

#[test]
fn a_zoomed_grid_shows_whole_pixels_and_is_moved() {
    let mut scene = trained();
    let fitted = scene.window.get_by_label("sample 1").rect();
    scene.window.get_by_role_and_label(Role::Slider, "Zoom").set_value_accesskit(8.0);
    scene.wait("large tiles", |window| window.get_by_label("sample 1").rect().width() == 128.0);
    assert!(scene.window.query_by_label("sample 36").is_none(), "the last one is out of sight");
    // Only what has been larger than the pane for a frame can be dragged.
    scene.window.run_steps(2);
    let before = scene.window.get_by_label("sample 1").rect();
    let start = before.center();
    scene.window.drag_at(start);
    scene.window.step();
    scene.window.hover_at(start - vec2(60.0, 40.0));
    scene.window.step();
    scene.window.drop_at(start - vec2(60.0, 40.0));
    scene.wait("a moved grid", |window| {
        window.query_by_label("sample 1").is_none_or(|tile| tile.rect().left() < before.left() - 20.0)
    });
    assert!(scene.window.query_by_label("sample 1 at full size").is_none(), "a drag is no click");
    scene.screenshot("zoomed");
    scene.window.get_by_label("Fit all").click();
    scene.wait("the whole grid", |window| {
        window.query_by_label("sample 36").is_some() && window.get_by_label("sample 1").rect() == fitted
    });
}

#[test]
fn grids_and_pictures_are_saved_with_what_they_are() {
    let mut scene = trained();
    scene.window.get_by_label("save the grid as PNG").click();
    let saved = |scene: &mut Scene, name: &str| {
        scene.wait(name, |window| window.query_all_by_label_contains(name).next().is_some());
        scene.run_dir().join("saved").join(name)
    };
    let grid = saved(&mut scene, "grid-sign-1125.png");
    let size = image::image_dimensions(&grid).expect("the saved grid");
    assert_eq!(size, (6 * 66 - 2, 6 * 66 - 2));
    scene.window.get_by_label("sample 3").click();
    scene.wait("the picture", |window| window.query_by_label("sample 3 at full size").is_some());
    scene.window.get_by_label("save the picture as PNG").click();
    let single = saved(&mut scene, "sign-1125-sample-3.png");
    assert_eq!(image::open(&single).expect("the saved picture").into_rgb8(), sample(2, 1.0));
    let file = std::io::BufReader::new(std::fs::File::open(&single).expect("a file"));
    let reader = png::Decoder::new(file).read_info().expect("a PNG");
    let texts: Vec<_> =
        reader.info().uncompressed_latin1_text.iter().map(|text| (&*text.keyword, &*text.text)).collect();
    for text in [("recipe", "demo"), ("stage", "sign"), ("kimg", "18"), ("weights", "ema"), ("seed", "2")] {
        assert!(texts.contains(&text), "{text:?} is not among {texts:?}");
    }
}

#[test]
fn the_smallest_window_has_room_for_all_of_it() {
    let mut scene = Scene::open();
    let size = vec2(960.0, 640.0);
    scene.window.set_size(size);
    scene.train();
    scene.wait_trained();
    let screen = Rect::from_min_size(Pos2::ZERO, size);
    let pane = scene.window.get_by_label("move samples").rect().left();
    let edge = scene.window.get_by_label("move curves").rect().left();
    let inside = |scene: &Scene, label: &str| {
        let rect = scene.window.get_by_label(label).rect();
        let fits = screen.contains_rect(rect) && rect.left() >= pane - 1.0 && rect.right() <= edge;
        assert!(fits, "{label} is at {rect:?}");
    };
    scene.window.get_by_role_and_label(Role::Slider, "past grids").set_value_accesskit(2.0);
    scene.wait("a past grid", |window| window.query_by_label("Newest").is_some());
    for label in ["EMA", "raw", "Beside", "save the grid as PNG", "Fit all", "Newest", "sample 36"] {
        inside(&scene, label);
    }
    scene.screenshot("small-samples");
    scene.window.get_by_label("sample 36").click();
    scene.wait("the picture", |window| window.query_by_label("sample 36 at full size").is_some());
    for label in [
        "EMA",
        "previous picture",
        "next picture",
        "Back to the grid",
        "To the editor",
        "save the picture as PNG",
        "copy the picture",
        "Copy command",
        "Newest",
        "sample 36 at full size",
    ] {
        inside(&scene, label);
    }
    scene.screenshot("small-single");
    scene.window.get_by_label("Light").click();
    scene.window.run_steps(2);
    scene.screenshot("small-single-light");
}
