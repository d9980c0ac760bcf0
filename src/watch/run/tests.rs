use std::time::Duration;

use super::super::made_up::MadeUp;
use super::super::snapshot::Snapshot;
use super::*;
use crate::recipe;
use crate::run::message::Message;

fn now(run: &Run) -> Snapshot {
    run.snapshot(SystemTime::now())
}

#[test]
fn a_run_is_followed_from_its_folder() {
    let made = MadeUp::empty();
    let mut run = Run::open(made.path()).expect("a run");
    let first = now(&run);
    assert_eq!((&first.state, first.stage, first.recipe.as_deref()), (&State::Starting, None, Some("demo")));
    assert!(!run.poll().expect("read"), "nothing is new");

    made.say(&made.started());
    made.line("teacher", 1, 1.0, r#""denoise":0.5,"images_per_sec":100.0"#);
    made.line("teacher", 1, 1.0, r#""fd_pixel":7.0,"conditions":"512 samples""#);
    made.append(r#"{"stage":"teacher","step":2,"total"#);
    assert!(run.poll().expect("read"));
    let seen = now(&run);
    let demo = recipe::preset("demo").expect("a recipe");
    assert_eq!((seen.state, seen.stage, seen.kimg), (State::Training, Some(Stage::Teacher), Some(1.0)));
    assert_eq!(seen.stage_kimg, Some(demo.teacher.kimg));
    assert_eq!(seen.run_total_kimg, Some(demo.teacher.kimg + demo.student.kimg));
    assert_eq!(seen.eta_secs, Some((demo.teacher.kimg - 1.0) * 10.0));
    // An earlier release did not say more.
    assert_eq!((seen.left_secs, seen.images_per_wall_sec), (None, None));
    assert_eq!((seen.stage_number, seen.stages), (Some(1), Some(2)));
    assert_eq!((seen.losses.len(), seen.losses[0].name.as_str(), seen.losses[0].value), (1, "denoise", 0.5));
    assert_eq!(seen.metrics[0].conditions.as_deref(), Some("512 samples"));
    assert!(seen.troubles.is_empty(), "{:?}", seen.troubles);
    assert_eq!(seen.device.as_deref(), Some("a <device>"));

    let later = run.snapshot(SystemTime::now() + Duration::from_secs(500));
    assert_eq!((&later.state, later.eta_secs), (&State::Silent, None));
    assert!(later.since_secs.is_some_and(|secs| (499.0..600.0).contains(&secs)), "{:?}", later.since_secs);

    made.say(&Message::Paused);
    run.poll().expect("read");
    assert_eq!(now(&run).state, State::Paused);
    made.say(&Message::Failed(Error::new(crate::error::Kind::Device, "the device is lost")));
    run.poll().expect("read");
    assert_eq!(now(&run).state, State::Failed { error: "the device is lost".into() });
}

/// What the trainer said is left holds on, less the time since; its speeds are no losses.
#[test]
fn a_runs_own_plan_is_told_as_it_is_now() {
    let made = MadeUp::empty();
    made.say(&made.started());
    let speeds = r#""images_per_sec":100.0,"images_per_wall_sec":50.0"#;
    made.line("teacher", 1, 1.0, &format!(r#""left_secs":900,"denoise":0.5,{speeds}"#));
    // Two seconds later, metrics, which say nothing of the time.
    made.line("teacher", 2, 1.0, r#""fd_pixel":7.0,"conditions":"512 samples""#);
    let run = Run::open(made.path()).expect("a run");
    let written = std::fs::metadata(made.stats()).and_then(|meta| meta.modified()).expect("a time");
    let seen = run.snapshot(written + Duration::from_secs(10));
    assert_eq!(seen.left_secs.map(f64::round), Some(900.0 - 2.0 - 10.0));
    assert_eq!((seen.images_per_sec, seen.images_per_wall_sec), (Some(100.0), Some(50.0)));
    let demo = recipe::preset("demo").expect("a recipe");
    assert_eq!(seen.eta_secs, Some((demo.teacher.kimg - 1.0) * 20.0));
    assert_eq!(seen.losses.iter().map(|n| n.name.as_str()).collect::<Vec<_>>(), ["denoise"]);
    made.say(&Message::Paused);
    let paused = Run::open(made.path()).expect("a run");
    assert_eq!(now(&paused).left_secs, None, "nothing is trained");
}

/// Conditions may say something of each measurement, as a deviation: it is one number all the same.
#[test]
fn a_metric_is_one_curve_whatever_its_conditions_say() {
    let made = MadeUp::empty();
    for step in 1..=3 {
        made.line("sign", step, f64::from(step), &format!(r#""kid":0.5,"conditions":"deviation {step}""#));
    }
    let run = Run::open(made.path()).expect("a run");
    assert_eq!((run.curves().len(), run.curves()[0].points().count()), (1, 3));
    assert_eq!(now(&run).metrics[0].conditions.as_deref(), Some("deviation 3"));
}

#[test]
fn the_second_stage_counts_on_from_the_first() {
    let made = MadeUp::whole();
    let run = Run::open(made.path()).expect("a run");
    let seen = now(&run);
    let demo = recipe::preset("demo").expect("a recipe");
    assert_eq!((seen.state, seen.kimg), (State::Ended { why: Ending::Finished }, Some(2.0)));
    assert_eq!(seen.run_kimg, Some(demo.teacher.kimg + 2.0));
    let names: Vec<_> = seen.losses.iter().map(|n| n.name.as_str()).collect();
    assert_eq!(names, ["rec", "idem"]);
    assert!(seen.losses[1].value.is_nan());
    assert_eq!(seen.metrics.iter().map(|m| m.stage).collect::<Vec<_>>(), [Stage::Teacher, Stage::Sign]);
    assert_eq!(seen.best.map(|best| best.value), Some(0.5));
    assert!(seen.newest_checkpoint.is_some_and(|p| p.ends_with("step-00000060-sign")));
    assert!(seen.newest_samples.is_some_and(|p| p.ends_with("samples-sign-000002.png")));
    assert_eq!((seen.warning_count, seen.warnings.len()), (1, 1));
    assert_eq!(seen.data.and_then(|data| data.images), Some(64));
}

/// A run that goes on after its end is at work, and its dropped lines are forgotten.
#[test]
fn a_run_that_goes_on_is_read_anew() {
    let made = MadeUp::whole();
    let mut run = Run::open(made.path()).expect("a run");
    std::fs::remove_file(made.stats()).expect("removed");
    made.line("teacher", 1, 1.0, r#""denoise":9.0"#);
    made.say(&made.started());
    assert!(run.poll().expect("read"));
    let seen = now(&run);
    assert_eq!((seen.state, seen.total_steps), (State::Training, Some(1)));
    assert_eq!(run.curves().len(), 1);
}

#[test]
fn what_is_missing_or_damaged_is_said() {
    let made = MadeUp::whole();
    for file in ["recipe.toml", "log.jsonl", "best.json"] {
        std::fs::remove_file(made.path().join(file)).expect("removed");
    }
    made.append("not JSON\n");
    let seen = now(&Run::open(made.path()).expect("a run"));
    // The summary alone says that it has ended, and nothing says how long it was to be.
    assert_eq!((seen.state, seen.stage_kimg), (State::Ended { why: Ending::Finished }, None));
    assert_eq!((seen.recipe, seen.best, seen.troubles.len()), (None, None, 2));
    made.file("summary.json", b"{\"ending\":");
    std::fs::remove_dir_all(made.path().join("checkpoints")).expect("removed");
    let seen = now(&Run::open(made.path()).expect("a run"));
    assert_eq!((seen.state, seen.data), (State::Training, None));
}

#[test]
fn what_is_no_run_is_refused_in_words() {
    let made = MadeUp::empty();
    let mut run = Run::open(made.path()).expect("a run");
    let (path, file) = (made.path().to_path_buf(), made.path().join("recipe.toml"));
    let parent = tempfile::tempdir().expect("a folder");
    let refused = |path: &Path| Run::open(path).err().expect("an error").to_string();
    assert!(refused(&file).contains("a file"), "{}", refused(&file));
    assert!(refused(parent.path()).contains("not a run folder"));
    let child = parent.path().join("00000-demo-sign");
    std::fs::create_dir(&child).expect("a folder");
    std::fs::copy(&file, child.join("recipe.toml")).expect("copied");
    assert!(refused(parent.path()).contains("00000-demo-sign"), "{}", refused(parent.path()));
    made.remove();
    let gone = run.poll().expect_err("an error").to_string();
    assert!(gone.contains("gone") && gone.contains("what to do"), "{gone}");
    assert!(refused(&path).contains("no such folder"));
}
