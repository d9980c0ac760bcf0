//! The window, driven without a display: a made-up trainer speaks the protocol, a software graphics
//! driver paints, and the tests press buttons, drop files and look at the pixels.

mod window {
    mod curves;
    mod drops;
    mod editor;
    mod editor_words;
    mod generate;
    mod keys;
    mod looks;
    mod newcomer;
    mod panes;
    mod past;
    mod samples;
    mod sizes;
    pub mod stage;
    mod start;
    mod strokes;
    mod tuning;
}

use std::path::Path;
use std::sync::Arc;

use eframe::egui::accesskit::Role;
use eframe::egui::{DroppedFile, HoveredFile, ViewportCommand, ViewportId};
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use image::RgbImage;

use signet::app::Studio;
use signet::error::{Error, Kind};
use signet::run::message::{Command, Departure, Elsewhere, Ending, Left, Message, Stage};

use window::stage::{Scene, png, sample};

/// A file that exists only in memory, as some desktops hand them over.
#[derive(Debug)]
struct MemoryFile {
    name: &'static str,
    bytes: Vec<u8>,
}

impl DroppedFile for MemoryFile {
    fn path(&self) -> &Path {
        Path::new(self.name)
    }

    fn bytes(&self) -> Result<Vec<u8>, String> {
        Ok(self.bytes.clone())
    }
}

