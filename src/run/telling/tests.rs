//! Runs whose steps are told one step late, as on a GPU, beside those that are told at once.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::mpsc::channel;
use std::thread;

use burn::tensor::Device;
use serde_json::{Map, Value};

use super::*;
use crate::diffusion::{GeneratorKind, GeneratorSpec, Precond};
use crate::error::Kind;
use crate::gpu::DeviceSpec;
use crate::model::Weights;
use crate::recipe::{self, Method, Recipe};
use crate::run::link::commands;
use crate::run::log::LOG_FILE;
use crate::run::message::{Command, Ending, Stage};
use crate::run::options::{Limits, Meant, Options};
use crate::run::stats::STATS_FILE;
use crate::train::{Counters, Named, latest, unet_config};

const BATCH: usize = 16;
const STEPS: u64 = 35;

/// A teacher of 8×8 pictures: three lines of losses, a grid every ten steps, a checkpoint every fifteen.
fn teacher() -> Recipe {
    let mut recipe = recipe::preset("demo").expect("the demo recipe");
    recipe.data.size = 8;
    recipe.data.limit = Some(64);
    recipe.network.model_channels = 8;
    recipe.network.attn_resolutions = vec![4];
    recipe.teacher.kimg = 0.56;
    recipe.teacher.batch = BATCH;
    recipe.teacher.sample_steps = 3;
    recipe.student.kimg = 0.0;
    recipe.report.grid = 4;
    recipe.report.metric_samples = 16;
    recipe.report.sample_every_kimg = 0.16;
    recipe.report.metric_every_kimg = 0.56;
    recipe.report.checkpoint_every_kimg = 0.24;
    recipe
}

