//! Finds the run to go on with.

use std::fs::File;

use super::folder::RunFolder;
use super::options::Options;
use crate::error::{Error, Result};
use crate::recipe::{self, Recipe, Stage};
use crate::train::{self, Checkpoint, Manifest};

/// A run that can go on.
pub struct Found {
    pub folder: RunFolder,
    /// None if it was ended before its first checkpoint.
    pub checkpoint: Option<Checkpoint>,
    /// What was wrong with newer checkpoints.
    pub broken: Vec<Error>,
    /// Keeps other trainers out of the folder.
    pub lock: File,
}

/// The step that a run goes on from.
#[derive(Clone, Copy, Debug)]
pub struct Resumed {
    pub stage: Stage,
    /// Steps of the stage.
    pub step: u64,
    /// Steps of all stages.
    pub total_steps: u64,
}

impl Resumed {
    pub fn at(manifest: &Manifest) -> Self {
        Self { stage: manifest.stage, step: manifest.step, total_steps: manifest.total_steps }
    }

    /// Whether what was written in `stage` after `total_steps` steps of all stages holds; what does not
    /// will come again.
    pub fn keeps(&self, stage: &str, total_steps: u64) -> bool {
        // A stage's first lines have the same number of steps as the last ones of the stage before. One
        // that has not made a step begins once more, and the one before it is finished; one that has
        // made steps keeps its own, and it is the next one that will begin.
        let same_step = total_steps == self.total_steps && (stage == self.stage.name()) == (self.step > 0);
        total_steps < self.total_steps || same_step
    }
}

/// The newest run of `recipe` below `options.out` (or `options.resume`); none is a new run.
///
/// # Errors
/// `Kind::Checkpoint` for a run of another recipe or of other images, or one whose checkpoints are all damaged;
/// `Kind::Usage` if another trainer is at it.
pub fn find(recipe: &Recipe, options: &Options, data_hash: &str) -> Result<Option<Found>> {
    let found = match &options.resume {
        Some(path) => Some(RunFolder::open(path, recipe)?),
        None if options.fresh => None,
        None => RunFolder::find(&options.out, recipe)?,
    };
    let Some(folder) = found else { return Ok(None) };
    // Another trainer may be writing its last checkpoint.
    let lock = folder.lock()?;
    let (checkpoint, broken) = train::latest(&folder.checkpoints())?;
    if let Some(checkpoint) = &checkpoint {
        fits(checkpoint, recipe, data_hash)?;
    }
    Ok(Some(Found { folder, checkpoint, broken, lock }))
}

fn fits(checkpoint: &Checkpoint, recipe: &Recipe, data_hash: &str) -> Result<()> {
    let manifest = &checkpoint.manifest;
    let what = if manifest.recipe_hash != recipe::hash(recipe)? {
        format!("the checkpoint belongs to another recipe ({})", manifest.recipe)
    } else if manifest.data_hash != data_hash {
        format!("the run began with other images ({}) than are there now ({data_hash})", manifest.data_hash)
    } else {
        return Ok(());
    };
    let hint = "bring back what the run began with, or start over with --fresh";
    Err(Error::checkpoint(&checkpoint.path, what).hint(hint))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_again_is_not_kept() {
        let end = Resumed { stage: Stage::Teacher, step: 8, total_steps: 8 };
        assert!(end.keeps("teacher", 7) && end.keeps("teacher", 8));
        assert!(!end.keeps("sign", 8) && !end.keeps("teacher", 9));
        let start = Resumed { stage: Stage::Sign, step: 0, total_steps: 8 };
        assert!(start.keeps("teacher", 8), "the teacher is finished");
        assert!(!start.keeps("sign", 8), "the first grid and its metrics come again");
    }
}
