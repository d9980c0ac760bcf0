//! Writes an edited picture beside the run, under a name that no other file has.

use std::path::{Path, PathBuf};

use crate::app::fresh_file;
use crate::data::Png;
use crate::error::Result;
use crate::plain_file::make_folder;

/// Folder of edited pictures, in the run's.
pub const FOLDER: &str = "edits";

/// Longest part of a picture's own name that is kept, characters: four bytes each still make a valid
/// file name everywhere.
const MAX_STEM_CHARS: usize = 48;

/// Saves `png`, which was made of the picture called `name`, as `RUN_DIR/edits/NAME-what.png`, and returns where
/// it is. Never overwrites.
///
/// # Errors
/// A folder or file that cannot be written.
pub fn save(run_dir: &Path, name: &str, what: &str, png: Png<'_>) -> Result<PathBuf> {
    write(run_dir, name, what, &png.bytes()?)
}

/// Writes `bytes` as `RUN_DIR/edits/NAME-what.png`, or under the next name that no other file has.
///
/// # Errors
/// A folder or file that cannot be written.
pub fn write(run_dir: &Path, name: &str, what: &str, bytes: &[u8]) -> Result<PathBuf> {
    let (folder, file) = (run_dir.join(FOLDER), format!("{}-{what}.png", stem(name)));
    make_folder(&folder)?;
    fresh_file::write(&folder.join(file), bytes)
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
    use image::RgbImage;

    use super::*;

    fn png(picture: &RgbImage) -> Png<'_> {
        Png { picture, profile: None, texts: &[] }
    }

    #[test]
    fn a_second_save_does_not_overwrite_the_first() {
        let run_dir = tempfile::tempdir().expect("a temporary folder");
        let black = RgbImage::new(4, 4);
        let white = RgbImage::from_pixel(4, 4, image::Rgb([255; 3]));
        let first = save(run_dir.path(), "cat.png", "2", png(&black)).expect("a first save");
        let second = save(run_dir.path(), "cat.png", "2", png(&white)).expect("a second save");
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
        let error = save(file.path(), "cat.png", "1", png(&RgbImage::new(1, 1))).expect_err("no folder");
        assert!(error.what.contains("create the folder"), "{error}");
    }
}
