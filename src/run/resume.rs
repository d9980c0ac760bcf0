//! Finds the run to go on with, or begins a new one.

use super::folder::RunFolder;
use super::options::Options;
use crate::error::{Error, Result};
use crate::recipe::{self, Recipe};
use crate::train::{self, Checkpoint};

/// Where a run begins.
pub struct Beginning {
    pub folder: RunFolder,
    /// None at the very start.
    pub checkpoint: Option<Checkpoint>,
    /// What was wrong with newer checkpoints.
    pub broken: Vec<Error>,
}

/// Opens the newest run of `recipe` below `options.out` (or `options.resume`), else a new one.
pub fn begin(recipe: &Recipe, options: &Options) -> Result<Beginning> {
    let found = match &options.resume {
        Some(path) => Some(RunFolder::open(path, recipe)?),
        None if options.fresh => None,
        None => RunFolder::find(&options.out, recipe)?,
    };
    let Some(folder) = found else {
        return Ok(Beginning {
            folder: RunFolder::create(&options.out, recipe)?,
            checkpoint: None,
            broken: vec![],
        });
    };
    let (checkpoint, broken) = train::latest(&folder.checkpoints());
    if let Some(checkpoint) = &checkpoint {
        same_recipe(checkpoint, recipe)?;
    }
    Ok(Beginning { folder, checkpoint, broken })
}

fn same_recipe(checkpoint: &Checkpoint, recipe: &Recipe) -> Result<()> {
    if checkpoint.manifest.recipe_hash == recipe::hash(recipe)? {
        return Ok(());
    }
    let what = format!("the checkpoint belongs to another recipe ({})", checkpoint.manifest.recipe);
    Err(Error::checkpoint(&checkpoint.path, what)
        .hint("start over with --fresh, or give the recipe that the checkpoint was made with"))
}
