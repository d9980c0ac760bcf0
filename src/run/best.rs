//! Which of the student's checkpoints had the best number, as it stands in the run folder.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::folder::RunFolder;
use super::message::Stage;
use crate::plain_file::{self, limits};

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
    /// Its folder within the run: `best/step-…`.
    pub checkpoint: String,
}

impl Best {
    /// The checkpoint that the folder's best is.
    pub(super) fn named(folder: &RunFolder) -> Option<PathBuf> {
        Self::noted(folder)?.place(folder)
    }

    fn noted(folder: &RunFolder) -> Option<Self> {
        let bytes = plain_file::read(&folder.path.join(BEST_FILE), limits::JSON).ok()?;
        serde_json::from_slice(&bytes).ok()
    }

    /// Where its checkpoint is; none where it is not there, or the note names some other place.
    fn place(&self, folder: &RunFolder) -> Option<PathBuf> {
        let (below, name) = self.checkpoint.split_once('/')?;
        let path = folder.path.join(BEST_FOLDER).join(name);
        let is_within = path.file_name().is_some_and(|own| *own == *name) && below == BEST_FOLDER;
        (is_within && plain_file::is_folder(&path)).then_some(path)
    }

    /// What a run had found, if it is still there. It stands even where the run goes on from before it: the
    /// checkpoint is as good as it was.
    pub(super) fn read(folder: &RunFolder, resumed: Option<Stage>) -> Option<Self> {
        let stage = resumed?;
        let best = Self::noted(folder)?;
        (best.stage == stage && best.place(folder).is_some()).then_some(best)
    }
}
