//! The curves pane: every control by its label, and what it does to the picture and the files.

use std::path::Path;

use eframe::egui::accesskit::Role;
use eframe::egui::{Rect, pos2};
use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use image::{RgbImage, RgbaImage};

use signet::app::Studio;
use signet::run::message::{Averaging, Left, Message, Progress, Stage};

use super::stage::{Scene, pictures, progress};

/// A scene whose losses are on the screen.
fn trained() -> Scene {
    let mut scene = Scene::open();
    scene.train();
    scene.wait_trained();
    scene
}

fn has(window: &Harness<'static, Studio>, label: &str) -> bool {
    window.query_by_label(label).is_some()
}

fn says(window: &Harness<'static, Studio>, words: &str) -> bool {
    window.query_all_by_label_contains(words).next().is_some()
}

fn click(scene: &mut Scene, label: &str) {
    scene.window.get_by_label(label).click();
    scene.window.run_steps(3);
}

/// Clicks in a menu that opens with the button `menu`, then closes it.
fn choose(scene: &mut Scene, menu: &str, label: &str) {
    click(scene, menu);
    click(scene, label);
    scene.window.key_press(eframe::egui::Key::Escape);
    scene.window.run_steps(3);
}

fn metric(scene: &Scene, name: &'static str, kimg: f64, value: f64, conditions: &str) {
    let at = progress(Stage::Sign, kimg);
    scene.say(Message::Metric {
        at,
        name: name.into(),
        value,
        conditions: conditions.to_owned(),
        on: "".into(),
    });
}

/// Pixels of `area` (points, one pixel each) with a colour to speak of.
fn lively(picture: &RgbaImage, area: Rect) -> usize {
    let inside = |x: u32, y: u32| area.contains(pos2(x as f32, y as f32));
    let coloured = |[r, g, b, _]: [u8; 4]| r.max(g).max(b) - r.min(g).min(b) > 60;
    picture.enumerate_pixels().filter(|(x, y, p)| inside(*x, *y) && coloured(p.0)).count()
}

fn differing(a: &RgbaImage, b: &RgbaImage, area: Rect) -> usize {
    let pixels = a.enumerate_pixels().zip(b.pixels());
    pixels.filter(|((x, y, p), q)| area.contains(pos2(*x as f32, *y as f32)) && p != q).count()
}

fn plot(scene: &Scene, axis: &str) -> Rect {
    scene.window.get_by_label(&format!("curves of {axis}")).rect()
}

/// Holds the pointer still over a chart until its values are there.
fn hover(scene: &mut Scene, at: eframe::egui::Pos2) {
    scene.window.hover_at(at);
    scene.window.run_steps(5);
}

/// A run folder with curves of its own: `rec` falls as the made-up trainer's does, twice as high.
fn other_run(folder: &Path, name: &str) -> std::path::PathBuf {
    let run = folder.join(name);
    std::fs::create_dir(&run).expect("a run folder");
    let line = |step: u64| {
        let kimg = step as f64 * 0.016;
        let rec = 0.7 * (-kimg / 3.0).exp() + 0.1;
        format!(
            "{{\"stage\":\"sign\",\"step\":{step},\"total_steps\":{step},\"kimg\":{kimg},\"elapsed_secs\":{step},\"rec\":{rec},\"images_per_sec\":100.0}}\n"
        )
    };
    let text: String = (1..=1000).step_by(16).map(line).collect();
    std::fs::write(run.join("stats.jsonl"), text).expect("its numbers");
    run
}