fn drop_files(scene: &mut Scene, files: Vec<(&'static str, Vec<u8>)>) {
    let files = files.into_iter().map(|(name, bytes)| Arc::new(MemoryFile { name, bytes }) as _);
    scene.window.input_mut().dropped_files.extend(files);
}

/// A picture that is red on the left and blue on the right.
fn flag() -> RgbImage {
    RgbImage::from_fn(16, 16, |x, _| image::Rgb(if x < 8 { [220, 30, 30] } else { [30, 30, 220] }))
}

/// The smallest size that has room for all four places of the first layout, points.
const SMALLEST: [f32; 2] = [960.0, 640.0];

fn shows_newest_grid(window: &Harness<'static, Studio>) -> bool {
    window.query_by_label("sign · 18.0 kimg · step 1 125").is_some()
}

/// Mean absolute difference of two colours' channels.
fn distance(a: [u8; 3], b: [u8; 3]) -> f32 {
    a.iter().zip(b).map(|(&a, b)| f32::from(a.abs_diff(b))).sum::<f32>() / 3.0
}

#[test]
fn an_empty_window_says_what_will_come() {
    let mut scene = Scene::open();
    scene.window.run_steps(3);
    for label in [
        "Signet",
        "The first samples appear in a few seconds",
        "Drop pictures here",
        "waiting for the trainer",
    ] {
        assert!(scene.window.query_by_label(label).is_some(), "no “{label}” in the empty window");
    }
    scene.screenshot("empty");
}

#[test]
fn samples_and_curves_appear() {
    let mut scene = Scene::open();
    scene.train();
    scene.wait("the newest grid", shows_newest_grid);
    let picture = scene.screenshot("training");
    // Every tile shows its picture: its middle pixel has the colour of the sample's middle pixel.
    for index in [0, 7, 35] {
        let middle = scene.window.get_by_label(&format!("sample {}", index + 1)).rect().center();
        let shown = picture.get_pixel(middle.x as u32, middle.y as u32).0;
        let expected = sample(index, 1.0).get_pixel(8, 8).0;
        let off = distance([shown[0], shown[1], shown[2]], expected);
        assert!(off < 12.0, "sample {index} shows {shown:?}, not {expected:?}");
    }
    // The curves have painted something that the empty plot does not have: several colours.
    let plot = scene.window.get_by_label("curves of losses").rect().shrink(30.0);
    let lively = (plot.top() as u32..plot.bottom() as u32)
        .flat_map(|y| (plot.left() as u32..plot.right() as u32).map(move |x| (x, y)))
        .filter(|&(x, y)| {
            let [r, g, b, _] = picture.get_pixel(x, y).0;
            r.max(g).max(b) - r.min(g).min(b) > 60
        })
        .count();
    assert!(lively > 500, "the curves cover only {lively} pixels");
}

#[test]
fn past_grids_and_reals_can_be_looked_at() {
    let mut scene = Scene::open();
    scene.train();
    scene.wait("the newest grid", shows_newest_grid);
    let newest = scene.window.get_by_label("sample 1").rect();
    scene.window.get_by_role_and_label(Role::Slider, "past grids").focus();
    scene.window.run_steps(1);
    scene.window.key_press(eframe::egui::Key::ArrowLeft);
    scene.wait("the grid before the newest", |window| {
        window.query_by_label("sign · 16.0 kimg · step 1 000").is_some()
    });
    scene.window.get_by_label("Newest").click();
    scene.wait("the newest grid again", shows_newest_grid);
    scene.window.get_by_label("Beside").click();
    scene.wait("the menu", |window| window.query_by_label("Training images").is_some());
    scene.window.get_by_label("Training images").click();
    scene.wait("the training images", |window| window.query_by_label("real 1").is_some());
    let beside = scene.window.get_by_label("sample 1").rect();
    assert!(beside.width() < newest.width(), "the samples make room for the training images");
    scene.screenshot("reals");
}

#[test]
fn the_buttons_send_their_commands() {
    let mut scene = Scene::open();
    scene.train();
    scene.wait("a running trainer", |window| window.query_by_label("Pause").is_some());
    scene.press("Sample now");
    scene.press("Save now");
    scene.press("Pause");
    scene.wait("the paused state", |window| window.query_by_label("Resume").is_some());
    scene.press("Resume");
    scene.wait("the running state", |window| window.query_by_label("Pause").is_some());
    scene.press("Stop");
    scene.wait("the ending in words", |window| {
        window.query_all_by_label_contains("stopped and saved").next().is_some()
    });
    let heard: Vec<_> = scene.heard().iter().map(|command| format!("{command:?}")).collect();
    assert_eq!(heard, ["SampleNow", "SaveNow", "Pause", "Resume", "Stop"]);
    assert!(scene.window.query_by_label("Stopped").is_some(), "the heading says how it ended");
    assert!(scene.window.query_by_label("Done").is_none(), "nothing is done yet");
    scene.screenshot("stopped");
    // A run that has ended takes no more commands.
    scene.window.get_by_label("Sample now").click();
    scene.window.run_steps(3);
    assert_eq!(scene.heard().len(), 5);
}

#[test]
fn a_click_survives_news_between_press_and_release() {
    let mut scene = Scene::open();
    scene.train();
    scene.wait("the newest grid", shows_newest_grid);
    let button = scene.window.get_by_label("Save now").rect().center();
    scene.window.drag_at(button);
    scene.window.step();
    scene.say(Message::Paused);
    scene.wait("the paused state", |window| window.query_by_label("Resume").is_some());
    scene.window.drop_at(button);
    scene.wait_heard("the click", |heard| matches!(heard, [Command::SaveNow]));
}

#[test]
fn a_dropped_picture_is_projected_and_shown() {
    let mut scene = Scene::open();
    scene.train();
    drop_files(&mut scene, vec![("flag.png", png(&flag()))]);
    scene.wait("the projection", |window| window.query_by_label("after 2").is_some());
    let heard = scene.heard();
    let [Command::Edit(request)] = heard.as_slice() else { panic!("one request, not {heard:?}") };
    assert_eq!(
        (request.name.as_str(), request.wish.steps, request.wish.strength_sigma),
        ("flag.png", Some(2), Some(0.0))
    );
    assert_eq!(*request.image, flag());
    let picture = scene.screenshot("editor");
    let wide = |scene: &Scene, label: &str| scene.window.get_by_label(label).rect().width();
    let large = wide(&scene, "after 2");
    assert!(wide(&scene, "before") == large && scene.window.query_by_label("after 1").is_none());
    for label in ["Before", "After"] {
        assert!(scene.window.query_by_label(label).is_some(), "no “{label}”");
    }
    let middle = scene.window.get_by_label("after 2").rect().center();
    assert!(
        distance(
            picture.get_pixel(middle.x as u32 - 8, middle.y as u32).0[..3].try_into().expect("a colour"),
            [220, 30, 30]
        ) < 6.0
    );
    // The steps are a click away. The made-up model inverts: red becomes cyan after one application, and red again
    // after two.
    scene.window.get_by_label("Steps").click();
    scene.wait("the steps", |window| window.query_by_label("after 1").is_some());
    assert!(wide(&scene, "after 2") < large, "there is less room for each");
    let picture = scene.screenshot("editor-steps");
    for (label, left) in [("before", [220, 30, 30]), ("after 1", [35, 225, 225]), ("after 2", [220, 30, 30])]
    {
        let rect = scene.window.get_by_label(label).rect();
        let [r, g, b, _] = picture.get_pixel(rect.left() as u32 + 8, rect.center().y as u32).0;
        assert!(distance([r, g, b], left) < 6.0, "{label} is {:?} on its left, not {left:?}", [r, g, b]);
    }
    assert!(
        scene.window.query_all_by_label_contains("moved 1.").next().is_some(),
        "the change of each application is said"
    );
    scene.window.get_by_label("Denoise").click();
    scene.wait_heard("the second request", |heard| heard.len() == 2);
}

#[test]
fn an_edited_picture_is_saved_beside_the_run() {
    let mut scene = Scene::open();
    scene.train();
    drop_files(&mut scene, vec![("flag.png", png(&flag()))]);
    scene.wait("the projection", |window| window.query_by_label("after 2").is_some());
    scene.window.get_by_label("Save PNG").click();
    scene
        .wait("the path of the file", |window| window.query_all_by_label_contains("saved ").next().is_some());
    let saved = scene.run_dir().join("edits").join("flag-2.png");
    assert_eq!(image::open(&saved).expect("the saved picture").into_rgb8(), flag());
}

#[test]
fn files_that_are_no_pictures_are_named_and_the_others_go_on() {
    let mut scene = Scene::open();
    scene.train();
    let whole = png(&flag());
    let cut = whole[..whole.len() / 2].to_vec();
    drop_files(
        &mut scene,
        vec![
            ("notes.txt", b"not a picture".to_vec()),
            ("cut.png", cut),
            ("empty.jpg", Vec::new()),
            ("one.png", whole.clone()),
            ("two.png", whole),
        ],
    );
    scene.wait_heard("both good pictures", |heard| heard.len() == 2);
    for (file, words) in
        [("notes.txt", "not a PNG"), ("cut.png", "damaged"), ("empty.jpg", "the file is empty")]
    {
        scene.wait(file, |window| {
            let lines = window.query_all_by_label_contains(file);
            lines.into_iter().any(|line| line.value().is_some_and(|line| line.contains(words)))
        });
    }
    scene.wait("both thumbnails", |window| window.query_by_label("picture 2").is_some());
    scene.screenshot("bad-files");
}

#[test]
fn a_refusal_is_shown_and_asked_again_when_the_student_begins() {
    let mut scene = Scene::open();
    scene.refuse_edits("the student has not begun");
    drop_files(&mut scene, vec![("flag.png", png(&flag()))]);
    scene.wait("the refusal", |window| {
        window.query_all_by_label_contains("the student has not begun").next().is_some()
    });
    scene.accept_edits();
    scene.say(Message::StageStarted { stage: Stage::Sign, parameters: 1_300_000 });
    scene.wait("the projection", |window| window.query_by_label("after 2").is_some());
}

#[test]
fn a_sample_can_be_sent_to_the_editor() {
    let mut scene = Scene::open();
    scene.train();
    scene.wait("the newest grid", shows_newest_grid);
    scene.window.get_by_label("sample 3").click();
    scene.wait("the picture", |window| window.query_by_label("To the editor").is_some());
    scene.window.get_by_label("To the editor").click();
    scene.wait_heard("the request", |heard| {
        matches!(heard, [Command::Edit(request)] if request.name == "sign-1125-sample-3" && *request.image == sample(2, 1.0))
    });
}

#[test]
fn held_files_bring_up_a_hint() {
    let mut scene = Scene::open();
    scene.train();
    scene.wait("the samples", |window| window.query_by_label("sample 1").is_some());
    scene.window.input_mut().hovered_files.push(HoveredFile::default());
    scene.wait("the hint", |window| window.query_by_label("Drop to project").is_some());
    scene.screenshot("drop");
}

#[test]
fn a_failure_is_told_in_words() {
    let mut scene = Scene::open();
    scene.train();
    scene.say(Message::Warning("a step was skipped: its gradients were not finite".to_owned()));
    scene.say(Message::Failed(
        Error::new(Kind::Diverged, "the loss left the finite numbers five times")
            .hint("halve the learning rate"),
    ));
    scene.wait("the failure", |window| window.query_by_label("The run failed").is_some());
    assert!(scene.window.query_all_by_label_contains("halve the learning rate").next().is_some());
    scene.screenshot("failed");
    let right = |scene: &Scene, label: &str| scene.window.get_by_label(label).rect().right();
    let (dismiss, copy) = (right(&scene, "Dismiss"), right(&scene, "Copy details"));
    assert!((dismiss - copy).abs() < 1.0, "the buttons end at {dismiss} and {copy}");
    scene.window.get_by_label("Dismiss").click();
    scene.wait("the warning gone", |window| window.query_by_label("Dismiss").is_none());
}

/// A process that cannot be reached from here: nothing can be asked of it, and why is said.
#[test]
fn a_run_that_is_followed_is_no_failure_and_closes_at_once() {
    let mut scene = Scene::open();
    scene.train();
    scene.say(Message::Followed(Elsewhere { process: None }));
    scene.wait("who trains", |window| window.query_by_label("training now in another process").is_some());
    for button in ["Stop", "Pause", "Sample now", "Save now"] {
        assert!(scene.window.get_by_label(button).accesskit_node().is_disabled(), "{button}");
    }
    scene.window.get_by_label("Stop").hover();
    scene.window.run_steps(40);
    let why = "press Ctrl-C in the terminal where it trains";
    assert!(scene.window.query_all_by_label_contains(why).next().is_some(), "why it rests");
    scene.screenshot("followed-deaf");
    assert!(scene.ask_to_close().is_empty(), "there is nothing to wait for");
    assert!(scene.heard().is_empty(), "the other process is left alone: {:?}", scene.heard());

    for (departure, words) in [
        (Departure::Failed("the disk is full".into()), "the disk is full"),
        (Departure::Silent, "without a word"),
        (Departure::Ended(Ending::Stopped), "stopped and saved"),
    ] {
        scene.say(Message::Departed(departure));
        scene.wait(words, |window| window.query_all_by_label_contains(words).next().is_some());
        assert!(scene.window.query_by_label("The run failed").is_none());
        assert!(scene.window.query_by_label("Go on here").is_some(), "{words}");
    }
    scene.window.get_by_label("Go on here").click();
    scene.wait_heard("the wish", |heard| matches!(heard, [Command::GoOn]));
}

#[test]
fn the_time_left_is_that_of_the_whole_run() {
    let mut scene = Scene::open();
    scene.train();
    let at = window::stage::progress(Stage::Teacher, 10.0);
    let left = Left { stage: 1, stages: 2, stage_secs: 300.0, secs: 740.0, is_about: true };
    scene.say(Message::Step { at, losses: Vec::new(), images_per_sec: 412.0, left });
    scene.wait("the time left", |window| {
        window.query_all_by_label_contains("about 12 min 20 s left in all").next().is_some()
    });
    assert!(scene.window.query_all_by_label_contains("stage 1 of 2 · teacher ·").next().is_some());
    scene.screenshot("left-in-all");
}

#[test]
fn the_light_theme_is_light() {
    let mut scene = Scene::open();
    scene.train();
    drop_files(&mut scene, vec![("flag.png", png(&flag()))]);
    scene.wait("the projection", |window| window.query_by_label("after 2").is_some());
    scene.window.get_by_label("Light").click();
    scene.wait("the light theme", |window| window.query_by_label("Dark").is_some());
    let picture = scene.screenshot("light");
    assert!(picture.get_pixel(2, 2).0[0] > 200, "the backdrop is {:?}", picture.get_pixel(2, 2));
}

#[test]
fn closing_stops_the_trainer_and_waits_for_it() {
    let mut scene = Scene::open();
    scene.hold_stop();
    scene.train();
    scene.wait("a running trainer", |window| window.query_by_label("Pause").is_some());
    let commands = scene.ask_to_close();
    assert!(commands.contains(&ViewportCommand::CancelClose), "the window stays: {commands:?}");
    scene.wait_heard("the stop", |heard| matches!(heard, [Command::Stop]));
    scene.wait("the words", |window| window.query_all_by_label_contains("saving…").next().is_some());
    let run_dir = scene.run_dir();
    scene.say(Message::Done { why: Ending::Stopped, run_dir });
    scene.wait("the window's end", |window| {
        let commands = &window.output().viewport_output[&ViewportId::ROOT].commands;
        commands.contains(&ViewportCommand::Close)
    });
}

#[test]
fn closing_twice_does_not_wait() {
    let mut scene = Scene::open();
    scene.hold_stop();
    scene.train();
    let first = scene.ask_to_close();
    let second = scene.ask_to_close();
    assert!(first.contains(&ViewportCommand::CancelClose));
    assert!(!second.contains(&ViewportCommand::CancelClose), "the second close is let through: {second:?}");
}

#[test]
fn a_trainer_that_vanishes_does_not_hold_the_window() {
    let mut scene = Scene::open();
    scene.train();
    scene.hang_up();
    scene.wait("the words", |window| window.query_by_label("The run broke off").is_some());
    let commands = scene.ask_to_close();
    assert!(!commands.contains(&ViewportCommand::CancelClose), "{commands:?}");
}

#[test]
fn the_smallest_window_still_shows_everything_by_name() {
    let mut scene = Scene::open();
    scene.window.set_size(eframe::egui::vec2(SMALLEST[0], SMALLEST[1]));
    scene.train();
    drop_files(&mut scene, vec![("flag.png", png(&flag())), ("notes.txt", b"not a picture".to_vec())]);
    scene.wait("the projection", |window| window.query_by_label("after 2").is_some());
    scene.wait("the newest grid", shows_newest_grid);
    scene.screenshot("small");
    scene.window.check_accessibility();
    let screen = eframe::egui::Rect::from_min_size(
        eframe::egui::Pos2::ZERO,
        eframe::egui::vec2(SMALLEST[0], SMALLEST[1]),
    );
    for label in ["Pause", "Stop", "sample 36", "after 2", "Save PNG", "Denoise", "Fill", "Add"] {
        let rect = scene.window.get_by_label(label).rect();
        assert!(screen.contains_rect(rect), "{label} is at {rect:?}, outside the window");
    }
    // The log's card ends 10 points above the window's edge, and what is in it 11 above that.
    scene.wait_trained();
    scene.window.run_steps(4);
    let newest = scene.window.get_by_label_contains("the data set has 4 096").rect();
    assert!(newest.bottom() <= SMALLEST[1] - 19.0, "the newest line is at {newest:?}");
}

#[test]
fn preparing_is_shown_with_its_share() {
    let mut scene = Scene::open();
    let what = "reading pictures".to_owned();
    scene.say(Message::Preparing { what, done: 1200, total: 4096, eta_secs: Some(190.0) });
    for words in ["reading pictures: 1 200 of 4 096", "about 3 min"] {
        scene.wait(words, |window| window.query_all_by_label_contains(words).next().is_some());
    }
}
