//! What the lines of `log.jsonl` come to.

use std::collections::VecDeque;

use serde::Serialize;

use crate::run::log::{Entry, Line};
use crate::run::message::Ending;

/// Warnings that are kept: a run that goes wrong step after step says the same each time.
const MOST_WARNINGS: usize = 100;
/// Characters of a text that are kept: a page of them.
const LONGEST_TEXT: usize = 4096;

#[derive(Debug, Default)]
pub struct Story {
    pub device: Option<String>,
    /// Side of the images, pixels.
    pub resolution: Option<usize>,
    pub phase: Option<Phase>,
    /// The newest ones.
    pub warnings: VecDeque<Warned>,
    /// All there were.
    pub warning_count: usize,
}

/// A warning, and when it was given, seconds since 1970.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Warned {
    pub time: f64,
    pub text: String,
}

/// What the run said last of how it goes.
#[derive(Clone, Debug, PartialEq)]
pub enum Phase {
    AtWork,
    Paused,
    Ended(Ending),
    Failed(String),
}

impl Story {
    /// A line that is none is passed over: it says nothing that the folder does not show.
    pub fn add(&mut self, text: &str) {
        let Ok(Line { time, entry }) = serde_json::from_str(text) else { return };
        match entry {
            Entry::Started { device, resolution, .. } => {
                (self.device, self.resolution) = (Some(kept(device)), Some(resolution));
                self.phase = Some(Phase::AtWork);
            }
            Entry::Paused => self.phase = Some(Phase::Paused),
            Entry::Resumed => self.phase = Some(Phase::AtWork),
            Entry::Ended { why } => self.phase = Some(Phase::Ended(why)),
            Entry::Failed { error } => self.phase = Some(Phase::Failed(kept(error))),
            Entry::Warning { text } => {
                self.warning_count += 1;
                self.warnings.push_back(Warned { time, text: kept(text) });
                if self.warnings.len() > MOST_WARNINGS {
                    self.warnings.pop_front();
                }
            }
            Entry::Note { .. } => {}
        }
    }
}

fn kept(text: String) -> String {
    if text.len() <= LONGEST_TEXT { text } else { text.chars().take(LONGEST_TEXT).chain(['…']).collect() }
}
