//! Writes an edited picture beside the run, under a name that no other file has.

use std::fs::{OpenOptions, create_dir_all};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use image::RgbImage;

use crate::data;
use crate::error::{Error, Result};

/// Longest part of a picture's own name that is kept, characters: four bytes each still make a valid
/// file name everywhere.
const MAX_STEM_CHARS: usize = 48;

/// Names tried before giving up: "cat-1.png", "cat-1-2.png", …
const MAX_NAMES: usize = 1000;

/// Saves `picture`, which was made of the one called `name`, as `RUN_DIR/edits/NAME-what.png` with `texts` in
/// the file, and returns where it is. Never overwrites.
///
/// # Errors
/// A folder or file that cannot be written.
pub fn save(
    run_dir: &Path,
    name: &str,
    what: &str,
    picture: &RgbImage,
    texts: &[(&'static str, String)],
) -> Result<PathBuf> {
    written(run_dir, name, what, |path| data::save_png(picture, path, texts))
}

/// Writes a file whose name no other has: with `write`, which is given where.
///
/// # Errors
/// A folder or file that cannot be written.
pub fn written(
    run_dir: &Path,
    name: &str,
    what: &str,
    write: impl FnOnce(&Path) -> Result<()>,
) -> Result<PathBuf> {
    let path = claim(run_dir, name, what)?;
    if let Err(error) = write(&path) {
        // The empty file that held the name helps nobody.
        let _ = std::fs::remove_file(&path);
        return Err(error);
    }
    Ok(path)
}

/// An empty file under the first name that is free.
fn claim(run_dir: &Path, name: &str, what: &str) -> Result<PathBuf> {
    let folder = run_dir.join("edits");
    create_dir_all(&folder).map_err(|source| Error::io(&folder, "create the folder", &source))?;
    let stem = stem(name);
    for copy in 1..=MAX_NAMES {
        let path = folder.join(match copy {
            1 => format!("{stem}-{what}.png"),
            _ => format!("{stem}-{what}-{copy}.png"),
        });
        match OpenOptions::new().write(true).create_new(true).open(&path) {
            Ok(_) => return Ok(path),
            Err(source) if source.kind() == ErrorKind::AlreadyExists => {}
            Err(source) => return Err(Error::io(&path, "create the picture", &source)),
        }
    }
    Err(Error::data(&folder, format!("there are {MAX_NAMES} pictures called {stem} already"))
        .hint("move some of them elsewhere"))
}

/// The picture's name without its extension, with only characters that are safe in any file name.
fn stem(name: &str) -> String {
    let stem =
        Path::new(name).file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let safe = |c: char| if c.is_alphanumeric() || c == '-' { c } else { '_' };
    let stem: String = stem.chars().take(MAX_STEM_CHARS).map(safe).collect();
    if stem.is_empty() { "image".to_owned() } else { stem }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_save_does_not_overwrite_the_first() {
        let run_dir = tempfile::tempdir().expect("a temporary folder");
        let black = RgbImage::new(4, 4);
        let white = RgbImage::from_pixel(4, 4, image::Rgb([255; 3]));
        let first = save(run_dir.path(), "cat.png", "2", &black, &[]).expect("a first save");
        let second = save(run_dir.path(), "cat.png", "2", &white, &[]).expect("a second save");
        assert_eq!(first, run_dir.path().join("edits").join("cat-2.png"));
        assert_eq!(second, run_dir.path().join("edits").join("cat-2-2.png"));
        assert_eq!(image::open(&first).expect("the first picture").into_rgb8(), black);
        assert_eq!(image::open(&second).expect("the second picture").into_rgb8(), white);
    }

    #[test]
    fn names_cannot_leave_the_folder() {
        for (name, safe) in
            [("../../etc/passwd", "passwd"), ("a b:c.png", "a_b_c"), ("", "image"), ("Käse.jpg", "Käse")]
        {
            assert_eq!(stem(name), safe);
        }
        assert_eq!(stem(&"x".repeat(300)).len(), MAX_STEM_CHARS);
    }

    #[test]
    fn a_run_folder_that_is_a_file_is_an_error_in_words() {
        let file = tempfile::NamedTempFile::new().expect("a temporary file");
        let error = save(file.path(), "cat.png", "1", &RgbImage::new(1, 1), &[]).expect_err("no folder");
        assert!(error.what.contains("create the folder"), "{error}");
    }
}
