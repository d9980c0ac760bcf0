//! A run that trains in a terminal, seen by a second program: in the start screen, in the window, and from another
//! terminal.
#![cfg(target_os = "linux")]

#[allow(dead_code, reason = "each kind of test uses a part of it")]
mod program;

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use egui_kittest::Harness;
use egui_kittest::kittest::{NodeT, Queryable};
use signet::app::Studio;
use signet::gpu::DeviceSpec;
use signet::recipe;
use signet::run::message::Command as Order;
use signet::run::{self, Limits, Meant, Options};

use program::{RUN, TRAIN, signet, text, tiny, write_recipe};

/// Longest wait for anything: training and software rendering share a busy machine.
const PATIENCE: Duration = Duration::from_secs(240);

type Window = Harness<'static, Studio>;

/// A training in a process of its own, which does not outlive the test.
struct Training {
    folder: tempfile::TempDir,
    child: Child,
}

impl Training {
    /// One that does not end by itself within a test, and has left a checkpoint and a line of numbers.
    fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let often = "checkpoint_every_kimg = 0.032\nsample_every_kimg = 0.032\n";
        write_recipe(folder.path(), &(tiny(640.0, 0.064) + often));
        let mut command = Command::new(env!("CARGO_BIN_EXE_signet"));
        command.current_dir(folder.path()).args(TRAIN).stdout(Stdio::null()).stderr(Stdio::null());
        let child = command.spawn().expect("the program starts");
        let training = Self { folder, child };
        let (checkpoints, stats) = (training.run().join("checkpoints"), training.run().join("stats.jsonl"));
        let is_whole = |entry: std::fs::DirEntry| entry.path().extension().is_none();
        let has_checkpoint = || std::fs::read_dir(&checkpoints).into_iter().flatten().flatten().any(is_whole);
        let has_numbers = || std::fs::metadata(&stats).is_ok_and(|meta| meta.len() > 0);
        let begun = Instant::now();
        while !(has_checkpoint() && has_numbers()) {
            assert!(begun.elapsed() < PATIENCE, "waited in vain for a checkpoint and numbers");
            std::thread::sleep(Duration::from_millis(5));
        }
        training
    }

    fn run(&self) -> PathBuf {
        self.folder.path().join(RUN)
    }
}

impl Drop for Training {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn wait(window: &mut Window, what: &str, done: impl Fn(&Window) -> bool) {
    let start = Instant::now();
    while !done(window) {
        assert!(start.elapsed() < PATIENCE, "waited in vain for {what}");
        window.step();
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn says(window: &Window, words: &str) -> bool {
    window.query_all_by_label_contains(words).next().is_some()
}

/// Keeps a picture of the window in the folder `SIGNET_SCREENSHOT_DIR`, if that is set.
fn screenshot(window: &mut Window, name: &str) {
    window.run_steps(4);
    let picture = window.render().expect("a painted window");
    if let Some(folder) = std::env::var_os("SIGNET_SCREENSHOT_DIR") {
        picture.save(Path::new(&folder).join(format!("{name}.png"))).expect("the screenshot");
    }
}

#[test]
fn a_run_of_another_process_is_followed_stopped_and_gone_on_with() {
    let mut training = Training::start();
    let run_dir = training.run();
    let recipe = recipe::read(&run_dir.join("recipe.toml")).expect("a recipe");
    let options = Options {
        out: training.folder.path().join("runs"),
        fresh: false,
        resume: Some(run_dir.clone()),
        device: DeviceSpec::Cpu,
        untested_device: false,
        limits: Limits { max_kimg: None, max_minutes: Some(30.0) },
        meant: Meant { teacher_kimg: true, student_kimg: true },
        stays: true,
    };
    let (link, trainer) =
        run::start_or_follow(recipe, options, signet::report::write_beside, signet::watch::follow)
            .expect("it starts");
    let orders = link.commands.clone();
    let mut window: Window = Harness::builder()
        .with_size([1320.0, 860.0])
        .wgpu()
        .build_eframe(|cc| Studio::new(cc, link).expect("threads for the window"));

    wait(&mut window, "who trains", |w| says(w, "training now in another process"));
    wait(&mut window, "a step", |w| says(w, "stage 1 of 2 · teacher ·"));
    wait(&mut window, "its curves", |w| says(w, "teacher/denoise"));
    wait(&mut window, "its samples", |w| w.query_by_label("sample 1").is_some());
    assert!(!says(&window, "The run failed") && !says(&window, "Done"), "it is neither over nor broken");
    assert!(says(&window, &format!("process {}", training.child.id())));
    for (button, rests) in [("Pause", true), ("Sample now", true), ("Save now", true), ("Stop", false)] {
        assert_eq!(window.get_by_label(button).accesskit_node().is_disabled(), rests, "{button}");
    }
    screenshot(&mut window, "followed");

    window.get_by_label("Stop").click();
    wait(&mut window, "the other process's end", |w| says(w, "The other process has ended"));
    // What a shell is told of SIGTERM, once all is saved.
    let start = Instant::now();
    let status = loop {
        if let Some(status) = training.child.try_wait().expect("a child") {
            break status;
        }
        assert!(start.elapsed() < PATIENCE, "it does not end");
        std::thread::sleep(Duration::from_millis(10));
    };
    assert_eq!(status.code(), Some(143), "it saved, and said why it ended");
    assert!(says(&window, "stopped and saved") && !says(&window, "The run failed"));
    screenshot(&mut window, "followed-ended");

    window.get_by_label("Go on here").click();
    wait(&mut window, "training here", |w| {
        !w.get_by_label("Pause").accesskit_node().is_disabled() && says(w, "stage 1 of 2 · teacher ·")
    });
    assert!(!says(&window, "training now in another process"));
    assert!(says(&window, "resumed from"));
    screenshot(&mut window, "gone-on-with");
    orders.send(Order::Stop).expect("a trainer that listens");
    let _ = orders.send(Order::Leave);
    wait(&mut window, "the end", |_| trainer.is_finished());
    trainer.join().expect("the trainer ends well");
}

#[test]
fn from_another_terminal_a_run_that_trains_is_told_with_what_to_do() {
    let training = Training::start();
    let folder = training.folder.path();
    for again in [&TRAIN[..], &["train", RUN, "--headless", "--device", "cpu"]] {
        let refused = signet(folder, again);
        let said = text(&refused);
        assert!(!refused.status.success() && said.contains("being trained already"), "{said}");
        assert!(said.contains("signet watch"), "{said}");
    }
    // It is a teacher yet: what edits comes later, and when is said.
    image::RgbImage::new(8, 8).save(folder.join("a.png")).expect("a picture");
    let edited = signet(folder, &["edit", RUN, "a.png", "--device", "cpu"]);
    let said = text(&edited);
    assert_eq!(edited.status.code(), Some(4), "{said}");
    for part in ["no SIGN weights yet: the teacher trains", "of 640 kimg", "signet watch"] {
        assert!(said.contains(part), "{part} is not in {said}");
    }
}
