//! Whole runs in this process: what they leave behind, and that stopping, resuming and looking
//! change nothing.

mod change;
mod flip;
mod longer;
mod look;
mod moved;
mod precision;
#[allow(dead_code, reason = "each kind of test uses a part of it")]
#[path = "../program/mod.rs"]
mod program;
mod refuse;
mod resume;
mod stop;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::RecvTimeoutError;
use std::time::Duration;

use image::{GrayImage, Luma, RgbImage};
use signet::edit::Wish;
use signet::error::{Error, Kind};
use signet::gpu::DeviceSpec;
use signet::recipe::{self, BadGradients, Method, Recipe};
use signet::run::message::{
    Averaging, Change, Command, EditRequest, Edited, Ending, Made, MakeRequest, Making, Message, Pictures,
    Stage, Tuning, Weights,
};
use signet::run::{self, Limits, Meant, Options};
use signet::train;

/// Silence of a trainer that means it hangs.
const PATIENCE: Duration = Duration::from_secs(300);

/// A run of seconds: 8×8 pictures, a network of a few thousand numbers, a handful of steps.
fn tiny(method: Method) -> Recipe {
    let mut recipe = recipe::preset("demo").expect("the demo recipe");
    recipe.data.size = 8;
    recipe.data.limit = Some(64);
    recipe.network.model_channels = 8;
    recipe.network.attn_resolutions = vec![4];
    recipe.network.dropout = 0.1;
    recipe.teacher.kimg = 0.064;
    recipe.teacher.batch = 8;
    recipe.teacher.sample_steps = 3;
    recipe.student.method = method;
    recipe.student.kimg = 0.064;
    recipe.student.batch = 8;
    recipe.student.sign.head_steps = 4;
    recipe.report.grid = 4;
    recipe.report.metric_samples = 16;
    recipe.report.sample_every_kimg = 0.032;
    recipe.report.metric_every_kimg = 0.032;
    recipe.report.checkpoint_every_kimg = 0.032;
    recipe
}

/// The same with class labels, augmentation, batches in parts, and gradients mended where they are bad.
fn tiny_with_labels(method: Method) -> Recipe {
    let mut recipe = tiny(method);
    recipe.data.use_labels = true;
    recipe.teacher.augment = 0.3;
    recipe.teacher.micro_batch = 3;
    recipe.student.micro_batch = 5;
    recipe.optimiser.bad_gradients = BadGradients::Sanitise;
    recipe
}

fn options(out: &Path, max_kimg: Option<f64>) -> Options {
    Options {
        out: out.to_path_buf(),
        fresh: false,
        resume: None,
        device: DeviceSpec::Cpu,
        untested_device: false,
        limits: Limits { max_kimg, max_minutes: None },
        meant: Meant::default(),
        stays: false,
    }
}

/// Everything a run said, and how it ended. `hear` may answer messages with commands.
fn follow(recipe: &Recipe, options: Options, mut hear: impl FnMut(&Message) -> Vec<Command>) -> Vec<Message> {
    let (link, thread) =
        run::start(recipe.clone(), options, signet::report::write_beside).expect("the run starts");
    let mut said = Vec::new();
    loop {
        match link.messages.recv_timeout(PATIENCE) {
            Ok(message) => {
                for command in hear(&message) {
                    // A run that has just ended does not hear any more.
                    let _ = link.commands.send(command);
                }
                said.push(message);
            }
            Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) => panic!("the trainer has been silent for {PATIENCE:?}"),
        }
    }
    thread.join().expect("the trainer's thread ends well");
    said
}

fn quiet(_: &Message) -> Vec<Command> {
    Vec::new()
}

fn ending(said: &[Message]) -> Ending {
    match said.last() {
        Some(Message::Done { why, .. }) => *why,
        other => panic!("the run ended with {other:?}"),
    }
}

fn failure(said: &[Message]) -> &Error {
    match said.last() {
        Some(Message::Failed(error)) => error,
        other => panic!("the run should have failed, not {other:?}"),
    }
}

fn run_dir(said: &[Message]) -> &Path {
    let found = said.iter().find_map(|m| match m {
        Message::Started { run_dir, .. } => Some(run_dir.as_path()),
        _ => None,
    });
    found.expect("the run said where it is")
}

/// The newest checkpoint's training state, byte for byte.
fn state(run_dir: &Path) -> Vec<u8> {
    let mut folders: Vec<_> = std::fs::read_dir(run_dir.join("checkpoints"))
        .expect("checkpoints")
        .map(|e| e.expect("an entry").path())
        .collect();
    folders.sort();
    std::fs::read(folders.last().expect("a checkpoint").join("state.safetensors")).expect("a state")
}

#[test]
fn a_sign_run_leaves_everything_behind() {
    let folder = tempfile::tempdir().expect("a folder");
    let said = follow(&tiny(Method::Sign), options(folder.path(), None), quiet);
    assert_eq!(ending(&said), Ending::Finished);
    let dir = run_dir(&said);
    // The student's grids: of its beginning, half-way and its end.
    let grids = ["000000.000", "000000.032", "000000.064"].map(|kimg| format!("samples-sign-{kimg}.png"));
    let files = ["recipe.toml", "reals.png", "stats.jsonl", "summary.json"];
    for file in files.into_iter().chain(grids.iter().map(String::as_str)) {
        assert!(
            dir.join(file).is_file(),
            "{file} is missing in {:?}",
            std::fs::read_dir(dir).map(|d| d.count())
        );
    }
    let summary: serde_json::Value =
        serde_json::from_slice(&std::fs::read(dir.join("summary.json")).expect("a summary")).expect("JSON");
    for (stage, metric) in
        [("teacher", "fd_pixel"), ("sign", "fd_pixel"), ("sign", "rec_rms"), ("sign", "idem_rms")]
    {
        let value = summary["last"][stage][metric].as_f64();
        assert!(value.is_some_and(|v| v.is_finite() && v > 0.0), "{stage}/{metric} is {value:?}");
    }
    // The resolved recipe is the run: read back, it is the same one.
    let again = recipe::read(&dir.join("recipe.toml")).expect("the recipe is readable");
    assert_eq!(again, tiny(Method::Sign));
}
