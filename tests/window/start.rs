//! The start screen: what is pressed and typed becomes a command line.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use eframe::egui::accesskit::Role;
use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use signet::app::{Dialog, Question, StartScreen};
use signet::error::{Error, Kind, Result};

use super::stage::{PATIENCE, drop_paths, require_adapter, screenshot};

type Window = Harness<'static, StartScreen>;
/// A window that has room for all of the screen, points.
const SIZE: [f32; 2] = [860.0, 1200.0];

/// From the edge of the window to what is in a card: the screen's margin and the card's own, points.
const WITHIN: f32 = 20.0 + 14.0;

type Chosen = Arc<Mutex<Option<Vec<String>>>>;

fn screen(runs: &Path) -> (Window, Chosen) {
    show(runs, no_dialog())
}

fn no_dialog() -> Dialog {
    Dialog::with(|question| panic!("nobody asks for {question:?}"))
}

fn show(runs: &Path, dialog: Dialog) -> (Window, Chosen) {
    show_sized(runs, dialog, SIZE, 1.0)
}

/// A window of so many points, on a desktop of this scale.
fn show_sized(runs: &Path, dialog: Dialog, size: [f32; 2], scale: f32) -> (Window, Chosen) {
    require_adapter();
    let (chosen, runs) = (Chosen::default(), runs.to_path_buf());
    let choice = chosen.clone();
    let builder = Harness::builder().with_size(size).with_pixels_per_point(scale);
    let mut window = builder
        .wgpu()
        .build_eframe(move |cc| StartScreen::new(&cc.egui_ctx, &runs, choice).asking_by(dialog));
    window.run_steps(4);
    (window, chosen)
}

/// Dialogs whose user chooses what comes through the channel; every other question goes unanswered.
fn dialog(wanted: Question) -> (Dialog, Sender<Result<Vec<PathBuf>>>) {
    let (user, choice) = channel();
    let choice = Mutex::new(choice);
    let dialog = Dialog::with(move |question| {
        assert_eq!(question, wanted);
        choice.lock().expect("no test panics with the lock").recv().expect("a user")
    });
    (dialog, user)
}

