//! Numbers that are changed while a run trains, and numbers that leave the finite ones.

use super::*;

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
    // No float is so large.
    recipe.student.sid.loss_scale = 1e38;
    recipe.student.kimg = 0.4;
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
    assert!(safe.contains("checkpoint of sid at step"), "{safe}");
    let log = std::fs::read_to_string(run_dir(&said).join("log.jsonl")).expect("a log");
    assert_eq!(log.matches("gradients of").count(), 5, "four warnings and the end: {log}");
}

/// Numbers that are finite and far out of range: an alarm, back to the last good checkpoint, and no student.
#[test]
fn a_teacher_that_runs_away_is_not_distilled() {
    // The first has its weights out of range at once, the second its losses.
    for (rate, by_weights) in [(1e9, true), (1e4, false)] {
        let mut recipe = tiny(Method::Sid);
        recipe.teacher.kimg = 0.4;
        recipe.teacher.learning_rate = rate;
        recipe.report.checkpoint_every_kimg = 0.008;
        let folder = tempfile::tempdir().expect("a folder");
        let said = follow(&recipe, options(folder.path(), None), quiet);
        let error = failure(&said);
        assert_eq!(error.kind, Kind::Diverged, "{error}");
        let what = if by_weights { "weights of the teacher" } else { "the teacher diverges" };
        assert!(error.what.contains(what) && error.remedy.is_some(), "{error}");
        let student = |m: &Message| matches!(m, Message::StageStarted { stage: Stage::Sid, .. });
        assert!(!said.iter().any(student), "its student was begun");
        if !by_weights {
            let alarm = |m: &&Message| matches!(m, Message::Warning(text) if text.contains("diverges"));
            assert_eq!(said.iter().filter(alarm).count(), 1);
        }
        // The first step moves nothing, for its rate is 0; the second is the end of it.
        let found = train::latest(&run_dir(&said).join("checkpoints"), |_| Ok(())).expect("checkpoints");
        let steps = found.0.map(|checkpoint| checkpoint.manifest.step);
        assert_eq!(steps, Some(1), "{rate}");
        assert!(error.safe.as_deref().is_some_and(|safe| safe.contains("step 1 ")), "{error}");
    }
}

/// What cannot be written cannot be written at every line: one warning says it.
#[test]
fn a_lasting_trouble_is_told_once() {
    let mut recipe = tiny(Method::Sid);
    recipe.teacher.kimg = 1.024;
    recipe.student.kimg = 0.0;
    let folder = tempfile::tempdir().expect("a folder");
    let mut stats = PathBuf::new();
    let said = follow(&recipe, options(folder.path(), None), |message| {
        match message {
            Message::Started { run_dir, .. } => stats = run_dir.join("stats.jsonl"),
            Message::Reals(_) => {
                // A folder takes no lines, whoever asks.
                std::fs::remove_file(&stats).expect("removed");
                std::fs::create_dir(&stats).expect("a folder");
            }
            _ => {}
        }
        Vec::new()
    });
    let warning = |m: &Message| if let Message::Warning(text) = m { Some(text.clone()) } else { None };
    let told: Vec<String> = said.iter().filter_map(warning).collect();
    let lines = told.iter().filter(|text| text.contains("stats.jsonl") && text.contains("append"));
    assert_eq!((ending(&said), lines.count()), (Ending::Finished, 1), "{told:?}");
}
