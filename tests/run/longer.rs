//! Runs that are trained longer than they were meant to be.

use super::*;

/// Thousand images at first, and then.
const SHORT: f64 = 0.064;
const LONG: f64 = 0.112;

/// A run whose rates fall, and in which a measurement is long enough for a command to arrive in it.
fn falling(method: Method) -> Recipe {
    let mut recipe = tiny(method);
    (recipe.teacher.kimg, recipe.student.kimg) = (SHORT, SHORT);
    (recipe.teacher.last_learning_rate, recipe.student.last_learning_rate) = (0.25, 0.25);
    recipe.report.metric_samples = 512;
    recipe
}

fn teacher_alone() -> Recipe {
    let mut recipe = falling(Method::Sid);
    recipe.student.kimg = 0.0;
    recipe
}

/// Trains it, and makes `stage` longer at its very end.
fn lengthened_at_its_end(recipe: &Recipe, out: &Path, stage: Stage) -> Vec<Message> {
    let name = if stage == Stage::Teacher { "teacher.kimg" } else { "student.kimg" };
    follow(recipe, options(out, None), |message| match message {
        Message::Step { at, .. } if at.stage == stage && at.kimg == SHORT => vec![Command::Pause],
        Message::Paused => vec![Command::Tune(Tuning { name: name.into(), value: LONG }), Command::Resume],
        _ => Vec::new(),
    })
}

/// What was written down of changes, but for when it was.
fn changes(run_dir: &Path) -> Vec<Change> {
    let text = std::fs::read_to_string(run_dir.join("changes.jsonl")).expect("changes");
    let change = |line: &str| {
        let change: Change = serde_json::from_str(line).expect("a change");
        Change { elapsed_secs: 0.0, ..change }
    };
    text.lines().map(change).collect()
}

#[test]
fn trained_and_extended_equals_made_longer_on_the_way() {
    for (recipe, stage) in [
        (teacher_alone(), Stage::Teacher),
        (falling(Method::Sid), Stage::Sid),
        (falling(Method::Sign), Stage::Sign),
    ] {
        let mut longer = recipe.clone();
        *(if stage == Stage::Teacher { &mut longer.teacher.kimg } else { &mut longer.student.kimg }) = LONG;
        let parts = tempfile::tempdir().expect("a folder");
        let first = follow(&recipe, options(parts.path(), None), quiet);
        let second = follow(&longer, options(parts.path(), None), quiet);
        assert_eq!((ending(&first), ending(&second)), (Ending::Finished, Ending::Finished));
        assert_eq!(run_dir(&first), run_dir(&second), "it is the same run");
        let note = |m: &Message| matches!(m, Message::Note(text) if text.contains("the learning rate is") && text.contains("instead of"));
        assert!(second.iter().any(note), "no word of what becomes of the rate");

        let whole = tempfile::tempdir().expect("a folder");
        let said = lengthened_at_its_end(&recipe, whole.path(), stage);
        assert_eq!(ending(&said), Ending::Finished);
        assert!(state(run_dir(&second)) == state(run_dir(&said)), "{stage:?}: the states differ");
        assert_eq!(changes(run_dir(&second)), changes(run_dir(&said)));
        let change = &changes(run_dir(&said))[0];
        assert_eq!((change.step, change.old, change.new), (8, SHORT, LONG));

        // The rate had fallen by then: one that was meant to be so long from the start is another.
        let plain = tempfile::tempdir().expect("a folder");
        let meant = follow(&longer, options(plain.path(), None), quiet);
        assert!(state(run_dir(&meant)) != state(run_dir(&said)), "{stage:?}: the length changed nothing");

        // The command that began it, and the longer one, have nothing left to do.
        for again in [&recipe, &longer] {
            let said = follow(again, options(parts.path(), None), quiet);
            assert_eq!((ending(&said), run_dir(&said)), (Ending::Finished, run_dir(&first)));
            assert!(!said.iter().any(|m| matches!(m, Message::Step { .. })), "it was trained once more");
        }
        let kept = recipe::read(&run_dir(&first).join("recipe.toml")).expect("a recipe");
        assert_eq!(kept, longer);
    }
}

