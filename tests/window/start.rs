//! The start screen: what is pressed and typed becomes a command line.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Sender, channel};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use signet::app::{Dialog, Question, StartScreen};
use signet::error::{Error, Kind, Result};

use super::stage::{PATIENCE, drop_paths, require_adapter, screenshot};

type Window = Harness<'static, StartScreen>;
type Chosen = Arc<Mutex<Option<Vec<String>>>>;

fn screen(runs: &Path) -> (Window, Chosen) {
    show(runs, Dialog::with(|question| panic!("nobody asks for {question:?}")))
}

fn show(runs: &Path, dialog: Dialog) -> (Window, Chosen) {
    require_adapter();
    let chosen = Chosen::default();
    let screen = StartScreen::new(runs, chosen.clone()).asking_by(dialog);
    let mut window = Harness::builder().with_size([860.0, 800.0]).wgpu().build_eframe(move |_| screen);
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
    let want = format!("train small-sign --data {} --size 16 --labels", folder.path().display());
    assert_eq!(words(&chosen), Some(want));
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
