//! Puts a student aside whose teacher is to be trained longer: a student of another teacher is begun in its
//! place, and what there was stays to be looked at.

use std::fs;
use std::path::{Path, PathBuf};

use crate::error::{Error, Kind, Result};
use crate::plain_file::{self, TEMPORARY};
use crate::recipe::{Origin, Recipe, Stage};
use crate::run::best::{BEST_FILE, BEST_FOLDER};
use crate::run::changes::CHANGES_FILE;
use crate::run::folder::{EARLIER, RunFolder, SUMMARY_FILE};
use crate::run::grid::SAMPLES_PREFIX;
use crate::run::stats::STATS_FILE;
use crate::train::{self, Checkpoint};

/// Whether a program was killed while it put a student aside.
pub fn was_interrupted(folder: &RunFolder) -> bool {
    unfinished(&folder.path.join(EARLIER)).is_some()
}

/// Moves the student's checkpoints, pictures and best one, and a copy of the run's numbers, into a folder of
/// their own, and tells of it in words. `recipe` has the teacher's new length, and is written down first: a run
/// that is killed here goes on here.
///
/// # Errors
/// `Kind::Checkpoint` where no checkpoint of the teacher is whole and `fits`: then nothing is moved. `Kind::Io`.
pub fn student(
    folder: &RunFolder,
    recipe: &Recipe,
    origin: &Origin,
    fits: impl Fn(&Checkpoint) -> Result<()>,
) -> Result<Error> {
    let is_teacher = |path: &PathBuf| train::named_stage(path) == Some(Stage::Teacher);
    let (teachers, mut students): (Vec<_>, Vec<_>) =
        train::checkpoints(&folder.checkpoints())?.into_iter().partition(is_teacher);
    let is_whole = |path: &PathBuf| {
        let loaded = train::read_named(path).and_then(|_| train::load(path));
        loaded.and_then(|checkpoint| fits(&checkpoint)).is_ok()
    };
    if !teachers.iter().any(is_whole) {
        let what = "there is no whole checkpoint of this run's teacher to train on";
        return Err(Error::checkpoint(&folder.path, what).hint("begin a new run with --fresh"));
    }
    folder.write_recipe(recipe, origin)?;
    let earlier = folder.path.join(EARLIER);
    let (beginning, place) = places(&earlier)?;
    let checkpoints = beginning.join("checkpoints");
    [&earlier, &beginning, &checkpoints]
        .into_iter()
        .try_for_each(|folder| plain_file::make_folder(folder))?;
    for name in [STATS_FILE, CHANGES_FILE] {
        copy(&folder.path.join(name), &beginning.join(name))?;
    }
    // The oldest first: what is there is always the run's newest.
    students.reverse();
    students.iter().try_for_each(|path| put(path, &checkpoints))?;
    for name in [BEST_FOLDER, BEST_FILE, SUMMARY_FILE] {
        put(&folder.path.join(name), &beginning)?;
    }
    let own = format!("{SAMPLES_PREFIX}{}-", Stage::from(recipe.student.method).name());
    let entries = fs::read_dir(&folder.path).map_err(|e| Error::io(&folder.path, "read the folder", &e))?;
    let is_own =
        |path: &PathBuf| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with(&own));
    let pictures: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).filter(is_own).collect();
    pictures.iter().try_for_each(|path| put(path, &beginning))?;
    fs::rename(&beginning, &place).map_err(|e| Error::io(&place, "create", &e))?;
    let what = format!(
        "the teacher is trained to {} kimg: its student begins anew, and the one of the shorter teacher was moved here",
        recipe.teacher.kimg
    );
    Ok(Error::new(Kind::Checkpoint, what).at(place))
}

/// Copies a file that is there to where none is.
fn copy(path: &Path, to: &Path) -> Result<()> {
    if plain_file::exists(to) {
        return Ok(());
    }
    let Some(mut file) = plain_file::open_if_there(path)? else { return Ok(()) };
    let mut whole = plain_file::Whole::begin(to)?;
    std::io::copy(&mut file, &mut whole).map_err(|e| whole.failed(&e))?;
    whole.finish()
}

fn put(path: &Path, place: &Path) -> Result<()> {
    if !plain_file::exists(path) {
        return Ok(());
    }
    let to = place.join(path.file_name().unwrap_or_default());
    fs::rename(path, &to).map_err(|e| Error::io(path, "move aside", &e))
}

/// One that was begun below `folder`.
fn unfinished(folder: &Path) -> Option<PathBuf> {
    let is_ours = |path: &PathBuf| {
        let name =
            path.file_name().and_then(|name| name.to_str()).and_then(|name| name.strip_suffix(TEMPORARY));
        name.is_some_and(|name| name.parse::<u32>().is_ok())
            && plain_file::is_folder(path)
            && plain_file::is_folder(&path.join("checkpoints"))
    };
    fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).find(is_ours)
}

/// The folder to fill, and what it is called when it is full: one that was begun, or the first number below
/// `folder` that is free.
fn places(folder: &Path) -> Result<(PathBuf, PathBuf)> {
    if let Some(begun) = unfinished(folder) {
        let name = begun.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let place = folder.join(name.trim_end_matches(TEMPORARY));
        return Ok((begun, place));
    }
    let place = (0..u32::MAX)
        .map(|number| folder.join(format!("{number:03}")))
        .find(|path| !plain_file::exists(path))
        .ok_or_else(|| Error::new(Kind::Io, "the numbers for earlier students are used up").at(folder))?;
    let name = place.file_name().unwrap_or_default().to_string_lossy().into_owned();
    Ok((folder.join(name + TEMPORARY), place))
}