/// Interrupted on its way after it was made longer, it keeps the new length, whatever the command says that
/// began it.
#[test]
fn a_run_that_was_made_longer_stays_so() {
    let recipe = falling(Method::Sid);
    let folder = tempfile::tempdir().expect("a folder");
    let run = follow(&recipe, options(folder.path(), None), quiet);
    let mut longer = recipe.clone();
    longer.student.kimg = LONG;
    let limited = options(folder.path(), Some(SHORT + 0.08));
    assert_eq!(ending(&follow(&longer, limited, quiet)), Ending::Limit);
    let said = follow(&recipe, options(folder.path(), None), quiet);
    assert_eq!((ending(&said), run_dir(&said)), (Ending::Finished, run_dir(&run)));
    let whole = tempfile::tempdir().expect("a folder");
    let want = lengthened_at_its_end(&recipe, whole.path(), Stage::Sid);
    assert!(state(run_dir(&said)) == state(run_dir(&want)));
    assert_eq!(changes(run_dir(&said)).len(), 1);
}

/// In its folder's recipe, as a user edits it.
#[test]
fn a_recipe_that_is_edited_makes_the_run_longer() {
    let recipe = falling(Method::Sid);
    let folder = tempfile::tempdir().expect("a folder");
    let run = follow(&recipe, options(folder.path(), None), quiet);
    let file = run_dir(&run).join("recipe.toml");
    let edited = |from: &str, to: &str| {
        let text = std::fs::read_to_string(&file).expect("a recipe");
        let (before, student) = text.split_once("[student]").expect("a student");
        std::fs::write(&file, format!("{before}[student]{}", student.replacen(from, to, 1))).expect("writes");
    };
    let go_on = || {
        let resume = Options { resume: Some(run_dir(&run).into()), ..options(folder.path(), None) };
        follow(&recipe::read(&file).expect("a recipe"), resume, quiet)
    };
    edited("kimg = 0.064", "kimg = 0.112");
    let said = go_on();
    assert_eq!(ending(&said), Ending::Finished);
    let mut longer = recipe.clone();
    longer.student.kimg = LONG;
    let whole = tempfile::tempdir().expect("a folder");
    follow(&recipe, options(whole.path(), None), quiet);
    let want = follow(&longer, options(whole.path(), None), quiet);
    assert!(state(run_dir(&said)) == state(run_dir(&want)));

    // What shapes the weights may not be edited, and is named.
    edited("batch = 8", "batch = 16");
    let error = failure(&go_on()).to_string();
    assert!(error.contains("student.batch 8 -> 16") || error.contains("student.batch not given"), "{error}");
    assert!(error.contains("what to do") && error.contains("recipe.toml"), "{error}");
}

/// A student is of its teacher: where that is trained longer it begins anew, and what there was is kept aside.
#[test]
fn a_longer_teacher_has_another_student() {
    let recipe = falling(Method::Sid);
    let folder = tempfile::tempdir().expect("a folder");
    let first = follow(&recipe, options(folder.path(), None), quiet);
    let old = state(run_dir(&first));
    let mut longer = recipe.clone();
    longer.teacher.kimg = LONG;
    // Nobody who does not name the run wants that.
    let beside = follow(&longer, options(folder.path(), Some(0.008)), quiet);
    assert_ne!(run_dir(&beside), run_dir(&first));

    let resume = Options { resume: Some(run_dir(&first).into()), ..options(folder.path(), None) };
    let said = follow(&longer, resume, quiet);
    assert_eq!((ending(&said), run_dir(&said)), (Ending::Finished, run_dir(&first)));
    let earlier = run_dir(&first).join("earlier/000");
    let told = |m: &Message| matches!(m, Message::Warning(text) if text.contains("earlier/000"));
    assert!(said.iter().any(told), "no word of where the first student is");
    assert!(state(&earlier) == old && earlier.join("stats.jsonl").is_file());

    let whole = tempfile::tempdir().expect("a folder");
    let want = lengthened_at_its_end(&recipe, whole.path(), Stage::Teacher);
    assert!(state(run_dir(&said)) == state(run_dir(&want)), "the states differ");
    let shorter = Options { resume: Some(run_dir(&first).into()), ..options(folder.path(), None) };
    let again = follow(&recipe, shorter, quiet);
    assert_eq!(ending(&again), Ending::Finished);
    assert!(!again.iter().any(|m| matches!(m, Message::Step { .. })), "a shorter wish undid something");
}

