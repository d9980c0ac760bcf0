//! Removes checkpoints. A folder is renamed first: what a killed program leaves of it is nobody's checkpoint,
//! and goes when the run goes on.

use std::fs;
use std::path::{Path, PathBuf};

use super::listing::{all, checkpoint_order, entries, is_unfinished, named_stage};
use super::seal::intact;
use crate::error::{Error, Result};
use crate::plain_file::{self, TEMPORARY};

/// Removes the folder at `path`, if there is one. Of a link to one nothing but the link goes.
pub fn remove(path: &Path) -> Result<()> {
    let Some(going) = set_aside(path)? else { return Ok(()) };
    let removed =
        if plain_file::is_folder(&going) { fs::remove_dir_all(&going) } else { fs::remove_file(&going) };
    removed.map_err(|e| Error::io(&going, "remove an old checkpoint", &e))
}

/// Gives what is at `path` a name that says that it goes; none where nothing is there.
pub fn set_aside(path: &Path) -> Result<Option<PathBuf>> {
    if !plain_file::exists(path) {
        return Ok(None);
    }
    if is_unfinished(path) {
        return Ok(Some(path.to_path_buf()));
    }
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(format!(".old{TEMPORARY}"));
    let going = path.with_file_name(name);
    // What an earlier program was removing is in the way.
    remove(&going)?;
    fs::rename(path, &going).map_err(|e| Error::io(path, "set aside an old checkpoint", &e))?;
    Ok(Some(going))
}

/// Removes what killed programs have left below `folder`.
pub fn sweep(folder: &Path) -> Result<()> {
    entries(folder)?.iter().filter(|path| is_unfinished(path)).try_for_each(|path| remove(path))
}

/// Removes all other checkpoints from the folder of the one at `path`.
pub fn keep_only(path: &Path) -> Result<()> {
    let folder = path.parent().unwrap_or(path);
    sweep(folder)?;
    all(folder)?.iter().filter(|other| *other != path).try_for_each(|other| remove(other))
}

/// Removes checkpoints that are older than `newest`, which has just been written: of those that are whole,
/// as many stay as make `keep` with it, and the newest of every stage. Damaged ones are left for their owner
/// to look at (so is what seems newer: the run would have gone on from it were it whole); unfinished ones go.
pub fn prune(newest: &Path, keep: usize) -> Result<()> {
    let folder = newest.parent().unwrap_or(newest);
    sweep(folder)?;
    let mut stages_seen = Vec::new();
    let order = checkpoint_order(newest);
    let candidates: Vec<PathBuf> =
        all(folder)?.into_iter().filter(|p| checkpoint_order(p) <= order && intact(p)).collect();
    for (age, path) in candidates.iter().enumerate() {
        let stage = named_stage(path);
        let newest_of_stage = !stages_seen.contains(&stage);
        stages_seen.push(stage);
        if age >= keep.max(1) && !newest_of_stage {
            remove(path)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_being_removed_goes_and_what_is_somebody_elses_stays() {
        let folder = tempfile::tempdir().expect("a folder");
        let at = |name: &str| folder.path().join(name);
        for name in ["step-00000008-sid", "step-00000016-sid.tmp", "step-00000004-sid.old.tmp", "mine.tmp"] {
            fs::create_dir_all(at(name).join("inner")).expect("a folder");
        }
        fs::write(at("step-00000024-sid.tmp"), "a stray file").expect("a file");
        fs::write(at("x.tmp"), "another").expect("a file");
        sweep(folder.path()).expect("swept");
        let names = || {
            let mut names: Vec<_> = entries(folder.path()).expect("entries");
            names.sort();
            names.into_iter().map(|p| p.file_name().unwrap_or_default().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(names(), ["mine.tmp", "step-00000008-sid", "x.tmp"]);
        remove(&at("step-00000008-sid")).expect("removed");
        remove(&at("step-00000008-sid")).expect("gone already");
        assert_eq!(names(), ["mine.tmp", "x.tmp"]);
    }
}