#[test]
fn metrics_share_a_chart_by_group_and_an_axis_only_where_they_compare() {
    let mut scene = trained();
    for (kimg, value, conditions) in [(1.0, 61.0, "n=512"), (2.0, 48.0, "n=512"), (2.0, 12.0, "n=50000")] {
        metric(&scene, "fd_pixel", kimg, value, conditions);
    }
    for (name, value) in [("rec_rms", 0.2), ("idem_rms", 0.3), ("fixed_data", 0.9)] {
        metric(&scene, name, 2.0, value, "over 64 pictures");
    }
    scene.wait("the groups", |window| has(window, "distances") && has(window, "idempotence"));
    assert!(has(&scene.window, "speed") && !has(&scene.window, "editing"), "only what there is to see");
    click(&mut scene, "distances");
    assert_eq!(scene.window.query_all_by_label("curves of fd_pixel").count(), 2);
    assert!(has(&scene.window, "n=512") && has(&scene.window, "n=50000"));
    assert!(
        has(&scene.window, "with n=512") && has(&scene.window, "with n=50000"),
        "the list tells them apart"
    );
    click(&mut scene, "sign/fd_pixel, n=512");
    assert_eq!(scene.window.query_all_by_label("curves of fd_pixel").count(), 1);
    click(&mut scene, "sign/fd_pixel, n=512");
    assert!(!has(&scene.window, "curves of losses"));
    scene.screenshot("curves-distances");
    click(&mut scene, "idempotence");
    assert!(has(&scene.window, "curves of rms") && has(&scene.window, "curves of share"));
    // What is pinned is seen together.
    click(&mut scene, "pin sign/rec_rms");
    click(&mut scene, "losses");
    click(&mut scene, "pin sign/rec");
    click(&mut scene, "pinned");
    assert!(has(&scene.window, "curves of rms") && has(&scene.window, "curves of losses"));
    assert!(!has(&scene.window, "sign/idem_rms"));
    scene.screenshot("curves-pinned");
    click(&mut scene, "pin sign/rec_rms");
    assert!(!has(&scene.window, "curves of rms"), "unpinned");
    click(&mut scene, "speed");
    assert!(has(&scene.window, "curves of images/s"));
}

#[test]
fn log_smooth_average_and_markers_change_the_picture() {
    let mut scene = trained();
    let area = plot(&scene, "losses");
    let mut before = scene.screenshot("curves-plain");
    for label in ["Log scale", "Smooth"] {
        click(&mut scene, label);
        let after = scene.screenshot(&format!("curves-{}", label.to_lowercase().replace(' ', "-")));
        assert!(differing(&before, &after, area) > 500, "{label} changed nothing");
        before = after;
    }
    choose(&mut scene, "view of curves", "Markers");
    let unmarked = scene.screenshot("curves-unmarked");
    assert!(differing(&before, &unmarked, area) > 20, "the markers were never there");
    click(&mut scene, "view of curves");
    scene.window.get_by_role_and_label(Role::Slider, "of the axis averaged").set_value_accesskit(40.0);
    scene.window.run_steps(3);
    scene.window.key_press(eframe::egui::Key::Escape);
    scene.window.run_steps(3);
    let averaged = scene.screenshot("curves-averaged");
    assert!(differing(&unmarked, &averaged, area) > 500, "a stronger average is seen");
    click(&mut scene, "list of curves");
    assert!(!has(&scene.window, "sign/rec") && plot(&scene, "losses").width() > area.width() + 50.0);
}

#[test]
fn the_pointer_reads_every_curve_on_any_axis() {
    let mut scene = trained();
    let middle = plot(&scene, "losses").center();
    hover(&mut scene, middle);
    for words in ["teacher/denoise", "sign/rec", "sign/flow", "sign/fake", " kimg"] {
        assert!(says(&scene.window, words), "no “{words}” at the pointer");
    }
    scene.screenshot("curves-hover");
    // The student's places are told as the axis counts, and within its stage.
    for (axis, words) in [("steps", "step 1 251 (1 of sign)"), ("minutes", " s"), ("kimg", " of sign)")] {
        scene.window.remove_cursor();
        scene.window.run_steps(2);
        choose(&mut scene, "view of curves", axis);
        hover(&mut scene, middle);
        assert!(says(&scene.window, words), "no “{words}” on the axis of {axis}");
    }
}

