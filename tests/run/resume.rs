//! A run that goes on.

use super::*;

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

/// Cuts the state of a checkpoint in two.
fn damage(checkpoint: &Path) {
    let file = checkpoint.join("state.safetensors");
    let bytes = std::fs::read(&file).expect("a state");
    std::fs::write(&file, &bytes[..bytes.len() / 2]).expect("truncates");
}

/// Keeps the size of the state of a checkpoint, and nothing else.
fn corrupt(checkpoint: &Path) {
    let file = checkpoint.join("state.safetensors");
    let len = std::fs::metadata(&file).expect("a state").len();
    std::fs::write(&file, vec![7; len as usize]).expect("overwrites");
}

fn checkpoints(run_dir: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(run_dir.join("checkpoints")).expect("checkpoints");
    let mut all: Vec<_> = entries.map(|e| e.expect("an entry").path()).collect();
    all.sort();
    all
}

#[test]
fn a_damaged_checkpoint_is_passed_over_with_a_warning() {
    let recipe = tiny(Method::Sid);
    let folder = tempfile::tempdir().expect("a folder");
    let said = follow(&recipe, options(folder.path(), Some(0.096)), quiet);
    let mut all = checkpoints(run_dir(&said));
    assert!(all.len() >= 2, "{all:?}");
    damage(&all.pop().expect("a checkpoint"));

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

/// Begun once more in the same folder it would write over what it has done.
#[test]
fn a_run_of_damaged_checkpoints_is_not_begun_once_more() {
    let recipe = tiny(Method::Sid);
    let folder = tempfile::tempdir().expect("a folder");
    let said = follow(&recipe, options(folder.path(), Some(0.08)), quiet);
    checkpoints(run_dir(&said)).iter().for_each(|checkpoint| damage(checkpoint));
    let numbers = || std::fs::read(run_dir(&said).join("stats.jsonl")).expect("numbers");
    let before = numbers();
    let again = follow(&recipe, options(folder.path(), None), quiet);
    let error = failure(&again);
    assert_eq!(error.kind, Kind::Checkpoint);
    assert!(error.remedy.as_ref().is_some_and(|remedy| remedy.contains("--fresh")), "{error}");
    assert!(numbers() == before, "the run's numbers are gone");
}

/// What is damaged has the right size: it neither passes for saved nor pushes out what is whole.
#[test]
fn a_checkpoint_of_wrong_bytes_is_written_anew() {
    let mut recipe = tiny(Method::Sid);
    recipe.report.keep_checkpoints = 1;
    let folder = tempfile::tempdir().expect("a folder");
    follow(&recipe, options(folder.path(), Some(0.08)), quiet);
    let said = follow(&recipe, options(folder.path(), Some(0.104)), quiet);
    let newest = checkpoints(run_dir(&said)).pop().expect("a checkpoint");
    corrupt(&newest);
    // From the teacher's last checkpoint, to the one that is damaged.
    let said = follow(&recipe, options(folder.path(), Some(0.104)), quiet);
    assert_eq!(ending(&said), Ending::Limit);
    let found = train::latest(&run_dir(&said).join("checkpoints"), |_| Ok(())).expect("readable checkpoints");
    assert_eq!(found.0.map(|checkpoint| checkpoint.path), Some(newest));
    assert!(found.1.is_empty(), "{:?}", found.1);
}

/// A folder that is moved away while it trains: what is written from then on is a run all the same.
#[test]
fn a_run_that_was_moved_away_can_be_gone_on_with() {
    let recipe = tiny(Method::Sid);
    let folder = tempfile::tempdir().expect("a folder");
    let mut place = None;
    let said = follow(&recipe, options(folder.path(), None), |message| match message {
        Message::Started { run_dir, .. } => {
            place = Some(run_dir.clone());
            Vec::new()
        }
        Message::Step { at, .. } if at.step == 1 && at.stage == Stage::Teacher => vec![Command::Pause],
        Message::Paused => {
            let place = place.as_ref().expect("it has started");
            std::fs::rename(place, folder.path().join("elsewhere")).expect("moves");
            vec![Command::Resume]
        }
        _ => Vec::new(),
    });
    assert_eq!(ending(&said), Ending::Finished);
    let again = follow(&recipe, options(folder.path(), None), quiet);
    assert_eq!((ending(&again), run_dir(&again)), (Ending::Finished, run_dir(&said)));
    assert!(!again.iter().any(|m| matches!(m, Message::Step { .. })), "it was trained once more");
}
