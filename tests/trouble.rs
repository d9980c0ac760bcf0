//! A run that loses its wgpu device. One test alone in its process: the trouble is asked for by an environment
//! variable. A software rasteriser will do; without any adapter the test fails.

use std::path::{Path, PathBuf};
use std::sync::mpsc::RecvTimeoutError;
use std::time::Duration;

use signet::gpu::{DeviceSpec, adapters};
use signet::recipe::{self, Recipe};
use signet::run::message::{Ending, Message};
use signet::run::{self, Limits, Meant, Options};
use signet::train::{Checkpoint, Named, load};

/// Silence of a trainer that means it hangs: software rendering compiles kernels for minutes.
const PATIENCE: Duration = Duration::from_secs(600);

/// Steps of the run, and those of its first checkpoint.
const STEPS: u64 = 6;
const SAVED: u64 = 3;
/// Steps that are made when the device is lost: two of them come again.
const LOST: &str = "5";

/// A dense network of a toy world, which has few kernels.
fn teacher() -> Recipe {
    let mut recipe = recipe::preset("img64-sid").expect("the preset");
    recipe.data.limit = Some(256);
    (recipe.network.model_channels, recipe.network.num_blocks) = (8, 1);
    (recipe.teacher.kimg, recipe.teacher.batch, recipe.teacher.sample_steps) = (0.048, 8, 2);
    recipe.student.kimg = 0.0;
    (recipe.report.grid, recipe.report.metric_samples) = (4, 64);
    recipe.report.checkpoint_every_kimg = 0.024;
    recipe
}

fn train(out: &Path) -> Vec<Message> {
    let options = Options {
        out: out.to_path_buf(),
        fresh: false,
        resume: None,
        device: DeviceSpec::Wgpu(Some(0)),
        untested_device: true,
        limits: Limits::default(),
        meant: Meant::default(),
        stays: false,
    };
    let (link, trainer) = run::start(teacher(), options, |_| Ok(())).expect("the run starts");
    let mut said = Vec::new();
    loop {
        match link.messages.recv_timeout(PATIENCE) {
            Ok(message) => said.push(message),
            Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) => panic!("the trainer has been silent for {PATIENCE:?}"),
        }
    }
    trainer.join().expect("the trainer's thread ends well");
    let last = said.last();
    assert!(matches!(last, Some(Message::Done { why: Ending::Finished, .. })), "{last:?}");
    said
}

fn run_dir(said: &[Message]) -> PathBuf {
    let dir = said.iter().find_map(|message| match message {
        Message::Started { run_dir, .. } => Some(run_dir.clone()),
        _ => None,
    });
    dir.expect("the run said where it is")
}

fn checkpoint(said: &[Message], step: u64) -> Checkpoint {
    load(&run_dir(said).join(format!("checkpoints/step-{step:08}-teacher"))).expect("a checkpoint")
}

fn steps(said: &[Message]) -> Vec<u64> {
    let step = |message: &Message| match message {
        Message::Step { at, .. } => Some(at.step),
        _ => None,
    };
    said.iter().filter_map(step).collect()
}

/// How far weights lie apart, all as one vector.
fn distance(a: &Named, b: &Named) -> f64 {
    let weights = |all: &Named| -> Vec<f32> {
        let own = all.iter().filter(|(name, _)| name.starts_with("teacher/"));
        own.flat_map(|(_, values)| values.clone()).collect()
    };
    let (a, b) = (weights(a), weights(b));
    assert!(!a.is_empty() && a.len() == b.len());
    a.iter().zip(&b).map(|(a, b)| f64::from(a - b).powi(2)).sum::<f64>().sqrt()
}

#[test]
fn a_run_goes_on_where_its_device_is_lost() {
    adapters::list().first().expect(
        "this test needs a wgpu adapter; Debian's mesa-vulkan-drivers and libvulkan1 bring a software one",
    );
    // SAFETY: this is the only test of its process, and no other thread was started that reads the environment.
    unsafe { std::env::set_var("SIGNET_DEBUG_LOSE_DEVICE", LOST) };
    let [lost_out, out] = [(); 2].map(|()| tempfile::tempdir().expect("a folder"));
    let lost = train(lost_out.path());
    // Trouble comes to the first run of a process alone.
    let whole = train(out.path());

    let told: Vec<&String> = lost
        .iter()
        .filter_map(|message| match message {
            Message::Warning(words) if words.contains("opens the device again") => Some(words),
            _ => None,
        })
        .collect();
    let [told] = told[..] else { panic!("one word of it, not {told:?}") };
    println!("{told}");
    for words in ["the graphics device was lost", "the checkpoint of teacher at step 3", "try 1 of 3"] {
        assert!(told.contains(words), "“{words}” is not in: {told}");
    }
    assert_eq!(steps(&whole), (1..=STEPS).collect::<Vec<_>>());
    let again: Vec<u64> = (SAVED + 1..=STEPS).collect();
    assert!(steps(&lost).ends_with(&again), "{:?}", steps(&lost));
    assert!(steps(&lost).len() > STEPS as usize, "no step came again: {:?}", steps(&lost));

    let (start, end, same) = (checkpoint(&whole, SAVED), checkpoint(&whole, STEPS), checkpoint(&lost, STEPS));
    assert_eq!(same.state.counters, end.state.counters);
    // burn measures which of its kernels is the fastest, anew on a new device: sums may round otherwise there.
    let moved = distance(&end.state.tensors, &start.state.tensors);
    let apart = distance(&same.state.tensors, &end.state.tensors);
    println!("{apart:e} apart, moved by {moved:e}");
    assert!(moved > 0.0 && apart <= 0.01 * moved, "{apart:e} apart, moved by {moved:e}");
}