fn wait(window: &mut Window, what: &str, done: impl Fn(&Window) -> bool) {
    let start = Instant::now();
    while !done(window) {
        assert!(start.elapsed() < PATIENCE, "waited in vain for {what}");
        window.step();
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// What stands in the field called `label`.
fn typed(window: &Window, label: &str) -> String {
    window.get_by_label(label).value().unwrap_or_default()
}

fn words(chosen: &Chosen) -> Option<String> {
    chosen.lock().expect("no test panics with the lock").as_ref().map(|words| words.join(" "))
}

#[test]
fn the_demo_is_one_click_away() {
    let folder = tempfile::tempdir().expect("a folder");
    let (mut window, chosen) = screen(folder.path());
    assert!(window.query_all_by_label_contains("no runs in").next().is_some());
    window.get_by_label("Train the demo").click();
    window.run_steps(2);
    assert_eq!(words(&chosen).as_deref(), Some("train demo"));
}

#[test]
fn a_run_of_ones_own_images_waits_for_them() {
    let folder = tempfile::tempdir().expect("a folder");
    let (mut window, chosen) = screen(folder.path());
    window.get_by_label("Begin the run").click();
    window.run_steps(2);
    assert_eq!(words(&chosen), None);
    window.get_by_label("Images").focus();
    window.run_steps(2);
    window.get_by_label("Images").type_text(&folder.path().display().to_string());
    window.run_steps(2);
    window.get_by_label("use the images' classes").click();
    window.run_steps(2);
    window.get_by_label("Begin the run").click();
    window.run_steps(2);
    let want = format!("train small-sign --data {} --size 16 --x-flip no --labels", folder.path().display());
    assert_eq!(words(&chosen), Some(want));
}

/// Pictures of one colour each, so many of them and of this side, in two folders.
fn write_pictures(folder: &Path, count: usize, side: u32) {
    for index in 0..count {
        let class = folder.join(["boats", "cats"][index % 2]);
        std::fs::create_dir_all(&class).expect("a folder");
        let colour = [(index * 40 % 256) as u8, (index * 90 % 256) as u8, 120];
        let picture = image::RgbImage::from_pixel(side, side, image::Rgb(colour));
        picture.save(class.join(format!("{index}.png"))).expect("a picture");
    }
}

/// A run of the form's shape that has trained both its stages.
fn write_run(runs: &Path) {
    let run = runs.join("00000-small-sign");
    std::fs::create_dir_all(&run).expect("a folder");
    let mut recipe = signet::recipe::preset("small-sign").expect("a recipe");
    signet::recipe::fit(&mut recipe, 64);
    std::fs::write(run.join("recipe.toml"), signet::recipe::to_toml(&recipe).expect("TOML")).expect("a file");
    let line = |stage: &str, pace: f64| {
        format!(
            "{{\"stage\":\"{stage}\",\"step\":1,\"total_steps\":1,\"kimg\":1,\"elapsed_secs\":1,\"images_per_sec\":{pace}}}\n"
        )
    };
    std::fs::write(run.join("stats.jsonl"), line("teacher", 100.0) + &line("sign", 40.0)).expect("numbers");
}

#[test]
fn chosen_pictures_are_shown_counted_and_their_size_is_proposed() {
    let folder = tempfile::tempdir().expect("a folder");
    let (pictures, runs) = (folder.path().join("my pictures"), folder.path().join("runs"));
    write_pictures(&pictures, 30, 64);
    write_run(&runs);
    let (mut window, chosen) = screen(&runs);
    screenshot(&mut window, "start-empty");
    drop_paths(window.input_mut(), std::slice::from_ref(&pictures));
    wait(&mut window, "the pictures", |window| window.query_by_label("chosen picture 8").is_some());
    window.run_steps(3);
    let says = |window: &Window, words: &str| window.query_all_by_label_contains(words).next().is_some();
    for words in [
        "30 pictures · 64 × 64 pixels, in colour · 2 classes: boats, cats",
        "30 pictures are few",
        "as large as the pictures allow",
        "about 17 min for the teacher, about 42 min for SIGN",
        "as fast as 00000-small-sign",
        "write backwards",
    ] {
        assert!(says(&window, words), "“{words}” is not said");
    }
    screenshot(&mut window, "start-pictures");
    window.get_by_label("mirrored copies of these pictures are fine").click();
    window.run_steps(2);
    window.get_by_label("Begin the run").click();
    window.run_steps(2);
    assert!(words(&chosen).is_some_and(|words| words.ends_with("my pictures --size 64 --x-flip yes")));
}

#[test]
fn a_pace_that_is_not_known_is_said_and_measured() {
    let folder = tempfile::tempdir().expect("a folder");
    let pictures = folder.path().join("pictures");
    write_pictures(&pictures, 4, 8);
    let (mut window, _) = screen(folder.path());
    drop_paths(window.input_mut(), std::slice::from_ref(&pictures));
    wait(&mut window, "the pictures", |window| window.query_by_label("chosen picture 4").is_some());
    wait(&mut window, "the offer", |window| window.query_by_label("Measure").is_some());
    assert!(window.query_by_label("not known on this machine yet").is_some());
    window.get_by_label("Measure").click();
    wait(&mut window, "the measurement", |window| {
        window.query_all_by_label_contains(" for the teacher, about ").next().is_some()
    });
    assert!(window.query_all_by_label_contains("(measured on ").next().is_some());
    screenshot(&mut window, "start-measured");
}

#[test]
fn what_is_no_set_of_pictures_is_told_under_its_path() {
    let folder = tempfile::tempdir().expect("a folder");
    let notes = folder.path().join("notes");
    std::fs::create_dir(&notes).expect("a folder");
    std::fs::write(notes.join("a.txt"), "words").expect("a file");
    let (mut window, _) = screen(folder.path());
    drop_paths(window.input_mut(), std::slice::from_ref(&notes));
    wait(&mut window, "the reason", |window| {
        window.query_all_by_label_contains("can be used").next().is_some()
    });
    // Another path is looked at anew.
    write_pictures(&folder.path().join("pictures"), 2, 16);
    drop_paths(window.input_mut(), &[folder.path().join("pictures")]);
    wait(&mut window, "the pictures", |window| window.query_by_label("chosen picture 2").is_some());
    assert!(window.query_all_by_label_contains("can be used").next().is_none());
}

#[test]
fn the_screen_fits_small_windows() {
    let folder = tempfile::tempdir().expect("a folder");
    let pictures = folder.path().join("pictures");
    write_pictures(&pictures, 30, 64);
    for (size, scale) in
        [([640.0, 480.0], 1.0), ([800.0, 600.0], 1.0), ([853.0, 480.0], 1.5), ([1280.0, 800.0], 1.0)]
    {
        let (mut window, _) = show_sized(folder.path(), no_dialog(), size, scale);
        drop_paths(window.input_mut(), std::slice::from_ref(&pictures));
        wait(&mut window, "the pictures", |window| window.query_by_label("chosen picture 8").is_some());
        screenshot(&mut window, &format!("start-{}x{}-{scale}", size[0], size[1]));
        let screen = window.ctx.content_rect();
        assert_eq!(screen.size(), size.into());
        for role in [Role::Label, Role::Button, Role::TextInput, Role::CheckBox, Role::ComboBox] {
            for node in window.query_all_by_role(role) {
                let (rect, name) = (node.rect(), node.accesskit_node().label().or_else(|| node.value()));
                let is_within = rect.left() >= screen.left() && rect.right() <= screen.right() - WITHIN + 1.0;
                assert!(is_within, "{role:?} {name:?} is at {rect:?} in {size:?}");
            }
        }
        // All lines for a path end at one place.
        let ends = ["Train it", "Go on", "Choose an archive of images", "Choose a teacher's file"];
        for label in ends {
            let right = window.get_by_label(label).rect().right();
            assert!((right - screen.right() + WITHIN).abs() < 2.0, "{label} ends at {right} in {size:?}");
        }
    }
}

#[test]
fn recent_runs_go_on() {
    let folder = tempfile::tempdir().expect("a folder");
    let run = folder.path().join("00003-demo-sign");
    std::fs::create_dir(&run).expect("a folder");
    let recipe = signet::recipe::preset("demo").expect("a recipe");
    std::fs::write(run.join("recipe.toml"), signet::recipe::to_toml(&recipe).expect("TOML")).expect("a file");
    let (mut window, chosen) = screen(folder.path());
    window.get_by_label("Open 00003-demo-sign").click();
    window.run_steps(2);
    assert!(
        words(&chosen).is_some_and(|words| words.contains("--resume") && words.ends_with("00003-demo-sign"))
    );
}

/// Another program, or another window, is at it: opened, it is followed.
#[test]
fn a_run_that_trains_elsewhere_is_told_as_such_and_as_long_as_it_does() {
    let folder = tempfile::tempdir().expect("a folder");
    let run = folder.path().join("00003-demo-sign");
    std::fs::create_dir(&run).expect("a folder");
    let recipe = signet::recipe::preset("demo").expect("a recipe");
    std::fs::write(run.join("recipe.toml"), signet::recipe::to_toml(&recipe).expect("TOML")).expect("a file");
    // Stopped once, and trained again since.
    std::fs::write(run.join("summary.json"), "{\"ending\": \"stopped\"}").expect("a file");
    let lock = signet::run::RunFolder { path: run }.lock().expect("a lock");
    let (mut window, chosen) = screen(folder.path());
    let says = |window: &Window, words: &str| window.query_all_by_label_contains(words).next().is_some();
    assert!(says(&window, "training now in another process") && !says(&window, "stopped"));
    screenshot(&mut window, "start-training");
    drop(lock);
    wait(&mut window, "its end", |window| says(window, "stopped"));
    assert!(!says(&window, "training now"));
    window.get_by_label("Open 00003-demo-sign").click();
    window.run_steps(2);
    assert!(words(&chosen).is_some_and(|words| words.contains("--resume")));
}

#[test]
fn a_path_is_chosen_in_a_dialog_and_the_window_goes_on_meanwhile() {
    let folder = tempfile::tempdir().expect("a folder");
    let (dialog, user) = dialog(Question::TeacherFile);
    let (mut window, chosen) = show(folder.path(), dialog);
    window.get_by_label("Choose a teacher's file").click();
    window.run_steps(3);
    assert!(window.get_by_label("Choose a recipe").accesskit_node().is_disabled(), "one dialog at a time");
    window.get_by_label("use the images' classes").click();
    window.get_by_label("Images").focus();
    window.run_steps(2);
    window.get_by_label("Images").type_text(&folder.path().display().to_string());
    window.run_steps(2);
    let teacher = folder.path().join("edm.pkl");
    std::fs::write(&teacher, b"\x80\x02").expect("a file");
    user.send(Ok(vec![teacher.clone()])).expect("a dialog that waits");
    let path = teacher.display().to_string();
    wait(&mut window, "the teacher's path", |window| typed(window, "Teacher") == path);
    window.run_steps(2);
    window.get_by_label("Begin the run").click();
    window.run_steps(2);
    assert!(words(&chosen).is_some_and(|words| words.ends_with(&format!("--teacher {path} --labels"))));
}

#[test]
fn a_desktop_without_dialogs_says_so_and_the_path_can_be_typed() {
    let folder = tempfile::tempdir().expect("a folder");
    let (dialog, user) = dialog(Question::Run);
    let (mut window, chosen) = show(folder.path(), dialog);
    for answer in [Ok(Vec::new()), Err(Error::new(Kind::Io, "no portal").hint("type the path"))] {
        window.get_by_label("Choose a run folder").click();
        window.run_steps(2);
        user.send(answer).expect("a dialog that waits");
        wait(&mut window, "the dialog's end", |window| {
            !window.get_by_label("Choose a run folder").accesskit_node().is_disabled()
        });
    }
    assert!(window.query_all_by_label_contains("no portal").next().is_some(), "the reason is said");
    window.get_by_label("Run folder").focus();
    window.run_steps(2);
    window.get_by_label("Run folder").type_text(&folder.path().display().to_string());
    window.run_steps(2);
    window.get_by_label("Go on").click();
    window.run_steps(2);
    assert!(window.query_all_by_label_contains("not a run folder").next().is_some());
    assert_eq!(words(&chosen), None);
}

#[test]
fn dropped_files_go_where_they_belong() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    let toml = signet::recipe::preset("demo").expect("a recipe");
    let toml = signet::recipe::to_toml(&toml).expect("TOML");
    for name in ["pictures", "run"] {
        std::fs::create_dir(at(name)).expect("a folder");
    }
    for (name, bytes) in [
        ("net.safetensors", b"".as_slice()),
        ("mine.toml", toml.as_bytes()),
        ("run/recipe.toml", toml.as_bytes()),
        ("notes.txt", b"not a picture"),
    ] {
        std::fs::write(at(name), bytes).expect("a file");
    }
    let (mut window, chosen) = screen(&at("none"));
    let all = ["pictures", "net.safetensors", "mine.toml", "run", "notes.txt", "gone.zip"].map(at);
    drop_paths(window.input_mut(), &all);
    window.run_steps(3);
    for (label, name) in [
        ("Images", "pictures"),
        ("Teacher", "net.safetensors"),
        ("Recipe", "mine.toml"),
        ("Run folder", "run"),
    ] {
        assert_eq!(typed(&window, label), at(name).display().to_string(), "{label}");
    }
    for words in ["notes.txt", "drop a folder", "and 1 more"] {
        assert!(window.query_all_by_label_contains(words).next().is_some(), "{words} is not said");
    }
    screenshot(&mut window, "start-drops");
    drop_paths(window.input_mut(), &[at("pictures")]);
    window.run_steps(3);
    assert!(window.query_all_by_label_contains("notes.txt").next().is_none(), "the next drop is well");
    window.get_by_label("Train it").click();
    window.run_steps(2);
    assert_eq!(words(&chosen), Some(format!("train {}", at("mine.toml").display())));
}

#[test]
fn a_recipe_with_a_mistake_is_told_before_the_screen_closes() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("mine.toml");
    std::fs::write(&path, "name = 7\n").expect("a file");
    let (mut window, chosen) = screen(folder.path());
    drop_paths(window.input_mut(), std::slice::from_ref(&path));
    window.run_steps(3);
    window.get_by_label("Train it").click();
    window.run_steps(3);
    assert_eq!(words(&chosen), None);
    assert!(window.query_all_by_label_contains("mine.toml:").next().is_some(), "the mistake is said");
}
