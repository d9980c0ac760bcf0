//! Writes an edited picture beside the run, under a name that no other file has.

use std::fs::{OpenOptions, create_dir_all};
use std::io::{Cursor, ErrorKind, Write};
use std::path::{Path, PathBuf};

use image::{ImageFormat, RgbImage};

use crate::error::{Error, Kind, Result};

/// Longest part of a picture's own name that is kept, characters: four bytes each still make a valid
/// file name everywhere.
const MAX_STEM_CHARS: usize = 48;

/// Names tried before giving up: "cat-1.png", "cat-1-2.png", …
const MAX_NAMES: usize = 1000;

/// Saves `picture`, the result of `applications` applications of the model to the picture called
/// `name`, as `RUN_DIR/edits/NAME-applications.png`, and returns where it is. Never overwrites.
///
/// # Errors
/// A folder or file that cannot be written.
pub fn save(run_dir: &Path, name: &str, applications: usize, picture: &RgbImage) -> Result<PathBuf> {
    let folder = run_dir.join("edits");
    create_dir_all(&folder).map_err(|source| Error::io(&folder, "create the folder", &source))?;
    let mut png = Cursor::new(Vec::new());
    picture
        .write_to(&mut png, ImageFormat::Png)
        .map_err(|source| Error::new(Kind::Io, format!("could not encode the picture: {source}")))?;
    let stem = stem(name);
    for copy in 1..=MAX_NAMES {
        let path = folder.join(match copy {
            1 => format!("{stem}-{applications}.png"),
            _ => format!("{stem}-{applications}-{copy}.png"),
        });
        match OpenOptions::new().write(true).create_new(true).open(&path) {
            Ok(mut file) => {
                return match file.write_all(png.get_ref()).and_then(|()| file.sync_all()) {
                    Ok(()) => Ok(path),
                    Err(source) => {
                        // Half a picture under a good name would be worse than none.
                        let _ = std::fs::remove_file(&path);
                        Err(Error::io(&path, "write the picture", &source))
                    }
                };
            }
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
        let first = save(run_dir.path(), "cat.png", 2, &black).expect("a first save");
        let second = save(run_dir.path(), "cat.png", 2, &white).expect("a second save");
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
        let error = save(file.path(), "cat.png", 1, &RgbImage::new(1, 1)).expect_err("no folder");
        assert!(error.what.contains("create the folder"), "{error}");
    }
}
