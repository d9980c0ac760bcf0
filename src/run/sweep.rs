//! Clears away what a program that was killed has left in a run folder, before the run goes on.

use std::fs;
use std::path::{Path, PathBuf};

use super::best::{BEST_FILE, BEST_FOLDER, Best};
use super::changes::CHANGES_FILE;
use super::folder::{RECIPE_FILE, RunFolder, SUMMARY_FILE};
use super::grid::SAMPLES_PREFIX;
use super::session::REALS_FILE;
use super::stats::STATS_FILE;
use crate::error::{Error, Result};
use crate::plain_file::{self, TEMPORARY};
use crate::train::{self, Manifest};

/// Files that are written whole, beside grids; the last by who makes a report of the run.
const WHOLE: [&str; 7] =
    [RECIPE_FILE, STATS_FILE, CHANGES_FILE, SUMMARY_FILE, REALS_FILE, BEST_FILE, "report.html"];

/// Removes unfinished checkpoints and files, and best checkpoints beside the one that is named. What else lies in the
/// folder is somebody else's.
pub(super) fn leftovers(folder: &RunFolder) -> Result<()> {
    let (checkpoints, best) = (folder.checkpoints(), folder.path.join(BEST_FOLDER));
    train::sweep(&checkpoints)?;
    train::sweep(&best)?;
    // Where nothing is named, nothing is known to be left over.
    if let Some(named) = Best::named(folder) {
        let others = train::checkpoints(&best)?;
        others.iter().filter(|path| **path != named).try_for_each(|path| train::remove(path))?;
    }
    files_in(&folder.path, is_ours)?;
    for path in train::checkpoints(&checkpoints)?.iter().chain(&train::checkpoints(&best)?) {
        files_in(path, |name| name == Manifest::FILE)?;
    }
    Ok(())
}

fn is_ours(name: &str) -> bool {
    WHOLE.contains(&name) || (name.starts_with(SAMPLES_PREFIX) && name.ends_with(".png"))
}

/// Removes the unfinished ones among the files in `folder` that are called as `is_ours` says.
fn files_in(folder: &Path, is_ours: impl Fn(&str) -> bool) -> Result<()> {
    let unfinished = |path: &PathBuf| {
        let name =
            path.file_name().and_then(|name| name.to_str()).and_then(|name| name.strip_suffix(TEMPORARY));
        name.is_some_and(&is_ours) && (plain_file::is_file(path) || path.is_symlink())
    };
    let entries = fs::read_dir(folder).map_err(|e| Error::io(folder, "read the folder", &e))?;
    entries.flatten().map(|entry| entry.path()).filter(unfinished).try_for_each(|path| {
        fs::remove_file(&path).map_err(|e| Error::io(&path, "remove an unfinished file", &e))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_run_writes_is_removed() {
        let place = tempfile::tempdir().expect("a folder");
        let at = |name: &str| place.path().join(name);
        fs::create_dir_all(at("checkpoints/step-00000008-sid")).expect("a folder");
        fs::create_dir_all(at("best/step-00000008-sid")).expect("a folder");
        let ours = [
            "stats.jsonl.tmp",
            "samples-sid-000002.png.tmp",
            "report.html.tmp",
            "checkpoints/step-00000008-sid/manifest.json.tmp",
        ];
        let others = ["notes.tmp", "stats.jsonl", "samples-sid-000002.png", "checkpoints/x.tmp"];
        ours.iter().chain(&others).for_each(|name| fs::write(at(name), "").expect("a file"));
        leftovers(&RunFolder { path: place.path().into() }).expect("swept");
        assert!(ours.iter().all(|name| !at(name).exists()) && others.iter().all(|name| at(name).exists()));
        assert!(at("best/step-00000008-sid").exists(), "nothing says that it is not the best");
        assert!(at("checkpoints/step-00000008-sid").exists());
    }
}
