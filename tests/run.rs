//! Whole runs in this process: what they leave behind, and that stopping, resuming and looking
//! change nothing.

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
    Averaging, Change, Command, EditRequest, Edited, Ending, Message, Pictures, Stage, Tuning, Weights,
};
use signet::run::{self, Limits, Options};
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
        limits: Limits { max_kimg, max_minutes: None },
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

/// Names, values and places of everything that a run has measured, in order.
fn metrics(run_dir: &Path) -> Vec<serde_json::Value> {
    let text = std::fs::read_to_string(run_dir.join("stats.jsonl")).expect("the run's numbers");
    let lines = text.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).expect("JSON"));
    let mut measured: Vec<_> = lines.filter(|line| line.get("conditions").is_some()).collect();
    for line in &mut measured {
        line.as_object_mut().expect("an object").remove("elapsed_secs");
    }
    measured
}

/// A stop ends a measurement, and the run that goes on makes up for it before the next step.
#[test]
fn a_stop_is_heard_in_a_measurement_and_nothing_of_it_is_lost() {
    let mut recipe = tiny(Method::Sign);
    // Long enough for a stop to arrive.
    recipe.report.metric_samples = 1024;
    let whole = tempfile::tempdir().expect("a folder");
    let said = follow(&recipe, options(whole.path(), None), quiet);
    let (want_state, want) = (state(run_dir(&said)), metrics(run_dir(&said)));
    assert!(!want.is_empty());

    let parts = tempfile::tempdir().expect("a folder");
    let mut stops = 0;
    let last = loop {
        // The first measurement of a run that goes on is the one that was not finished.
        let mut left = u32::from(stops > 0);
        let said = follow(&recipe, options(parts.path(), None), |message| match message {
            Message::Preparing { what, done: 0, .. } if what.starts_with("measuring") => {
                let stop = left == 0;
                left = left.saturating_sub(1);
                if stop { vec![Command::Stop] } else { Vec::new() }
            }
            _ => Vec::new(),
        });
        if ending(&said) == Ending::Finished {
            break said;
        }
        stops += 1;
        let found = train::latest(&run_dir(&said).join("checkpoints"));
        let (checkpoint, _) = found.expect("readable checkpoints");
        let due = checkpoint.expect("stopping saves").manifest.due;
        assert!(due.metrics, "the measurement was finished before the stop {stops}");
        let after_stop = said.iter().rev().take_while(|m| !matches!(m, Message::Preparing { .. }));
        assert!(!after_stop.into_iter().any(|m| matches!(m, Message::Step { .. } | Message::Metric { .. })));
    };
    // A teacher at its end, a student at its beginning, half-way and at its end.
    assert_eq!(stops, 4);
    assert!(state(run_dir(&last)) == want_state, "the state differs");
    assert_eq!(metrics(run_dir(&last)), want);
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

/// Wishes for edits of one picture: directly, from noise, and with a hole in it.
fn edit(ticket: u64, weights: Weights) -> EditRequest {
    let hole = GrayImage::from_fn(20, 10, |x, _| Luma([if x < 10 { 255 } else { 0 }]));
    EditRequest {
        ticket,
        name: "gray.png".into(),
        image: Arc::new(RgbImage::from_pixel(20, 10, image::Rgb([90, 120, 200]))),
        mask: (ticket % 2 == 1).then(|| Arc::new(hole)),
        wish: Wish { steps: Some(3), strength_sigma: Some(0.5), seed: 1, ..Wish::default() },
        weights,
    }
}

fn answers(said: &[Message]) -> Vec<&Edited> {
    said.iter().filter_map(|m| if let Message::Edited(e) = m { Some(e) } else { None }).collect()
}

/// Samples, saves, pauses and edits in the middle of training leave the weights and losses as they would be.
#[test]
fn looking_changes_nothing() {
    let recipe = tiny(Method::Sign);
    let plain = tempfile::tempdir().expect("a folder");
    let unwatched = follow(&recipe, options(plain.path(), None), quiet);
    let want = state(run_dir(&unwatched));

    let watched = tempfile::tempdir().expect("a folder");
    let other = Weights::Checkpoint(run_dir(&unwatched).to_path_buf());
    let said = follow(&recipe, options(watched.path(), None), |message| match message {
        Message::Step { at, .. } if at.step == 1 => {
            (0..2).map(|ticket| Command::Edit(edit(ticket, Weights::Newest))).collect()
        }
        Message::Step { at, .. } if at.step == 2 => {
            let edits = [edit(2, Weights::Newest), edit(3, other.clone())].map(Command::Edit);
            [Command::Pause, Command::SampleNow].into_iter().chain(edits).collect()
        }
        // Paused, it does all that is left to do.
        Message::Edited(Edited { ticket: 3, .. }) => vec![Command::SaveNow, Command::Resume],
        _ => Vec::new(),
    });
    assert_eq!(ending(&said), Ending::Finished);
    let edits = answers(&said);
    let (early, late): (Vec<_>, Vec<_>) = edits.into_iter().partition(|e| e.outcome.is_err());
    assert_eq!(early.iter().map(|e| e.ticket).collect::<Vec<_>>(), [0, 1, 2]);
    let error = early[0].outcome.as_ref().expect_err("a teacher cannot project");
    assert!(error.what.contains("teacher") && error.remedy.is_some(), "{error}");
    let mut done: Vec<u64> = late.iter().map(|e| e.ticket).collect();
    done.sort_unstable();
    assert_eq!(done, [0, 1, 2, 3, 3], "the checkpoint's answers in both stages");
    for edited in late {
        let projected = edited.outcome.as_ref().expect("SIGN projects");
        assert_eq!((projected.after.len(), projected.before.dimensions()), (3, (8, 8)));
        assert_eq!(projected.model.contains("sign at"), edited.ticket != 3, "{}", projected.model);
    }
    assert!(said.iter().any(|m| matches!(m, Message::Editing { ticket: 0, done: 1, total: 4 })));
    assert!(said.iter().any(|m| matches!(m, Message::Paused)));
    assert!(state(run_dir(&said)) == want, "watching the run changed its weights");
    let losses = |said: &[Message]| -> Vec<_> {
        let of = |m: &Message| if let Message::Step { losses, .. } = m { Some(losses.clone()) } else { None };
        said.iter().filter_map(of).collect()
    };
    assert_eq!(losses(&said), losses(&unwatched));
}

/// A run that has ended goes on editing until the face leaves, and then ends.
#[test]
fn a_trainer_that_stays_edits_after_the_end() {
    let folder = tempfile::tempdir().expect("a folder");
    let recipe = tiny(Method::Sign);
    let stays = Options { stays: true, ..options(folder.path(), Some(0.096)) };
    let mut run_dir = PathBuf::new();
    let said = follow(&recipe, stays, |message| match message {
        Message::Done { run_dir: path, .. } => {
            run_dir.clone_from(path);
            vec![Command::Edit(edit(0, Weights::Newest)), Command::SaveNow]
        }
        Message::Edited(Edited { ticket: 0, .. }) => {
            // Its folder is let go: another trainer may go on with the run.
            let next = follow(&recipe, options(folder.path(), None), quiet);
            assert_eq!((ending(&next), self::run_dir(&next)), (Ending::Finished, run_dir.as_path()));
            vec![Command::Edit(edit(1, Weights::Checkpoint(run_dir.clone())))]
        }
        Message::Edited(_) => vec![Command::Leave],
        _ => Vec::new(),
    });
    let last = |m: &Message| matches!(m, Message::Done { why: Ending::Limit, .. });
    let end = said.iter().position(last).expect("the run ended");
    let made: Vec<_> = answers(&said[end..]).iter().map(|e| e.outcome.clone().expect("an edit")).collect();
    let labels: Vec<&str> = made.iter().map(|projection| projection.model.as_str()).collect();
    assert_eq!(labels, ["sign at 0.0 kimg", run_dir.to_str().expect("a path")]);
}

/// The raw weights' grids and the teacher's come when they are asked for, go into no file and change nothing.
#[test]
fn raw_and_teacher_samples_change_nothing() {
    let mut recipe = tiny(Method::Sign);
    // An average that hardly moves in so few steps.
    recipe.optimiser.ema_ramp_up = 0.0;
    let plain = tempfile::tempdir().expect("a folder");
    let want = state(run_dir(&follow(&recipe, options(plain.path(), None), quiet)));
    let watched = tempfile::tempdir().expect("a folder");
    let said = follow(&recipe, options(watched.path(), None), |message| match message {
        // In the teacher's stage its samples are only promised.
        Message::Reals(_) => vec![Command::ShowTeacher, Command::SampleRaw(true)],
        Message::StageStarted { stage: Stage::Sign, .. } => vec![Command::SampleRaw(false)],
        _ => Vec::new(),
    });
    assert_eq!(ending(&said), Ending::Finished);
    assert!(state(run_dir(&said)) == want, "watching the run changed its weights");

    let place = |found: &dyn Fn(&Message) -> bool| said.iter().position(found).expect("a message");
    let teacher = place(&|m| matches!(m, Message::TeacherSamples { .. }));
    let student = place(&|m| matches!(m, Message::StageStarted { stage: Stage::Sign, .. }));
    let step = place(&|m| matches!(m, Message::Step { at, .. } if at.stage == Stage::Sign));
    assert!(student < teacher && teacher < step, "it comes when the student begins");
    let shown = |m: &Message| matches!(m, Message::TeacherSamples { pictures, evaluations: 5 } if pictures.len() == 4);
    assert!(shown(&said[teacher]), "{:?}", said[teacher]);

    let grids = |wanted: Averaging| -> Vec<(Stage, u64, &Pictures)> {
        let grid = |message| match message {
            &Message::Samples { at, averaging, ref pictures, ref path } if averaging == wanted => {
                assert!(path.is_none() || wanted == Averaging::Ema, "raw weights go into no file");
                Some((at.stage, at.step, pictures))
            }
            _ => None,
        };
        said.iter().filter_map(grid).collect()
    };
    let (average, raw) = (grids(Averaging::Ema), grids(Averaging::Raw));
    // Once at once, then with the teacher's other grids and the student's first.
    assert_eq!(raw.len(), 4, "{:?}", raw.iter().map(|(stage, step, _)| (stage, step)).collect::<Vec<_>>());
    let last = raw.iter().rfind(|(stage, ..)| *stage == Stage::Teacher).expect("a teacher's grid");
    let same = average.iter().find(|(stage, step, _)| (*stage, *step) == (last.0, last.1));
    assert!(same.is_some_and(|same| same.2.iter().ne(last.2.iter())), "the average is not the raw weights");
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

/// The changes that a run was told of, in its order.
fn changes(said: &[Message]) -> Vec<Change> {
    said.iter()
        .filter_map(|m| if let Message::Changed(change) = m { Some(change.clone()) } else { None })
        .collect()
}

fn tune(name: &str, value: f64) -> Command {
    Command::Tune(Tuning { name: name.into(), value })
}

/// Weights and rates that are changed between two steps hold from the next one on, in a run that is
/// resumed as in one that is not.
#[test]
fn a_resumed_run_goes_on_with_what_was_changed() {
    let sign = [("student.sign.rec", 0.0), ("student.sign.reg", 0.5), ("student.learning_rate", 1e-3)];
    let sid = [("student.fake_learning_rate", 1e-3), ("student.sid.alpha", 1.0)];
    for (method, wishes) in [(Method::Sign, &sign[..]), (Method::Sid, &sid[..])] {
        let mut recipe = tiny(method);
        recipe.student.sign.pair_steps = 3;
        let whole = tempfile::tempdir().expect("a folder");
        let wanted = || wishes.iter().map(|(name, value)| tune(name, *value)).collect::<Vec<_>>();
        let said = follow(&recipe, options(whole.path(), None), |message| match message {
            Message::Step { at, .. } if at.stage != Stage::Teacher && at.step == 1 => {
                [vec![Command::Pause], wanted(), vec![Command::Resume]].concat()
            }
            _ => Vec::new(),
        });
        assert_eq!(ending(&said), Ending::Finished);
        let (made, want) = (changes(&said), state(run_dir(&said)));
        assert_eq!(made.iter().map(|c| (c.name.as_str(), c.new)).collect::<Vec<_>>(), wishes);
        let step = made[0].step;
        assert!(made.iter().all(|c| c.step == step) && (1..6).contains(&step), "{made:?}");
        // From the very next step on.
        for message in &said {
            let Message::Step { at, losses, .. } = message else { continue };
            let has = |term: &str| losses.iter().any(|(name, _)| *name == term);
            if at.stage == Stage::Sign {
                assert_eq!((has("rec"), has("reg")), (at.step <= step, at.step > step), "{at:?}");
            }
        }

        let parts = tempfile::tempdir().expect("a folder");
        let until = |steps: u64| Some((64 + 8 * steps) as f64 / 1000.0);
        let first = follow(&recipe, options(parts.path(), until(step)), quiet);
        let mut sent = false;
        let second = follow(&recipe, options(parts.path(), until(step + 1)), |_| {
            let first = !std::mem::replace(&mut sent, true);
            if first { wanted() } else { Vec::new() }
        });
        assert_eq!((ending(&first), ending(&second)), (Ending::Limit, Ending::Limit));
        assert!(changes(&first).is_empty());
        let third = follow(&recipe, options(parts.path(), None), quiet);
        for said in [&second, &third] {
            let same =
                |(a, b): (&Change, &Change)| Change { elapsed_secs: b.elapsed_secs, ..a.clone() } == *b;
            let again = changes(said);
            assert!(again.len() == made.len() && again.iter().zip(&made).all(same), "{again:?}");
        }
        assert!(state(run_dir(&third)) == want, "{method:?}: the resumed state differs");
        assert_eq!(recipe::read(&run_dir(&third).join("recipe.toml")).expect("a recipe"), recipe);
        let plain = tempfile::tempdir().expect("a folder");
        let untouched = follow(&recipe, options(plain.path(), None), quiet);
        assert!(state(run_dir(&untouched)) != want, "the changes changed nothing");
    }
}

/// What cannot be is a warning in words; what was changed in training that is lost is lost with it.
#[test]
fn bad_changes_warn_and_change_nothing() {
    let recipe = tiny(Method::Sid);
    let plain = tempfile::tempdir().expect("a folder");
    let want = state(run_dir(&follow(&recipe, options(plain.path(), None), quiet)));
    let folder = tempfile::tempdir().expect("a folder");
    let bad = [
        ("student.learning_rate", -1.0),
        ("student.learning_rate", f64::NAN),
        ("student.sign.rec", 1.0),
        ("seed", 7.0),
    ];
    let said = follow(&recipe, options(folder.path(), Some(0.096)), |message| match message {
        Message::Step { at, .. } if at.stage == Stage::Sid && at.step == 1 => {
            bad.iter().map(|(name, value)| tune(name, *value)).collect()
        }
        _ => Vec::new(),
    });
    // Alarms about the samples have no remedy of their own.
    let remedied = |text: &&String| text.contains("what to do");
    let warnings = said.iter().filter_map(|m| if let Message::Warning(text) = m { Some(text) } else { None });
    let warnings: Vec<_> = warnings.filter(remedied).collect();
    assert_eq!(warnings.len(), bad.len(), "{warnings:?}");
    assert!(warnings.iter().zip(bad).all(|(text, (name, _))| text.starts_with(name)), "{warnings:?}");
    let file = run_dir(&said).join("changes.jsonl");
    assert!(changes(&said).is_empty() && !file.exists());

    let lost = r#"{"stage":"sid","step":6,"images":48,"elapsed_secs":1.0,"name":"student.learning_rate","old":0.0002,"new":0.5}"#;
    std::fs::write(&file, format!("{lost}\n")).expect("writes");
    let said = follow(&recipe, options(folder.path(), None), quiet);
    let told =
        |m: &Message| matches!(m, Message::Warning(text) if text.contains("student.learning_rate changed"));
    assert!(said.iter().any(told), "no word of the change that is lost");
    assert!(changes(&said).is_empty());
    assert_eq!(std::fs::read_to_string(&file).expect("the file"), "");
    assert!(state(run_dir(&said)) == want, "a change that is lost, or bad, changed the run");
}

/// Steps that are not finite are counted, not told one by one; the end says what is safe.
#[test]
fn a_run_that_diverges_counts_its_bad_steps_and_says_what_is_safe() {
    let mut recipe = tiny(Method::Sid);
    recipe.teacher.kimg = 0.4;
    recipe.teacher.learning_rate = 1e30;
    let folder = tempfile::tempdir().expect("a folder");
    let said = follow(&recipe, options(folder.path(), None), quiet);
    let bad: Vec<_> = said
        .iter()
        .filter_map(
            |m| if let Message::BadSteps(bad) = m { Some((bad.count, bad.worth_a_line)) } else { None },
        )
        .collect();
    let want: Vec<_> = (1..10).map(|count: u64| (count, count.is_power_of_two())).collect();
    assert_eq!(bad, want);
    let error = failure(&said);
    assert_eq!(error.kind, Kind::Diverged);
    let safe = error.safe.as_deref().expect("a word of what is safe");
    assert!(safe.contains("checkpoint of teacher at step"), "{safe}");
    let log = std::fs::read_to_string(run_dir(&said).join("log.jsonl")).expect("a log");
    assert_eq!(log.matches("gradients of").count(), 5, "four warnings and the end: {log}");
}
