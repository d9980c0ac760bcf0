//! Which of the student's checkpoints had the best number, as it stands in the run folder.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::folder::RunFolder;
use super::message::Stage;

pub const BEST_FILE: &str = "best.json";
/// Below the run folder, so that `best` is a model wherever a run is.
pub(super) const BEST_FOLDER: &str = "best";

/// The best so far.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Best {
    pub stage: Stage,
    /// Steps of all stages when it was measured.
    pub total_steps: u64,
    pub kimg: f64,
    pub metric: String,
    pub value: f64,
    pub conditions: String,
    /// Its folder within the run.
    pub checkpoint: String,
}

impl Best {
    /// The checkpoint that the folder's best is.
    pub(super) fn named(folder: &RunFolder) -> Option<PathBuf> {
        let best: Self = serde_json::from_slice(&std::fs::read(folder.path.join(BEST_FILE)).ok()?).ok()?;
        Some(folder.path.join(best.checkpoint))
    }

    /// What a run had found, if it is still there. It stands even where the run goes on from before it: the
    /// checkpoint is as good as it was.
    pub(super) fn read(folder: &RunFolder, resumed: Option<Stage>) -> Option<Self> {
        let stage = resumed?;
        let bytes = std::fs::read(folder.path.join(BEST_FILE)).ok()?;
        let best: Self = serde_json::from_slice(&bytes).ok()?;
        (best.stage == stage && folder.path.join(&best.checkpoint).is_dir()).then_some(best)
    }
}
