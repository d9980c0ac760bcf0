//! From a dropped file or a typed path to a picture that the editor can keep.

use std::path::{Path, PathBuf};

use eframe::egui::DroppedFileHandle;
use image::RgbImage;

use crate::data;
use crate::error::{Error, Result};

/// Longest side that is kept, pixels. Models work at far less; the editor keeps many pictures.
const KEPT_SIDE: u32 = 1024;

/// Where a picture comes from.
#[derive(Debug)]
pub enum Source {
    Dropped(DroppedFileHandle),
    Path(PathBuf),
}

impl Source {
    pub fn path(&self) -> &Path {
        match self {
            Source::Dropped(file) => file.path(),
            Source::Path(path) => path,
        }
    }
}

/// Reads and decodes a picture, upright, in RGB, no side longer than [`KEPT_SIDE`].
///
/// # Errors
/// A file that cannot be read, is too large, or is not a whole picture.
pub fn open(source: &Source) -> Result<RgbImage> {
    let path = source.path();
    let picture = match source {
        // Some senders hand over bytes and a name without a file behind it.
        Source::Dropped(file) if !path.exists() => {
            let unread = |why| Error::data(path, format!("could not read the dropped file: {why}"));
            data::decode_picture(path, &file.bytes().map_err(unread)?)?
        }
        // Reading a pipe or a device may never end.
        _ if path.exists() && !path.is_dir() && !path.is_file() => {
            return Err(Error::data(path, "this is no file, but a device or a pipe"));
        }
        _ => data::open_picture(path)?,
    };
    Ok(shrink(picture))
}

/// Averages a large picture down until its longest side is [`KEPT_SIDE`].
fn shrink(picture: RgbImage) -> RgbImage {
    let (width, height) = picture.dimensions();
    let longest = width.max(height);
    if longest <= KEPT_SIDE {
        return picture;
    }
    let side = |length: u32| (length * KEPT_SIDE / longest).max(1);
    image::imageops::thumbnail(&picture, side(width), side(height))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_pictures_are_kept_small_whatever_their_shape() {
        assert_eq!(shrink(RgbImage::new(3000, 2)).dimensions(), (KEPT_SIDE, 1));
        assert_eq!(shrink(RgbImage::new(30, 20)).dimensions(), (30, 20));
    }

    #[test]
    fn folders_and_missing_files_are_named() {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let error = open(&Source::Path(folder.path().to_path_buf())).expect_err("a folder");
        assert!(error.what.contains("folder"), "{error}");
        let error = open(&Source::Path(folder.path().join("no.png"))).expect_err("no such file");
        assert!(error.to_string().contains("no.png"), "{error}");
        #[cfg(unix)]
        {
            let error = open(&Source::Path("/dev/zero".into())).expect_err("no end");
            assert!(error.what.contains("device"), "{error}");
        }
    }
}
