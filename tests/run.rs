//! Whole runs in this process: what they leave behind, and that stopping, resuming and looking
//! change nothing.

use std::path::Path;
use std::sync::mpsc::RecvTimeoutError;
use std::time::Duration;

use image::RgbImage;
use signet::error::{Error, Kind};
use signet::gpu::DeviceSpec;
use signet::recipe::{self, BadGradients, Method, Recipe};
use signet::run::message::{Command, EditRequest, Ending, Message, Stage};
use signet::run::{self, Limits, Options};

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
        limits: Limits { max_kimg, max_minutes: None },
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
    for file in ["recipe.toml", "reals.png", "stats.jsonl", "summary.json", "samples-sign-000000.png"] {
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

/// Stopped in the middle of either stage and resumed, a run ends in the very same state.
#[test]
fn a_resumed_run_equals_an_uninterrupted_one() {
    let recipes = [Method::Sign, Method::Sid].map(|method| [tiny(method), tiny_with_labels(method)]);
    for recipe in recipes.into_iter().flatten() {
        let whole = tempfile::tempdir().expect("a folder");
        let said = follow(&recipe, options(whole.path(), None), quiet);
        let want = state(run_dir(&said));

        let parts = tempfile::tempdir().expect("a folder");
        for max_kimg in [0.024, 0.056, 0.08, 0.104] {
            let said = follow(&recipe, options(parts.path(), Some(max_kimg)), quiet);
            assert_eq!(ending(&said), Ending::Limit, "{max_kimg}");
        }
        let said = follow(&recipe, options(parts.path(), None), quiet);
        assert_eq!(ending(&said), Ending::Finished);
        assert!(
            matches!(
                said.iter().find(|m| matches!(m, Message::Started { .. })),
                Some(Message::Started { resumed_from: Some(_), .. })
            ),
            "the last part did not resume"
        );
        assert!(
            state(run_dir(&said)) == want,
            "{}: the resumed state differs",
            recipe::to_toml(&recipe).expect("a recipe")
        );

        // A finished run has nothing left to do, and says so without training.
        let said = follow(&recipe, options(parts.path(), None), quiet);
        assert_eq!(ending(&said), Ending::Finished);
        assert!(!said.iter().any(|m| matches!(m, Message::Step { .. })), "a finished run trained on");
    }
}

/// Into how many parts a batch is split is no part of what a run is.
#[test]
fn a_run_goes_on_with_another_micro_batch() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut recipe = tiny_with_labels(Method::Sid);
    let first = follow(&recipe, options(folder.path(), Some(0.024)), quiet);
    assert_eq!(ending(&first), Ending::Limit);
    (recipe.teacher.micro_batch, recipe.student.micro_batch) = (0, 2);
    let second = follow(&recipe, options(folder.path(), None), quiet);
    assert_eq!(ending(&second), Ending::Finished);
    assert_eq!(run_dir(&first), run_dir(&second));
}

#[test]
fn a_teacher_without_classes_is_not_distilled_with_them() {
    let folder = tempfile::tempdir().expect("a folder");
    let first = follow(&tiny(Method::Sid), options(folder.path(), Some(0.064)), quiet);
    let mut recipe = tiny_with_labels(Method::Sid);
    recipe.teacher.path = Some(run_dir(&first).to_path_buf());
    let said = follow(&recipe, options(folder.path(), None), quiet);
    let error = failure(&said);
    assert!(error.kind == Kind::Checkpoint && error.remedy.is_some(), "{error}");
}

/// Samples, saves, pauses and edits in the middle of training leave the weights as they would be.
#[test]
fn looking_changes_nothing() {
    let recipe = tiny(Method::Sign);
    let plain = tempfile::tempdir().expect("a folder");
    let want = state(run_dir(&follow(&recipe, options(plain.path(), None), quiet)));

    let watched = tempfile::tempdir().expect("a folder");
    let edit = |ticket| {
        Command::Edit(EditRequest {
            ticket,
            name: "gray.png".into(),
            image: RgbImage::from_pixel(20, 10, image::Rgb([90, 120, 200])),
            steps: 3,
            strength_sigma: 0.5,
            seed: 1,
        })
    };
    let said = follow(&recipe, options(watched.path(), None), |message| match message {
        Message::Step { at, .. } if at.step == 3 => {
            vec![Command::Pause, Command::SampleNow, edit(at.kimg as u64), Command::SaveNow, Command::Resume]
        }
        _ => Vec::new(),
    });
    assert_eq!(ending(&said), Ending::Finished);
    let edits: Vec<_> =
        said.iter().filter_map(|m| if let Message::Edited(e) = m { Some(e) } else { None }).collect();
    assert_eq!(edits.len(), 2, "one edit in each stage");
    let early = edits[0].outcome.as_ref().expect_err("a teacher cannot project");
    assert!(early.remedy.is_some(), "{early}");
    let projected = edits[1].outcome.as_ref().expect("SIGN projects");
    assert_eq!((projected.after.len(), projected.before.dimensions()), (3, (8, 8)));
    assert!(said.iter().any(|m| matches!(m, Message::Paused)));
    assert!(state(run_dir(&said)) == want, "watching the run changed its weights");
}

