//! A run folder may come from a stranger. What a run goes on with is in the folder itself, or it does not go on.

use std::path::Path;

use super::best::{BEST_FILE, BEST_FOLDER};
use super::changes::CHANGES_FILE;
use super::folder::{CHECKPOINTS, EARLIER, LOCK_FILE, RECIPE_FILE};
use super::log::LOG_FILE;
use super::stats::STATS_FILE;
use crate::error::Result;
use crate::plain_file::{check_file, check_folder};

/// Read, appended to or locked. What is written whole takes the place of whatever is there.
const FILES: [&str; 6] = [RECIPE_FILE, LOCK_FILE, STATS_FILE, LOG_FILE, CHANGES_FILE, BEST_FILE];
const FOLDERS: [&str; 3] = [CHECKPOINTS, BEST_FOLDER, EARLIER];

/// # Errors
/// `Kind::Io` for a link, a pipe or a device in the place of a file or folder, with the remedy.
pub(super) fn check(run_dir: &Path) -> Result<()> {
    FILES.iter().try_for_each(|name| check_file(&run_dir.join(name)).map(drop))?;
    FOLDERS.iter().try_for_each(|name| check_folder(&run_dir.join(name)).map(drop))
}
