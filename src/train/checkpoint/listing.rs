//! Which folders are checkpoints, and in which order.

use std::fs;
use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::plain_file::TEMPORARY;
use crate::recipe::Stage;

/// What orders checkpoint folders, the newest last: the steps in their names, and after as many steps a
/// student's, which begins where its teacher ends.
pub fn checkpoint_order(path: &Path) -> (u64, bool) {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let mut parts = name.split('-').skip(1);
    let steps = parts.next().and_then(|steps| steps.parse().ok());
    (steps.unwrap_or(0), parts.next() != Some(Stage::Teacher.name()))
}

/// What the folder of a checkpoint is called.
pub(super) fn name_of(stage: Stage, total_steps: u64) -> String {
    format!("step-{total_steps:08}-{}", stage.name())
}

/// The stage that the name of a checkpoint folder says.
pub fn named_stage(path: &Path) -> Option<Stage> {
    let name = path.file_name()?.to_str()?;
    Stage::named(name.rsplit('-').next()?)
}

/// Checkpoint folders below `folder`, newest first; unfinished ones are not listed.
///
/// # Errors
/// `Kind::Io` for a folder that is there and cannot be read.
pub fn all(folder: &Path) -> Result<Vec<PathBuf>> {
    let own = entries(folder)?.into_iter().filter(|path| is_ours(path) && path.is_dir());
    let mut found: Vec<PathBuf> = own.filter(|path| !is_unfinished(path)).collect();
    found.sort_by_cached_key(|path| std::cmp::Reverse(checkpoint_order(path)));
    Ok(found)
}

fn is_ours(path: &Path) -> bool {
    path.file_name().unwrap_or_default().to_string_lossy().starts_with("step-")
}

/// Whether it is a checkpoint that was being written, replaced or removed. What else lies there is somebody
/// else's.
pub(super) fn is_unfinished(path: &Path) -> bool {
    is_ours(path) && path.to_string_lossy().ends_with(TEMPORARY)
}

/// What is in `folder`; nothing where there is none.
///
/// # Errors
/// As [`all`].
pub(super) fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let unreadable = |e: std::io::Error| Error::io(folder, "read the folder", &e);
    match fs::read_dir(folder) {
        Ok(entries) => entries.map(|entry| Ok(entry.map_err(unreadable)?.path())).collect(),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(e) => Err(unreadable(e)),
    }
}
