//! The start screen: what is pressed and typed becomes a command line.

use std::sync::{Arc, Mutex};

use egui_kittest::Harness;
use egui_kittest::kittest::Queryable;
use signet::app::StartScreen;

use super::stage::require_adapter;

type Chosen = Arc<Mutex<Option<Vec<String>>>>;

fn screen(runs: &std::path::Path) -> (Harness<'static, StartScreen>, Chosen) {
    require_adapter();
    let chosen = Chosen::default();
    let screen = StartScreen::new(runs, chosen.clone());
    let mut window = Harness::builder().with_size([860.0, 680.0]).build_eframe(move |_| screen);
    window.run_steps(4);
    (window, chosen)
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
