//! Recipes as TOML files.

use std::path::Path;

use sha2::{Digest, Sha256};

use super::{Recipe, check::check};
use crate::error::{Error, Result};

/// Largest recipe that is read: recipes are a page, anything bigger is another file.
const MAX_BYTES: u64 = 1 << 20;

/// Reads and checks a recipe file.
///
/// # Errors
/// `Kind::Usage` with line, column and the names that are known there.
pub fn read(path: &Path) -> Result<Recipe> {
    let meta = std::fs::metadata(path).map_err(|e| {
        Error::usage(format!("the recipe cannot be read: {e}"))
            .at(path)
            .hint("give a TOML file or one of the names that `signet train --help` lists")
    })?;
    if !meta.is_file() || meta.len() > MAX_BYTES {
        return Err(Error::usage("this is not a recipe").at(path).hint("a recipe is a small TOML file"));
    }
    let text = std::fs::read_to_string(path).map_err(|e| Error::io(path, "read the recipe", &e))?;
    let mut recipe = from_toml(&text).map_err(|e| e.at(path))?;
    // Paths in a recipe are seen from the recipe, wherever the program is started.
    let base = path.parent().unwrap_or(Path::new(""));
    let named = [&mut recipe.data.path, &mut recipe.teacher.path, &mut recipe.report.features];
    for named in named.into_iter().flatten() {
        *named = std::path::absolute(base.join(&named)).map_err(|e| Error::io(&*named, "find", &e))?;
    }
    Ok(recipe)
}

/// Parses and checks a recipe.
pub fn from_toml(text: &str) -> Result<Recipe> {
    let recipe: Recipe = toml::from_str(text).map_err(|e| {
        Error::usage(format!("the recipe does not parse: {e}")).hint(
            "correct the name or value that is marked; `recipe.toml` in a run folder is a complete example",
        )
    })?;
    check(&recipe)?;
    Ok(recipe)
}

/// The resolved recipe, every setting spelled out.
pub fn to_toml(recipe: &Recipe) -> Result<String> {
    toml::to_string_pretty(recipe).map_err(|e| Error::usage(format!("the recipe cannot be written: {e}")))
}

/// Fingerprint of everything that shapes the result; two runs with the same one are the same run.
///
/// Into how many parts a batch is split is left out: it changes no result beyond rounding, and a run must
/// be able to go on on a smaller device.
pub fn hash(recipe: &Recipe) -> Result<String> {
    let mut recipe = recipe.clone();
    (recipe.teacher.micro_batch, recipe.student.micro_batch) = (0, 0);
    let digest = Sha256::digest(to_toml(&recipe)?);
    Ok(digest.iter().take(8).map(|b| format!("{b:02x}")).collect())
}
