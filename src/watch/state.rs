//! Whether a run is at work.

use serde::Serialize;

use super::story::Phase;
use crate::run::message::Ending;
use crate::words;

/// Silence that is usual: a step of a large network on a small device, a metric of many samples.
const PATIENCE_SECS: f64 = 60.0;
/// Silence beyond the longest so far that is usual, times.
const PATIENCE_TIMES: f64 = 5.0;

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum State {
    /// There are no numbers yet.
    Starting,
    Training,
    Paused,
    /// Nothing was written for longer than usual: killed, or very slow.
    Silent,
    Ended {
        why: Ending,
    },
    Failed {
        error: String,
    },
}

impl State {
    /// From what the run said last, whether it has numbers, the time since anything was written and the
    /// longest there was between two lines, seconds.
    pub fn of(phase: Option<&Phase>, numbers: bool, since_secs: Option<f64>, longest_secs: f64) -> Self {
        match phase {
            Some(Phase::Ended(why)) => return Self::Ended { why: *why },
            Some(Phase::Failed(error)) => return Self::Failed { error: error.clone() },
            Some(Phase::Paused) => return Self::Paused,
            Some(Phase::AtWork) | None => {}
        }
        let patience = PATIENCE_SECS.max(longest_secs * PATIENCE_TIMES);
        match since_secs {
            Some(since) if since > patience => Self::Silent,
            _ if numbers => Self::Training,
            _ => Self::Starting,
        }
    }

    /// Whether nothing more is to come.
    pub fn is_over(&self) -> bool {
        matches!(self, Self::Ended { .. } | Self::Failed { .. })
    }

    /// In words, after `since_secs` without anything new.
    pub fn words(&self, since_secs: Option<f64>) -> String {
        match self {
            Self::Starting => "starting: no numbers yet".into(),
            Self::Training => "training".into(),
            Self::Paused => "paused".into(),
            Self::Silent => {
                let since = words::duration(since_secs.unwrap_or(f64::NAN));
                format!("silent for {since}: killed, or slower than before; the same command goes on")
            }
            Self::Ended { why: Ending::Finished } => "finished".into(),
            Self::Ended { why: Ending::Stopped } => "stopped and saved".into(),
            Self::Ended { why: Ending::Limit } => "at its limit, and saved".into(),
            Self::Failed { error } => format!("failed: {error}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn silence_is_measured_by_what_was_usual() {
        let at_work = Some(&Phase::AtWork);
        assert_eq!(State::of(at_work, true, Some(50.0), 1.0), State::Training);
        assert_eq!(State::of(at_work, true, Some(70.0), 1.0), State::Silent);
        assert_eq!(State::of(at_work, true, Some(70.0), 20.0), State::Training);
        assert_eq!(State::of(None, false, None, 0.0), State::Starting);
        // Who said that it waits, or has ended, may be silent.
        assert_eq!(State::of(Some(&Phase::Paused), true, Some(1e6), 1.0), State::Paused);
        let ended = State::of(Some(&Phase::Ended(Ending::Limit)), true, Some(1e6), 1.0);
        assert!(ended.is_over() && ended.words(None).contains("limit"));
        assert!(State::Silent.words(Some(200.0)).contains("3 min 20 s"));
    }
}
