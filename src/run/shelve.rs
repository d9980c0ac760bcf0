//! Puts a student aside whose teacher is to be trained longer: a student of another teacher is begun in its
//! place, and what there was stays to be looked at.

use std::fs;
use std::path::{Path, PathBuf};

use super::best::{BEST_FILE, BEST_FOLDER};
use super::candidate::Candidate;
use super::{CHANGES_FILE, STATS_FILE};
use crate::error::{Error, Kind, Result};
use crate::recipe::{Recipe, Stage};
use crate::train;

/// Below the run folder.
const FOLDER: &str = "earlier";

/// Moves the student's checkpoints, its best one and a copy of the run's numbers into a folder of their own,
/// and tells of it in words. `recipe` has the teacher's new length, and is written down first: a run that is
/// killed here goes on here.
///
/// # Errors
/// `Kind::Io`; what was moved already stays where it is. `Kind::Checkpoint` where there is no teacher left to
/// be trained on.
pub(super) fn student(run: &Candidate, recipe: &Recipe) -> Result<Option<Error>> {
    let (students, teachers): (Vec<PathBuf>, Vec<PathBuf>) = train::checkpoints(&run.folder.checkpoints())?
        .into_iter()
        .partition(|path| !path.to_string_lossy().ends_with(Stage::Teacher.name()));
    if teachers.is_empty() {
        return Err(Error::checkpoint(&run.folder.path, "there is no checkpoint of this run's teacher to train on")
            .hint("begin a new run with --fresh"));
    }
    run.folder.write_recipe(recipe, &run.origin)?;
    let place = free(&run.folder.path.join(FOLDER))?;
    let checkpoints = place.join("checkpoints");
    fs::create_dir_all(&checkpoints).map_err(|e| Error::io(&checkpoints, "create", &e))?;
    for name in [STATS_FILE, CHANGES_FILE] {
        let path = run.folder.path.join(name);
        if path.is_file() {
            let bytes = fs::read(&path).map_err(|e| Error::io(&path, "read", &e))?;
            train::write_whole(&place.join(name), &bytes)?;
        }
    }
    for name in [BEST_FILE, BEST_FOLDER] {
        put(&run.folder.path.join(name), &place)?;
    }
    students.iter().try_for_each(|path| put(path, &checkpoints))?;
    let what = format!(
        "the teacher is trained to {} kimg: its student begins anew, and the one of the shorter teacher was moved here",
        recipe.teacher.kimg
    );
    Ok(Some(Error::new(Kind::Checkpoint, what).at(place)))
}

fn put(path: &Path, place: &Path) -> Result<()> {
    if !path.exists() {
        return Ok(());
    }
    let to = place.join(path.file_name().unwrap_or_default());
    fs::rename(path, &to).map_err(|e| Error::io(path, "move aside", &e))
}

/// The first number below `folder` that is free.
fn free(folder: &Path) -> Result<PathBuf> {
    (0..u32::MAX)
        .map(|number| folder.join(format!("{number:03}")))
        .find(|path| !path.exists())
        .ok_or_else(|| Error::new(Kind::Io, "the numbers for earlier students are used up").at(folder))
}