#[test]
fn a_marker_tells_what_happened() {
    let mut scene = trained();
    scene.say(Message::Warning("the samples are becoming alike".to_owned()));
    let area = plot(&scene, "losses");
    // Checkpoint, warning and the curves' end stand a little before the right edge.
    let mut found = false;
    for back in (0..100).step_by(4) {
        hover(&mut scene, pos2(area.right() - back as f32, area.center().y));
        found |= says(&scene.window, "becoming alike at") && says(&scene.window, "checkpoint step-1125 at");
        if found {
            scene.screenshot("curves-marker");
            break;
        }
    }
    assert!(found, "no marker answered to the pointer");
}

#[test]
fn another_run_is_laid_over_and_taken_away() {
    let mut scene = trained();
    let runs = tempfile::tempdir().expect("a folder for runs");
    let folder = other_run(runs.path(), "00007-older");
    let area = plot(&scene, "losses");
    let alone = scene.screenshot("curves-alone");
    let field = || "folder of another run";
    scene.window.get_by_role_and_label(Role::TextInput, field()).focus();
    scene.window.run_steps(2);
    scene.window.get_by_role_and_label(Role::TextInput, field()).type_text(&folder.display().to_string());
    scene.window.run_steps(2);
    click(&mut scene, "Add run");
    scene.wait("the other run's curve", |window| has(window, "sign/rec of 00007-older"));
    let both = scene.screenshot("curves-overlaid");
    assert!(differing(&alone, &both, area) > 300, "the other run is not drawn");
    hover(&mut scene, area.center());
    assert!(says(&scene.window, "00007-older"), "the values say whose they are");
    scene.window.remove_cursor();
    // Its colour can be chosen.
    click(&mut scene, "colour of sign/rec of 00007-older");
    click(&mut scene, "colour 7");
    let recoloured = scene.screenshot("curves-colour");
    assert!(differing(&both, &recoloured, area) > 100, "the colour did not change");
    // The curve, then the whole run, can be hidden.
    click(&mut scene, "sign/rec of 00007-older");
    let hidden = scene.screenshot("curves-hidden");
    assert!(differing(&recoloured, &hidden, area) > 300, "hiding a curve changes nothing");
    click(&mut scene, "sign/rec of 00007-older");
    click(&mut scene, "00007-older");
    assert!(!has(&scene.window, "sign/rec of 00007-older"));
    click(&mut scene, "remove 00007-older");
    assert!(!has(&scene.window, "00007-older"));
    // A folder that is no run says so, and can be taken away again.
    scene.window.get_by_role_and_label(Role::TextInput, field()).focus();
    scene.window.run_steps(2);
    let nothing = runs.path().join("nothing").display().to_string();
    scene.window.get_by_role_and_label(Role::TextInput, field()).type_text(&nothing);
    scene.window.run_steps(2);
    click(&mut scene, "Add run");
    scene.wait("the problem", |window| says(window, "give the folder of a run"));
    click(&mut scene, "remove nothing");
}

#[test]
fn hidden_curves_leave_the_picture() {
    let mut scene = trained();
    let area = plot(&scene, "losses").shrink(30.0);
    let all = lively(&scene.screenshot("curves-all"), area);
    for label in ["teacher/denoise", "sign/flow", "sign/fake"] {
        click(&mut scene, label);
    }
    let one = lively(&scene.screenshot("curves-one"), area);
    assert!(one > 200 && all > one + 500, "{all} pixels of four curves, {one} of one");
    click(&mut scene, "sign/rec");
    assert!(has(&scene.window, "No curve to show"));
}

