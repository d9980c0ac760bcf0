//! The words in which a number of a stage is changed, and in which that is remembered.

use serde::{Deserialize, Serialize};

use crate::recipe::Stage;
use crate::words;

/// A wish to change a number of the stage that is being trained.
#[derive(Clone, Debug, PartialEq)]
pub struct Tuning {
    /// As `Tunable` calls it.
    pub name: String,
    pub value: f64,
}

/// A number that was changed between two steps: a line of `changes.jsonl`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    pub stage: Stage,
    /// Steps of the stage that were made before it; the next one is the first with the new value.
    pub step: u64,
    /// Images of the stage that were seen before it.
    pub images: u64,
    /// Seconds of training before it, all sessions of the run together.
    pub elapsed_secs: f64,
    /// As the recipe calls it.
    pub name: String,
    pub old: f64,
    pub new: f64,
}

impl Change {
    pub fn words(&self) -> String {
        let Self { stage, step, name, old, new, .. } = self;
        let [old, new] = [*old, *new].map(words::exact);
        format!("{name} changed from {old} to {new} after step {} of {}", words::count(*step), stage.name())
    }
}