/// A session of the first stage.
struct Trained {
    said: Vec<Message>,
    ending: Result<Ending>,
    dir: PathBuf,
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

fn train(
    recipe: &Recipe,
    out: &Path,
    is_late: bool,
    max_kimg: Option<f64>,
    answer: impl Fn(&Message) -> Vec<Command>,
) -> Trained {
    let ((says, heard), (asks, incoming, _)) = (channel(), commands());
    let options = options(out, max_kimg);
    thread::scope(|scope| {
        let trainer = scope.spawn(move || {
            let mut session =
                Session::open(recipe.clone(), options, says, incoming.into()).expect("a run folder");
            let (stage, kimg) = recipe.stages()[0];
            let mut running = session.begin_stage(stage, kimg, None).expect("a stage");
            running.trainer.be_late(is_late);
            (session.run_stage(&mut running), session.run_dir())
        });
        let mut said = Vec::new();
        for message in heard {
            for command in answer(&message) {
                // A run that has just ended does not hear any more.
                let _ = asks.send(command);
            }
            said.push(message);
        }
        let (ending, dir) = trainer.join().expect("the trainer's thread ends well");
        Trained { said, ending, dir }
    })
}

fn quiet(_: &Message) -> Vec<Command> {
    Vec::new()
}

/// The steps that were told, with the bits of their losses.
fn steps(said: &[Message]) -> Vec<(u64, Vec<(&'static str, u32)>)> {
    let step = |message: &Message| match message {
        Message::Step { at, losses, .. } => {
            Some((at.step, losses.iter().map(|(name, loss)| (*name, loss.to_bits())).collect()))
        }
        _ => None,
    };
    said.iter().filter_map(step).collect()
}

/// What is said of a place is said after its step, and before any other.
fn assert_each_in_its_place(said: &[Message], begun: u64) {
    let mut told = begun;
    for message in said {
        match message {
            Message::Step { at, .. } => {
                assert_eq!(at.step, told + 1);
                told = at.step;
            }
            Message::Samples { at, .. } | Message::Metric { at, .. } | Message::Checkpoint { at, .. } => {
                assert_eq!(at.step, told, "{message:?}");
            }
            _ => {}
        }
    }
}

/// What a run leaves behind that no clock has a part in: its numbers, and its last checkpoint.
fn kept(dir: &Path) -> (Vec<Map<String, Value>>, Counters, Named) {
    let text = fs::read_to_string(dir.join(STATS_FILE)).expect("the run's numbers");
    let mut lines: Vec<Map<String, Value>> =
        text.lines().map(|line| serde_json::from_str(line).expect("an object")).collect();
    for line in &mut lines {
        line.retain(|name, _| !["elapsed_secs", "left_secs", SPEED, WALL_SPEED].contains(&name.as_str()));
    }
    let (checkpoint, _) = latest(&dir.join("checkpoints"), |_| Ok(())).expect("checkpoints");
    let state = checkpoint.expect("a checkpoint").state;
    (lines, state.counters, state.tensors)
}

fn assert_same(run: &Trained, other: &Trained) {
    let ((lines, counters, tensors), others) = (kept(&run.dir), kept(&other.dir));
    assert_eq!((lines, counters), (others.0, others.1));
    assert!(tensors == others.2, "other weights");
}

/// Whole, or stopped in its middle and gone on with, a late run tells each step once and leaves the same behind.
#[test]
fn a_late_run_tells_and_keeps_what_a_prompt_one_does() {
    let recipe = teacher();
    let [out, late_out, parts_out, watched_out] = [(); 4].map(|()| tempfile::tempdir().expect("a folder"));
    let prompt = train(&recipe, out.path(), false, None, quiet);
    let late = train(&recipe, late_out.path(), true, None, quiet);
    // After 23 steps, where neither a line of losses nor a checkpoint is due.
    let first = train(&recipe, parts_out.path(), true, Some(0.368), quiet);
    let second = train(&recipe, parts_out.path(), true, None, quiet);
    for (run, ending) in [
        (&prompt, Ending::Finished),
        (&late, Ending::Finished),
        (&first, Ending::Limit),
        (&second, Ending::Finished),
    ] {
        assert_eq!(run.ending, Ok(ending));
    }
    let want = steps(&prompt.said);
    assert_eq!(want.len() as u64, STEPS);
    assert_eq!(steps(&late.said), want);
    assert_eq!([steps(&first.said), steps(&second.said)].concat(), want);
    assert_each_in_its_place(&late.said, 0);
    assert_each_in_its_place(&first.said, 0);
    assert_each_in_its_place(&second.said, 23);
    assert_same(&late, &prompt);
    assert_same(&second, &prompt);

    // Somebody asks while the next step is queued already.
    let watched = train(&recipe, watched_out.path(), true, None, |message| match message {
        Message::Step { at, .. } if at.step == 1 => {
            vec![Command::SampleNow, Command::Pause, Command::SaveNow, Command::Resume]
        }
        _ => Vec::new(),
    });
    assert_eq!(steps(&watched.said), want);
    assert_each_in_its_place(&watched.said, 0);
    assert_same(&watched, &prompt);
    assert!(watched.said.iter().any(|message| matches!(message, Message::Paused)));
}

/// The names of what is in a folder.
fn names(folder: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    entries.map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned()).collect()
}

/// Losses out of range end both at the same step, with the same checkpoints put aside.
#[test]
fn a_late_run_that_runs_away_goes_back_as_far_as_a_prompt_one() {
    let mut recipe = teacher();
    (recipe.teacher.batch, recipe.teacher.learning_rate) = (8, 1e4);
    recipe.network.dropout = 0.1;
    recipe.report.checkpoint_every_kimg = 0.016;
    let [out, late_out] = [(); 2].map(|()| tempfile::tempdir().expect("a folder"));
    let prompt = train(&recipe, out.path(), false, None, quiet);
    let late = train(&recipe, late_out.path(), true, None, quiet);
    let error = prompt.ending.as_ref().expect_err("it diverges");
    assert!(error.kind == Kind::Diverged && error.what.contains("the teacher diverges"), "{error}");
    assert_eq!(late.ending, prompt.ending);
    assert_eq!(steps(&late.said), steps(&prompt.said));
    let left = |run: &Trained| ["checkpoints", "earlier/diverged"].map(|folder| names(&run.dir.join(folder)));
    assert!(!left(&prompt)[1].is_empty(), "nothing was put aside");
    assert_eq!(left(&late), left(&prompt));
}

/// A step that overflows for the scale of its loss is told by the new scale: it is counted, and no reason to worry.
#[test]
fn overflows_under_a_scaled_loss_are_told_by_the_scale() {
    let mut recipe = teacher();
    recipe.student.method = Method::Sid;
    recipe.student.batch = BATCH;
    recipe.student.kimg = 0.128;
    // No float is so large.
    recipe.student.sid.loss_scale = 1e38;
    let out = tempfile::tempdir().expect("a folder");
    let ((says, heard), (_asks, incoming, _)) = (channel(), commands());
    let mut session = Session::open(recipe.clone(), options(out.path(), None), says, incoming.into())
        .expect("a run folder");
    let unet = unet_config(&recipe, &session.data).expect("a network");
    let spec =
        GeneratorSpec { kind: GeneratorKind::Teacher { sample_steps: 3 }, precond: Precond::Edm, unet };
    let layout = spec.layout().expect("a layout");
    let named = Weights::init(layout, 0, &Device::flex()).named().expect("weights");
    let mut running = session.begin_stage(Stage::Sid, 0.128, Some(&(spec, named))).expect("a stage");
    running.trainer.scale_losses();
    assert_eq!(session.run_stage(&mut running), Ok(Ending::Finished));
    let (mut scales, mut bad) = (Vec::new(), Vec::new());
    for message in heard.try_iter() {
        match message {
            Message::Rescaled(new) => {
                assert!(new.overflowed && new.network == "generator", "{new:?}");
                scales.push((new.step, new.scale, new.worth_a_line));
            }
            Message::BadSteps(one) => bad.push((one.step, one.count, one.worth_a_line)),
            _ => {}
        }
    }
    let scale_after = |step: u64| 1024_u32 >> step.div_ceil(2);
    let told = |step: u64| (step, scale_after(step), step.is_power_of_two());
    assert_eq!(scales, (1..=8).map(told).collect::<Vec<_>>());
    assert_eq!(bad, (1..=8).map(|step| (step, step, false)).collect::<Vec<_>>());
    let log = fs::read_to_string(session.run_dir().join(LOG_FILE)).expect("a log");
    assert!(log.contains("the loss scale of the generator is now 512: step 1 overflowed in f16"), "{log}");
    assert!(!log.contains("gradients of"), "{log}");
}