#[test]
fn the_shown_range_is_written_as_a_table_and_never_over_another() {
    let mut scene = trained();
    click(&mut scene, "view of curves");
    // The teacher's stage takes the first 20.
    scene.window.get_by_role_and_label(Role::SpinButton, "show to").set_value_accesskit(24.0);
    scene.window.run_steps(3);
    scene.window.get_by_role_and_label(Role::SpinButton, "show from").set_value_accesskit(22.0);
    scene.window.run_steps(3);
    scene.window.key_press(eframe::egui::Key::Escape);
    scene.window.run_steps(3);
    scene.screenshot("curves-zoomed");
    click(&mut scene, "teacher/denoise");
    choose(&mut scene, "export curves", "Values as CSV");
    scene.wait("the file", |window| says(window, "losses.csv"));
    let path = scene.run_dir().join("curves").join("losses.csv");
    let table = std::fs::read_to_string(&path).expect("the table");
    let rows: Vec<Vec<&str>> = table.lines().map(|line| line.split(',').collect()).collect();
    assert_eq!(rows[0], ["run", "stage", "name", "step", "kimg", "elapsed_secs", "value", "conditions"]);
    // Steps 125 to 250 lie at 2 to 4 kimg; three curves are left.
    assert_eq!(rows.len(), 1 + 3 * 126, "rows of {table:.300}");
    for row in &rows[1..] {
        let number = |i: usize| row[i].parse::<f64>().expect("a number");
        assert_eq!(row[1], "sign");
        assert!((2.0..=4.0).contains(&number(4)) && (number(3) * 0.016 - number(4)).abs() < 1e-9);
        assert!(number(6).is_finite() && number(6) > 0.0);
    }
    click(&mut scene, "OK");
    choose(&mut scene, "export curves", "Values as CSV");
    scene.wait("the second file", |window| says(window, "losses-2.csv"));
    assert_eq!(std::fs::read_to_string(&path).expect("the first"), table);
    // The whole range again, under a name of the user's.
    choose(&mut scene, "view of curves", "Whole range");
    click(&mut scene, "export curves");
    scene.window.get_by_role_and_label(Role::TextInput, "file name").focus();
    scene.window.run_steps(2);
    scene.window.get_by_role_and_label(Role::TextInput, "file name").type_text("everything");
    scene.window.run_steps(2);
    click(&mut scene, "Values as CSV");
    scene.wait("the third file", |window| says(window, "everything.csv"));
    let all = std::fs::read_to_string(path.with_file_name("everything.csv")).expect("the table");
    assert_eq!(all.lines().count(), 1 + 3 * 1125);
}

#[test]
fn stages_stand_behind_each_other_or_apart() {
    let mut scene = trained();
    let area = plot(&scene, "losses");
    let behind = scene.screenshot("curves-behind");
    // All of the student's curves lie right of the middle: left of it there is the teacher's alone.
    hover(&mut scene, area.center() + eframe::egui::vec2(60.0, 0.0));
    assert!(says(&scene.window, " of sign)"));
    scene.window.remove_cursor();
    choose(&mut scene, "view of curves", "apart");
    assert_eq!(scene.window.query_all_by_label("curves of losses").count(), 2, "a chart for each stage");
    scene.screenshot("curves-apart");
    choose(&mut scene, "view of curves", "one behind the other");
    assert_eq!(scene.window.query_all_by_label("curves of losses").count(), 1);
    // The menu has left the pointer over the chart.
    scene.window.remove_cursor();
    scene.window.run_steps(2);
    let again = scene.screenshot("curves-behind-again");
    assert!(differing(&behind, &again, area) < 200, "it looks as before");
}

#[test]
fn losses_of_other_sizes_have_axes_of_their_own() {
    let mut scene = Scene::open();
    for step in 1..=400_u64 {
        let at = Progress { step, ..progress(Stage::Sign, step as f64 * 0.016) };
        let fall = (-(step as f32) / 100.0).exp();
        let losses = vec![("rec", 0.02 + fall * 0.05), ("flow", 0.08), ("sid", 300.0 + 900.0 * fall)];
        scene.say(Message::Step { at, losses, images_per_sec: 400.0, left: Left::alone(9.0) });
    }
    scene.wait("the curves", |window| has(window, "sign/sid"));
    scene.window.run_steps(3);
    assert_eq!(scene.window.query_all_by_label("curves of losses").count(), 2);
    assert!(has(&scene.window, "losses: rec, flow over kimg") && has(&scene.window, "losses: sid over kimg"));
    scene.screenshot("curves-scales");
    click(&mut scene, "Log scale");
    assert_eq!(scene.window.query_all_by_label("curves of losses").count(), 1, "powers of ten show both");
    scene.screenshot("curves-scales-log");
}

