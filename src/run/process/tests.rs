//! Runs whose device fails on purpose.

use std::fs;

use super::*;
use crate::gpu::DeviceSpec;
use crate::recipe::Method;
use crate::run::message::Stage;
use crate::run::options::Limits;
use crate::run::rehearsal::Trouble::{self, Full, Lost, Panic};
use crate::run::stats::STATS_FILE;
use crate::train::{Counters, Named, latest};

/// A teacher of 8×8 pictures in twelve steps, with a checkpoint every four.
fn teacher() -> Recipe {
    let mut recipe = recipe::preset("demo").expect("the demo recipe");
    recipe.data.size = 8;
    recipe.data.limit = Some(64);
    recipe.network.model_channels = 8;
    recipe.network.attn_resolutions = vec![4];
    recipe.teacher.kimg = 0.096;
    recipe.teacher.batch = 8;
    recipe.teacher.sample_steps = 2;
    recipe.student.kimg = 0.0;
    recipe.report.grid = 4;
    recipe.report.metric_samples = 16;
    recipe.report.sample_every_kimg = 1.0;
    recipe.report.metric_every_kimg = 1.0;
    recipe.report.checkpoint_every_kimg = 0.032;
    recipe
}

fn train(recipe: &Recipe, out: &Path, to_come: &[(u64, Trouble)]) -> Vec<Message> {
    let options = Options {
        out: out.to_path_buf(),
        fresh: false,
        resume: None,
        device: DeviceSpec::Cpu,
        untested_device: false,
        limits: Limits::default(),
        meant: Meant::default(),
        stays: false,
    };
    let rehearsal = Rehearsal::of(to_come);
    let (link, thread) = begin(recipe.clone(), options, |_| Ok(()), None, rehearsal).expect("the run starts");
    let said = link.messages.iter().collect();
    thread.join().expect("the trainer's thread ends well");
    said
}

/// What is said of trouble.
fn troubles(said: &[Message]) -> Vec<&str> {
    said.iter()
        .filter_map(|message| match message {
            Message::Warning(words) if words.contains(" of 3)") => Some(words.as_str()),
            _ => None,
        })
        .collect()
}

fn assert_finished(said: &[Message]) {
    let last = said.last();
    assert!(matches!(last, Some(Message::Done { why: Ending::Finished, .. })), "{last:?}");
}

fn failure(said: &[Message]) -> &Error {
    match said.last() {
        Some(Message::Failed(error)) => error,
        other => panic!("the run should have failed, not {other:?}"),
    }
}

fn run_dir(said: &[Message]) -> &Path {
    let dir = said.iter().find_map(|message| match message {
        Message::Started { run_dir, .. } => Some(run_dir.as_path()),
        _ => None,
    });
    dir.expect("the run said where it is")
}

/// Lines of numbers, and the last checkpoint.
fn kept(said: &[Message]) -> (usize, Counters, Named) {
    let dir = run_dir(said);
    let numbers = fs::read_to_string(dir.join(STATS_FILE)).expect("the run's numbers");
    let (checkpoint, _) = latest(&dir.join("checkpoints"), |_| Ok(())).expect("checkpoints");
    let state = checkpoint.expect("a checkpoint").state;
    (numbers.lines().count(), state.counters, state.tensors)
}

fn steps(said: &[Message]) -> Vec<(Stage, u64)> {
    let step = |message: &Message| match message {
        Message::Step { at, .. } => Some((at.stage, at.step)),
        _ => None,
    };
    said.iter().filter_map(step).collect()
}

/// In the middle of a stage, and in a student that has no checkpoint yet: the run ends with the very weights that it
/// would have had.
#[test]
fn a_run_goes_on_from_its_last_checkpoint_where_the_device_is_lost() {
    let mut with_student = teacher();
    (with_student.teacher.kimg, with_student.student.kimg) = (0.032, 0.032);
    (with_student.student.method, with_student.student.batch) = (Method::Sid, 8);
    for (recipe, lost_after, again) in
        [(teacher(), 6, (Stage::Teacher, 5)), (with_student, 6, (Stage::Sid, 1))]
    {
        let [out, lost_out] = [(); 2].map(|()| tempfile::tempdir().expect("a folder"));
        let whole = train(&recipe, out.path(), &[]);
        let lost = train(&recipe, lost_out.path(), &[(lost_after, Lost)]);
        assert_finished(&whole);
        assert_finished(&lost);
        assert!(kept(&lost) == kept(&whole), "another run: {:?}", steps(&lost));

        let told = troubles(&lost);
        let [told] = told[..] else { panic!("one word of it, not {told:?}") };
        for words in [
            "lost: on purpose",
            "opens the device again",
            "the checkpoint of teacher at step 4",
            "try 1 of 3",
        ] {
            assert!(told.contains(words), "“{words}” is not in: {told}");
        }
        // First what happened, then the run once more, then its steps.
        let place = |is_it: &dyn Fn(&Message) -> bool| lost.iter().rposition(is_it).expect("a message");
        let warned = place(&|message| matches!(message, Message::Warning(words) if words == told));
        let started = place(&|message| matches!(message, Message::Started { resumed_from: Some(_), .. }));
        let first =
            place(&|message| matches!(message, Message::Step { at, .. } if (at.stage, at.step) == again));
        assert!(warned < started && started < first, "{warned}, {started}, {first}");
    }
}

