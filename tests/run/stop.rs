//! A stop in the middle of work that is not training.

use super::*;

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
        let found = train::latest(&run_dir(&said).join("checkpoints"), |_| Ok(()));
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

/// A pause is no longer than the time that the run has.
#[test]
fn a_run_that_is_paused_ends_when_its_time_is_up() {
    let folder = tempfile::tempdir().expect("a folder");
    let limits = Limits { max_kimg: None, max_minutes: Some(0.02) };
    let said = follow(&tiny(Method::Sid), Options { limits, ..options(folder.path(), None) }, |message| {
        let first = matches!(message, Message::Step { at, .. } if at.step == 1);
        if first { vec![Command::Pause] } else { Vec::new() }
    });
    assert!(said.iter().any(|m| matches!(m, Message::Paused)));
    assert_eq!(ending(&said), Ending::Limit);
    let again = follow(&tiny(Method::Sid), options(folder.path(), None), quiet);
    assert_eq!((ending(&again), run_dir(&again)), (Ending::Finished, run_dir(&said)));
}