#[test]
fn a_single_value_stands_in_the_middle_of_its_chart() {
    let mut scene = Scene::open();
    metric(&scene, "fd_pixel", 10.0, 48.0, "n=512");
    scene.wait("the metric", |window| has(window, "distances"));
    click(&mut scene, "distances");
    // The line of the stage's beginning goes through the same place.
    choose(&mut scene, "view of curves", "Markers");
    let picture = scene.screenshot("curves-single");
    let area = plot(&scene, "fd_pixel");
    // Ticks and names are left, below and at the top; the middle of what remains has the dot.
    let dot = Rect::from_center_size(area.center(), eframe::egui::vec2(60.0, 40.0));
    assert!(lively(&picture, dot) > 4, "no dot in the middle of {area:?}");
    click(&mut scene, "Log scale");
    let picture = scene.screenshot("curves-single-log");
    assert!(lively(&picture, dot) > 4, "no dot in the middle of a logarithmic axis");
}

#[test]
fn the_charts_are_written_as_a_picture() {
    let mut scene = trained();
    let area = plot(&scene, "losses");
    choose(&mut scene, "export curves", "Picture as PNG");
    scene.wait("the file", |window| says(window, "losses.png"));
    let path = scene.run_dir().join("curves").join("losses.png");
    let picture: RgbImage = image::open(path).expect("a picture").into_rgb8();
    assert!(picture.width() as f32 > area.width() && picture.height() as f32 > area.height() * 0.9);
    let coloured =
        |p: &&image::Rgb<u8>| p.0.iter().max().expect("three") - p.0.iter().min().expect("three") > 60;
    let lively = picture.pixels().filter(coloured).count();
    assert!(lively > 500, "only {lively} of {} pixels have a colour", picture.pixels().count());
    scene.screenshot("curves-exported");
}

#[test]
fn a_step_without_a_number_breaks_the_curve() {
    let mut scene = trained();
    let area = plot(&scene, "losses");
    let sound = scene.screenshot("curves-sound");
    for (kimg, rec) in [(18.1, f32::NAN), (18.2, 0.06), (18.3, f32::INFINITY), (18.4, 0.06)] {
        let at = progress(Stage::Sign, kimg);
        let losses = vec![("rec", rec), ("flow", 0.3), ("fake", 0.2)];
        scene.say(Message::Step { at, losses, images_per_sec: 400.0, left: Left::alone(9.0) });
    }
    scene.wait("the new steps", |window| says(window, "18.4"));
    let broken = scene.screenshot("curves-broken");
    assert!(differing(&sound, &broken, area) > 50, "the gaps are not marked");
}

#[test]
fn a_growing_curve_is_painted_once() {
    let mut scene = trained();
    scene.window.run_steps(8);
    let mut asked = Vec::new();
    for step in 1..=5 {
        let at = Progress { step, ..progress(Stage::Sign, 18.0 + step as f64) };
        let losses = vec![("rec", 0.05), ("flow", 9.0 * step as f32)];
        scene.say(Message::Step { at, losses, images_per_sec: 412.0, left: Left::alone(102.0) });
        // Samples are worth a frame at once.
        let pictures = pictures(1.0);
        scene.say(Message::Samples { at, averaging: Averaging::Ema, pictures, path: None });
        scene.wait("the samples", |window| says(window, &format!("{:.1} kimg · step {step}", at.kimg)));
        for _ in 0..3 {
            asked.extend(scene.window.ctx.repaint_causes());
            scene.window.step();
        }
    }
    let by_curves: Vec<_> = asked.iter().filter(|cause| cause.file.contains("curves")).collect();
    assert!(by_curves.is_empty(), "{by_curves:?}");
}
