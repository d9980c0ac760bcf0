//! Finds the run to go on with.

use super::folder::RunFolder;
use super::options::Options;
use crate::error::{Error, Result};
use crate::recipe::{self, Recipe};
use crate::train::{self, Checkpoint};

/// A run that can go on.
pub struct Found {
    pub folder: RunFolder,
    /// None if it was ended before its first checkpoint.
    pub checkpoint: Option<Checkpoint>,
    /// What was wrong with newer checkpoints.
    pub broken: Vec<Error>,
}

/// The newest run of `recipe` below `options.out` (or `options.resume`); none is a new run.
///
/// # Errors
/// `Kind::Checkpoint` for a run of another recipe or of other images.
pub fn find(recipe: &Recipe, options: &Options, data_hash: &str) -> Result<Option<Found>> {
    let found = match &options.resume {
        Some(path) => Some(RunFolder::open(path, recipe)?),
        None if options.fresh => None,
        None => RunFolder::find(&options.out, recipe)?,
    };
    let Some(folder) = found else { return Ok(None) };
    let (checkpoint, broken) = train::latest(&folder.checkpoints());
    if let Some(checkpoint) = &checkpoint {
        fits(checkpoint, recipe, data_hash)?;
    }
    Ok(Some(Found { folder, checkpoint, broken }))
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
