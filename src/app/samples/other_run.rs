//! Grid files, and the newest one of another run.

use std::path::{Path, PathBuf};

use crate::error::{Error, Result};
use crate::run::message::Pictures;
use crate::run::recipe_of;
use crate::watch;

/// What another run, at work or not, has last drawn.
pub struct OtherRun {
    pub folder: PathBuf,
    /// Of the run and of the moment, in words.
    pub title: String,
    /// Whether its network is told a class.
    pub labelled: bool,
    pub pictures: Pictures,
}

impl OtherRun {
    /// # Errors
    /// A folder that holds no sample grid, or one that cannot be read.
    pub fn open(folder: &Path) -> Result<Self> {
        let Some(newest) = watch::pictures(folder).pop() else {
            return Err(Error::data(folder, "there are no sample grids here")
                .hint("give the folder of a run, one that `signet train` printed"));
        };
        let name = folder.file_name().unwrap_or(folder.as_os_str()).to_string_lossy();
        Ok(Self {
            title: format!("{name} · {} · {} kimg", newest.stage.name(), newest.kimg),
            labelled: recipe_of(folder).is_ok_and(|(recipe, _)| recipe.data.use_labels),
            folder: folder.to_path_buf(),
            pictures: watch::grid(&newest.path)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_without_grids_is_an_error_in_words() {
        let folder = tempfile::tempdir().expect("a folder");
        let open = || OtherRun::open(folder.path()).err().expect("nothing to show").to_string();
        assert!(open().contains("signet train"), "{}", open());
        std::fs::write(folder.path().join("samples-sid-000003.png"), b"not a picture").expect("a file");
        assert!(open().contains("samples-sid-000003.png"), "{}", open());
    }
}
