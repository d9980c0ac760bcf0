//! `log.jsonl`: what a run said beside its numbers, one JSON object a line, process after process. Who
//! watches the folder learns from it whether the run is at work, paused, at its end or broken.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use super::append::append_line;
use super::message::{Ending, Message};

pub const LOG_FILE: &str = "log.jsonl";

/// A line of the log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Line {
    /// Seconds since 1970.
    pub time: f64,
    #[serde(flatten)]
    pub entry: Entry,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Entry {
    /// A process begins or goes on with the run.
    Started {
        device: String,
        resolution: usize,
        resumed_from: Option<PathBuf>,
    },
    Warning {
        text: String,
    },
    Note {
        text: String,
    },
    Paused,
    Resumed,
    Ended {
        why: Ending,
    },
    Failed {
        error: String,
    },
}

/// The open log.
#[derive(Clone, Debug)]
pub struct Log {
    path: PathBuf,
}

impl Log {
    pub fn of(run_dir: &Path) -> Self {
        Self { path: run_dir.join(LOG_FILE) }
    }

    /// Keeps what is worth keeping of a message.
    pub fn hear(&self, message: &Message) {
        let Some(entry) = entry(message) else { return };
        let time = SystemTime::UNIX_EPOCH.elapsed().map_or(0.0, |since| since.as_secs_f64());
        let line = Line { time: (time * 1000.0).round() / 1000.0, entry };
        let Ok(json) = serde_json::to_string(&line) else { return };
        // A disk that is full has the run's numbers complain: a warning about every warning helps nobody.
        let _ = append_line(&self.path, &json, |_| Ok(()));
    }
}

fn entry(message: &Message) -> Option<Entry> {
    Some(match message {
        Message::Started { device, resolution, resumed_from, .. } => Entry::Started {
            device: device.clone(),
            resolution: *resolution,
            resumed_from: resumed_from.clone(),
        },
        Message::BadSteps(bad) if bad.worth_a_line => Entry::Warning { text: bad.words() },
        Message::Rescaled(new) if new.worth_a_line => Entry::Note { text: new.words() },
        Message::Warning(text) => Entry::Warning { text: text.clone() },
        Message::Note(text) => Entry::Note { text: text.clone() },
        Message::Paused => Entry::Paused,
        Message::Resumed => Entry::Resumed,
        Message::Done { why, .. } => Entry::Ended { why: *why },
        Message::Failed(error) => Entry::Failed { error: error.to_string() },
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;

    #[test]
    fn lines_are_read_back_as_they_were_said() {
        let folder = tempfile::tempdir().expect("a folder");
        let log = Log::of(folder.path());
        let said = [
            Message::Started {
                run_dir: folder.path().into(),
                recipe: "demo".into(),
                device: "a GPU".into(),
                resolution: 16,
                resumed_from: None,
            },
            Message::Preparing { what: "reading".into(), done: 0, total: 1, eta_secs: None },
            Message::Warning("two\nlines".into()),
            Message::Paused,
            Message::Done { why: Ending::Limit, run_dir: folder.path().into() },
            Message::Failed(Error::usage("no")),
        ];
        said.iter().for_each(|message| log.hear(message));
        let text = std::fs::read_to_string(folder.path().join(LOG_FILE)).expect("a log");
        let read = text.lines().map(|l| serde_json::from_str::<Line>(l).expect("a line").entry);
        let want = [
            Entry::Started { device: "a GPU".into(), resolution: 16, resumed_from: None },
            Entry::Warning { text: "two\nlines".into() },
            Entry::Paused,
            Entry::Ended { why: Ending::Limit },
            Entry::Failed { error: "no".into() },
        ];
        assert_eq!(read.collect::<Vec<_>>(), want);
    }
}
