//! A training that is killed at any change it makes to the disk, or at any moment, and then gone on with, leaves
//! what one leaves that was never killed: weights, numbers, events and files.
//!
//! A handful of points are tried; `SIGNET_KILL=all` tries all of them and 100 moments beside.
#![cfg(target_os = "linux")]

mod left;
#[allow(dead_code, reason = "each kind of test uses a part of it")]
#[path = "../program/mod.rs"]
mod program;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use left::Left;
use program::{copy, text, write_recipe};

/// Changes of the disk at which each training is killed in the test command.
const HANDFUL: usize = 6;
/// Moments, where all points are tried.
const MOMENTS: u64 = 100;

/// Seconds of a run: eight steps of a teacher and of a student.
fn recipe(method: &str) -> String {
    format!(
        r#"
name = "tiny"
seed = 0
[data]
size = 8
limit = 16
[network]
model_channels = 4
channel_mult = [1]
attn_resolutions = []
[teacher]
kimg = 0.064
batch = 8
sample_steps = 2
[student]
method = "{method}"
kimg = 0.064
batch = 8
[student.sign]
head_steps = 4
[report]
grid = 4
metric_samples = 16
checkpoint_every_kimg = 0.016
sample_every_kimg = 0.024
metric_every_kimg = 0.024
keep_checkpoints = 1
"#
    )
}

/// Builds what ends a program at one of its changes; a C compiler is there, for Rust links with it.
fn preload(folder: &Path) -> PathBuf {
    let library = folder.join("preload.so");
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/kill/preload.c");
    let mut compiler = Command::new("cc");
    let built =
        compiler.args(["-shared", "-fPIC", "-O1", "-o"]).arg(&library).arg(source).arg("-ldl").output();
    let built = built.expect("a C compiler");
    assert!(built.status.success(), "{}", text(&built));
    library
}

/// What is trained, and from where on.
struct Training {
    /// What is in the folder before.
    start: tempfile::TempDir,
    arguments: Vec<&'static str>,
}

impl Training {
    fn new(recipe: &str) -> Self {
        let start = tempfile::tempdir().expect("a folder");
        write_recipe(start.path(), recipe);
        Self { start, arguments: program::TRAIN.to_vec() }
    }

    /// A folder as it is before, and the command.
    fn begin(&self) -> (tempfile::TempDir, Command) {
        let folder = tempfile::tempdir().expect("a folder");
        copy(self.start.path(), folder.path());
        let command = self.command(folder.path());
        (folder, command)
    }

    fn command(&self, folder: &Path) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_signet"));
        command.current_dir(folder).args(&self.arguments).env("RAYON_NUM_THREADS", "1");
        command.env_remove("DISPLAY").env_remove("WAYLAND_DISPLAY");
        command
    }
}

/// Where a training is killed.
#[derive(Clone, Copy, Debug)]
enum Point {
    /// Before its nth change of the disk.
    Change(usize),
    After(Duration),
}

/// Kills the training at `point`, goes on with it, and says what is left.
fn killed(training: &Training, preload: &Path, point: Point) -> Left {
    let (folder, mut first) = training.begin();
    first.stdout(Stdio::null()).stderr(Stdio::null());
    match point {
        Point::Change(change) => {
            first.env("LD_PRELOAD", preload).env("SIGNET_KILL_AT", change.to_string());
            let status = first.status().expect("the program starts");
            assert_eq!(status.code(), None, "{point:?}: it was not killed");
        }
        Point::After(time) => {
            let mut child = first.spawn().expect("the program starts");
            std::thread::sleep(time);
            // It may have ended by itself.
            let _ = child.kill();
            child.wait().expect("a child");
        }
    }
    let again = training.command(folder.path()).output().expect("the program starts");
    assert!(again.status.success(), "{point:?}: {}", text(&again));
    Left::of(folder.path())
}

fn is_no_trace_left(what: &str, training: &Training) {
    let tools = tempfile::tempdir().expect("a folder");
    let preload = preload(tools.path());
    let counted = tools.path().join("count");
    let (whole, mut command) = training.begin();
    let began = Instant::now();
    command.env("LD_PRELOAD", &preload).env("SIGNET_KILL_COUNT", &counted);
    let output = command.output().expect("the program starts");
    assert!(output.status.success(), "{}", text(&output));
    let took = began.elapsed();
    let count =
        std::fs::read_to_string(&counted).expect("a number").trim().parse::<usize>().expect("a number");
    assert!(count > 10 * HANDFUL, "only {count} changes were seen");
    let want = Left::of(whole.path());

    let every = std::env::var_os("SIGNET_KILL").is_some_and(|all| all == "all");
    let points: Vec<Point> = if every {
        // Spread over the run and a little beyond, by the golden ratio.
        let moment = |i: u64| took.mul_f64((i as f64 * 0.618_033_988_749_895).fract() * 1.1);
        (1..=count).map(Point::Change).chain((0..MOMENTS).map(|i| Point::After(moment(i)))).collect()
    } else {
        (0..HANDFUL).map(|i| Point::Change(1 + (2 * i + 1) * (count - 1) / (2 * HANDFUL))).collect()
    };
    let mut bad = Vec::new();
    for point in &points {
        let differences = killed(training, &preload, *point).differences(&want);
        bad.extend(differences.into_iter().map(|difference| format!("{point:?}: {difference}")));
    }
    println!("{what}: {count} changes; {} points tried, {} differences", points.len(), bad.len());
    assert!(bad.is_empty(), "{what}: {} points, of {count} changes\n{}", points.len(), bad.join("\n"));
}

#[test]
fn a_killed_sid_run_leaves_no_trace_of_it() {
    is_no_trace_left("sid", &Training::new(&recipe("sid")));
}

#[test]
fn a_killed_sign_run_leaves_no_trace_of_it() {
    is_no_trace_left("sign", &Training::new(&recipe("sign")));
}

/// A finished run that is trained longer with `flag`.
fn longer(method: &str, run: &'static str, flag: &'static str) -> Training {
    let mut training = Training::new(&recipe(method));
    let trained = training.command(training.start.path()).output().expect("the program starts");
    assert!(trained.status.success(), "{}", text(&trained));
    training.arguments = vec!["train", run, flag, "0.08", "--device", "cpu", "--headless"];
    training
}

#[test]
fn a_run_that_is_killed_while_it_is_made_longer_leaves_no_trace_of_it() {
    is_no_trace_left("a longer student", &longer("sign", "runs/00000-tiny-sign", "--student-kimg"));
}

/// The student of the shorter teacher is put aside, and one is begun anew.
#[test]
fn a_run_that_is_killed_while_its_teacher_is_made_longer_leaves_no_trace_of_it() {
    is_no_trace_left("a longer teacher", &longer("sid", "runs/00000-tiny-sid", "--teacher-kimg"));
}
