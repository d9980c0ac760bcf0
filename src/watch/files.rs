//! Pictures, checkpoints and JSON files of a run folder.

use std::fs;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;

use crate::data;
use crate::error::{Error, Result};
use crate::plain_file::{self, TEMPORARY, limits};
use crate::recipe::Stage;
use crate::run::{REALS_FILE, message, pictures_in};
use crate::train::{Manifest, checkpoint_order};

/// Of a run folder.
pub const CHECKPOINTS: &str = "checkpoints";

/// A sample grid.
#[derive(Clone, Debug, PartialEq)]
pub struct Pictures {
    pub stage: Stage,
    pub kimg: f64,
    pub path: PathBuf,
}

/// The sample grids of a run in the order of training.
pub fn pictures(run_dir: &Path) -> Vec<Pictures> {
    let named = |path: PathBuf| {
        let name = path.file_name()?.to_str()?.strip_prefix("samples-")?.strip_suffix(".png")?;
        let (stage, kimg) = name.split_once('-')?;
        let stage = Stage::named(stage)?;
        let kimg = kimg.parse().ok().filter(|kimg: &f64| kimg.is_finite())?;
        Some(Pictures { stage, kimg, path: path.clone() })
    };
    let mut all: Vec<_> = entries(run_dir).into_iter().filter_map(named).collect();
    let is_student = |pictures: &Pictures| pictures.stage != Stage::Teacher;
    all.sort_by(|a, b| is_student(a).cmp(&is_student(b)).then(a.kimg.total_cmp(&b.kimg)));
    all
}

/// The training images beside them.
pub fn reals(run_dir: &Path) -> Option<PathBuf> {
    let path = run_dir.join(REALS_FILE);
    plain_file::exists(&path).then_some(path)
}

/// The single pictures of a grid file.
///
/// # Errors
/// A file that cannot be read, or is something else; a link, which may lead out of the run's folder.
pub fn grid(path: &Path) -> Result<message::Pictures> {
    plain_file::check_file(path)?;
    let sheet = data::open_picture(path)?;
    let pictures = pictures_in(&sheet).ok_or_else(|| {
        Error::data(path, "this picture is no sample grid").hint("leave the run's own files as they are")
    })?;
    Ok(pictures.into())
}

/// The newest checkpoint; its tensors are not looked at. What lies behind a link is none of the run's.
pub fn newest_checkpoint(run_dir: &Path) -> Option<PathBuf> {
    let written = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let is_whole = plain_file::is_folder(path) && plain_file::is_file(&path.join(Manifest::FILE));
        name.starts_with("step-") && !name.ends_with(TEMPORARY) && is_whole
    };
    let all = run_dir.join(CHECKPOINTS);
    let all = if plain_file::is_folder(&all) { entries(&all) } else { Vec::new() };
    all.into_iter().filter(written).max_by_key(|path| checkpoint_order(path))
}

/// A small JSON file; none where it is not there, or is something else.
pub fn json<T: DeserializeOwned>(path: &Path) -> Option<T> {
    serde_json::from_slice(&plain_file::read(path, limits::JSON).ok()?).ok()
}

/// What is in a folder; nothing where there is none.
pub fn entries(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_come_in_the_order_of_training() {
        let folder = tempfile::tempdir().expect("a folder");
        for name in [
            "samples-sign-000000",
            "samples-teacher-000012",
            "samples-teacher-000002",
            "samples-teacher-000002.250",
            "samples-teacher-nan",
            "samples-x-000001",
            "reals",
        ] {
            fs::write(folder.path().join(format!("{name}.png")), b"").expect("a file");
        }
        fs::write(folder.path().join("samples-sign-000009.png.tmp"), b"").expect("a file");
        let found = pictures(folder.path());
        let want =
            [(Stage::Teacher, 2.0), (Stage::Teacher, 2.25), (Stage::Teacher, 12.0), (Stage::Sign, 0.0)];
        assert_eq!(found.iter().map(|p| (p.stage, p.kimg)).collect::<Vec<_>>(), want);
        assert!(reals(folder.path()).is_some());
        assert_eq!(pictures(&folder.path().join("missing")), []);
    }

    #[test]
    fn a_checkpoint_that_is_being_written_is_none() {
        let folder = tempfile::tempdir().expect("a folder");
        assert_eq!(newest_checkpoint(folder.path()), None);
        for (name, whole) in [
            ("step-00000008-teacher", true),
            ("step-00000016-sign", true),
            ("step-00000032-sign", false),
            ("step-00000032-sign.tmp", true),
        ] {
            let path = folder.path().join("checkpoints").join(name);
            fs::create_dir_all(&path).expect("a folder");
            if whole {
                fs::write(path.join(Manifest::FILE), b"{}").expect("a file");
            }
        }
        assert!(newest_checkpoint(folder.path()).is_some_and(|p| p.ends_with("step-00000016-sign")));
    }

    #[test]
    fn a_student_that_begins_comes_after_its_teacher() {
        let folder = tempfile::tempdir().expect("a folder");
        for name in ["step-100000000-sid", "step-100000000-teacher", "step-99999999-teacher"] {
            let path = folder.path().join("checkpoints").join(name);
            fs::create_dir_all(&path).expect("a folder");
            fs::write(path.join(Manifest::FILE), b"{}").expect("a file");
        }
        assert!(newest_checkpoint(folder.path()).is_some_and(|p| p.ends_with("step-100000000-sid")));
    }
}