#[test]
fn a_full_device_computes_in_smaller_parts_from_then_on() {
    let out = tempfile::tempdir().expect("a folder");
    let said = train(&teacher(), out.path(), &[(6, Full), (9, Full)]);
    assert_finished(&said);
    let told = troubles(&said);
    assert_eq!(told.len(), 2, "{told:?}");
    for (told, words) in told.iter().zip(["in parts of 4 images", "in parts of 2 images"]) {
        // A checkpoint came between the two.
        assert!(told.contains(words) && told.contains("try 1 of 3"), "{told}");
    }
    let (recipe, _) = recipe_of(run_dir(&said)).expect("the run's recipe");
    assert_eq!((recipe.teacher.micro_batch, recipe.student.micro_batch), (2, 0));

    // Of what is as small as can be there is no half.
    let out = tempfile::tempdir().expect("a folder");
    let mut recipe = teacher();
    recipe.teacher.micro_batch = 1;
    let said = train(&recipe, out.path(), &[(6, Full)]);
    assert!(troubles(&said).is_empty());
    assert_eq!((failure(&said).kind, failure(&said).exit_code()), (Kind::DeviceFull, 5));
}

#[test]
fn after_three_tries_without_progress_the_run_ends() {
    let out = tempfile::tempdir().expect("a folder");
    let said = train(&teacher(), out.path(), &[(6, Lost); 4]);
    let told = troubles(&said);
    assert_eq!(told.len(), 3, "{told:?}");
    for (number, told) in (1..).zip(&told) {
        assert!(told.contains(&format!("try {number} of 3")), "{told}");
    }
    let error = failure(&said);
    assert_eq!((error.kind, error.exit_code()), (Kind::DeviceLost, 8));
    let told = error.to_string();
    for words in ["came no further", "the checkpoint of teacher at step 4", "what to do"] {
        assert!(told.contains(words), "“{words}” is not in: {told}");
    }
    // The same command goes on.
    let said = train(&teacher(), out.path(), &[]);
    assert_finished(&said);
    assert_eq!(steps(&said).first(), Some(&(Stage::Teacher, 5)));
}

#[test]
fn a_checkpoint_is_progress() {
    let out = tempfile::tempdir().expect("a folder");
    let to_come = [(2, Lost), (2, Lost), (6, Lost), (6, Lost), (6, Lost), (9, Lost)];
    let said = train(&teacher(), out.path(), &to_come);
    assert_finished(&said);
    let tries: Vec<&str> = troubles(&said).iter().filter_map(|words| words.rsplit('(').next()).collect();
    assert_eq!(tries, [1, 2, 1, 2, 3, 1].map(|number| format!("try {number} of 3)")));
    assert!(troubles(&said)[0].contains("its beginning"), "{:?}", troubles(&said));
}

/// What panics within a library is told apart, and heard of whoever catches it.
#[test]
fn a_panic_of_the_device_is_trouble_and_another_ends_the_run() {
    let out = tempfile::tempdir().expect("a folder");
    let to_come = [
        (6, Panic("wgpu error: Out of Memory")),
        (9, Panic("wgpu error: Validation Error\nCaused by:\n  Parent device is lost")),
        (10, Panic("index 7 is out of bounds")),
    ];
    let before = gpu::full_heard();
    let said = train(&teacher(), out.path(), &to_come);
    assert!(gpu::full_heard() > before);
    let told = troubles(&said);
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(told[0].contains("no memory left") && told[0].contains("in parts of 4 images"), "{told:?}");
    assert!(told[1].contains("lost") && !told[1].contains("in parts of"), "{told:?}");
    let error = failure(&said);
    assert!(error.kind == Kind::Device && error.what.contains("index 7"), "{error}");
}