#[test]
fn a_damaged_checkpoint_is_passed_over_with_a_warning() {
    let recipe = tiny(Method::Sid);
    let folder = tempfile::tempdir().expect("a folder");
    let said = follow(&recipe, options(folder.path(), Some(0.096)), quiet);
    let checkpoints = run_dir(&said).join("checkpoints");
    let mut all: Vec<_> =
        std::fs::read_dir(&checkpoints).expect("checkpoints").map(|e| e.expect("an entry").path()).collect();
    all.sort();
    assert!(all.len() >= 2, "{all:?}");
    let newest = all.pop().expect("a checkpoint").join("state.safetensors");
    let bytes = std::fs::read(&newest).expect("a state");
    std::fs::write(&newest, &bytes[..bytes.len() / 2]).expect("truncates");

    let said = follow(&recipe, options(folder.path(), None), quiet);
    assert_eq!(ending(&said), Ending::Finished);
    let warned = said.iter().any(|m| matches!(m, Message::Warning(text) if text.contains("damaged")));
    assert!(warned, "no word of the damaged checkpoint");
    // It went on from the one before, not from the beginning, and still ends where it should.
    let resumed = said.iter().find_map(|m| match m {
        Message::Started { resumed_from, .. } => resumed_from.clone(),
        _ => None,
    });
    assert_eq!(resumed, all.pop());
    let whole = tempfile::tempdir().expect("a folder");
    let want = state(run_dir(&follow(&recipe, options(whole.path(), None), quiet)));
    assert!(state(run_dir(&said)) == want, "the state differs from an undamaged run's");
}

#[test]
fn a_run_of_another_recipe_is_refused_and_a_new_seed_is_a_new_run() {
    let folder = tempfile::tempdir().expect("a folder");
    let recipe = tiny(Method::Sid);
    let first = follow(&recipe, options(folder.path(), Some(0.016)), quiet);
    let mut other = recipe.clone();
    other.seed = 1;
    let resume = Options { resume: Some(run_dir(&first).to_path_buf()), ..options(folder.path(), None) };
    let said = follow(&other, resume, quiet);
    let error = failure(&said);
    assert_eq!(error.kind, Kind::Checkpoint);
    assert!(error.place.is_some() && error.remedy.is_some(), "{error}");

    let second = follow(&other, options(folder.path(), Some(0.016)), quiet);
    assert_ne!(run_dir(&first), run_dir(&second));
}

/// Photos were added between two sessions: going on would be another run under the same name.
#[test]
fn other_images_are_not_gone_on_with() {
    let folder = tempfile::tempdir().expect("a folder");
    let photos = folder.path().join("photos");
    std::fs::create_dir(&photos).expect("a folder");
    let paint = |i: u8| {
        let picture = RgbImage::from_fn(8, 8, |x, y| image::Rgb([i * 20, x as u8 * 30, y as u8 * 30]));
        picture.save(photos.join(format!("{i}.png"))).expect("a picture");
    };
    (0..9).for_each(paint);
    let mut recipe = tiny(Method::Sid);
    recipe.data.path = Some(photos.clone());
    recipe.data.limit = None;
    let out = folder.path().join("runs");
    let first = follow(&recipe, options(&out, Some(0.016)), quiet);
    assert_eq!(ending(&first), Ending::Limit);
    paint(9);
    let said = follow(&recipe, options(&out, None), quiet);
    assert_eq!(failure(&said).kind, Kind::Checkpoint);
    let fresh = Options { fresh: true, ..options(&out, Some(0.016)) };
    assert_eq!(ending(&follow(&recipe, fresh, quiet)), Ending::Limit);
}

/// One run folder has one trainer at a time.
#[test]
fn a_run_is_not_trained_twice_at_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let recipe = tiny(Method::Sid);
    let mut second = None;
    let said = follow(&recipe, options(folder.path(), Some(0.05)), |message| {
        if second.is_none() && matches!(message, Message::Step { .. }) {
            second = Some(follow(&recipe, options(folder.path(), None), quiet));
        }
        Vec::new()
    });
    assert_eq!(ending(&said), Ending::Limit);
    let error = failure(second.as_ref().expect("a second run was tried")).to_string();
    assert!(error.contains("already"), "{error}");
}

#[test]
fn a_teacher_of_an_earlier_run_is_distilled_without_training_it_again() {
    let folder = tempfile::tempdir().expect("a folder");
    let first = follow(&tiny(Method::Sign), options(folder.path(), None), quiet);
    let mut recipe = tiny(Method::Sid);
    recipe.teacher.path = Some(run_dir(&first).to_path_buf());
    let said = follow(&recipe, options(folder.path(), None), quiet);
    assert_eq!(ending(&said), Ending::Finished);
    let stages: Vec<Stage> = said
        .iter()
        .filter_map(|m| if let Message::StageStarted { stage, .. } = m { Some(*stage) } else { None })
        .collect();
    assert_eq!(stages, [Stage::Sid]);
}