/// From a window, which stays when the run has ended.
#[test]
fn a_finished_run_goes_on_when_a_face_asks_for_it() {
    let recipe = falling(Method::Sign);
    let folder = tempfile::tempdir().expect("a folder");
    // When it is asked for the time of the first training is up: it does not hold for the second.
    let limits = Limits { max_kimg: None, max_minutes: Some(0.25) };
    let stays = Options { stays: true, limits, ..options(folder.path(), None) };
    let mut ends = 0;
    let said = follow(&recipe, stays, |message| match message {
        Message::Done { .. } => {
            ends += 1;
            match ends {
                // One that is no longer is answered in words.
                1 => {
                    std::thread::sleep(Duration::from_secs(15));
                    [SHORT, LONG].map(|kimg| Command::TrainLonger { kimg }).to_vec()
                }
                _ => vec![Command::Leave],
            }
        }
        _ => Vec::new(),
    });
    assert_eq!((ends, ending(&said)), (2, Ending::Finished));
    assert!(said.iter().any(|m| matches!(m, Message::Warning(text) if text.contains("no longer than"))));
    let whole = tempfile::tempdir().expect("a folder");
    let want = lengthened_at_its_end(&recipe, whole.path(), Stage::Sign);
    assert!(state(run_dir(&said)) == state(run_dir(&want)));
}

#[test]
fn a_stage_is_not_made_shorter_than_it_is() {
    let folder = tempfile::tempdir().expect("a folder");
    let said = follow(&teacher_alone(), options(folder.path(), None), |message| match message {
        Message::Step { at, .. } if at.kimg == 0.016 => {
            vec![Command::Tune(Tuning { name: "teacher.kimg".into(), value: 0.008 })]
        }
        _ => Vec::new(),
    });
    assert_eq!(ending(&said), Ending::Finished);
    assert!(said.iter().any(|m| matches!(m, Message::Warning(text) if text.contains("trained already"))));
    assert!(!run_dir(&said).join("changes.jsonl").exists());
}

/// What a command says that was given once holds, also of a stage that has not begun; the first command, or one
/// without the flag, does not take it back.
#[test]
fn a_length_holds_until_somebody_means_another() {
    let recipe = falling(Method::Sid);
    let folder = tempfile::tempdir().expect("a folder");
    let mut longer = recipe.clone();
    longer.student.kimg = LONG;
    // Half-way in the teacher.
    follow(&recipe, options(folder.path(), Some(0.032)), quiet);
    follow(&longer, options(folder.path(), Some(0.04)), quiet);
    let mut other = recipe.clone();
    other.student.kimg = 0.096;
    let said = follow(&other, options(folder.path(), Some(0.048)), quiet);
    assert!(said.iter().any(|m| matches!(m, Message::Note(text) if text.contains("stays so"))));
    let said = follow(&recipe, options(folder.path(), Some(SHORT + 0.08)), quiet);
    assert_eq!(ending(&said), Ending::Limit);
    // A third length, shorter than the stage is by now, and one that is shorter than it shall be.
    for kimg in [0.024, 0.096] {
        let mut other = recipe.clone();
        other.student.kimg = kimg;
        let said = follow(&other, options(folder.path(), Some(SHORT + 0.088)), quiet);
        assert_eq!(ending(&said), Ending::Limit, "{kimg}");
        assert!(said.iter().any(|m| matches!(m, Message::Note(text) if text.contains("stays so"))), "{kimg}");
    }
    let said = follow(&recipe, options(folder.path(), None), quiet);
    let last =
        said.iter().rev().find_map(|m| if let Message::Step { at, .. } = m { Some(at.kimg) } else { None });
    assert_eq!((ending(&said), last), (Ending::Finished, Some(LONG)));
    let whole = tempfile::tempdir().expect("a folder");
    assert!(state(run_dir(&said)) == state(run_dir(&follow(&longer, options(whole.path(), None), quiet))));
}

/// Who means it ends a stage early.
#[test]
fn a_stage_in_progress_is_shortened_by_who_means_it() {
    let recipe = falling(Method::Sid);
    let folder = tempfile::tempdir().expect("a folder");
    follow(&recipe, options(folder.path(), Some(0.1)), quiet);
    let mut shorter = recipe.clone();
    shorter.student.kimg = 0.048;
    let meant = Meant { student_kimg: true, ..Meant::default() };
    let said = follow(&shorter, Options { meant, ..options(folder.path(), None) }, quiet);
    let last =
        said.iter().rev().find_map(|m| if let Message::Step { at, .. } = m { Some(at.kimg) } else { None });
    assert_eq!((ending(&said), last), (Ending::Finished, Some(0.048)));
    assert_eq!(changes(run_dir(&said)).len(), 1);
}
