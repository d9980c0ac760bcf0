//! From a dropped file, a typed path or the clipboard to a picture that the editor can keep.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use eframe::egui::{ColorImage, DroppedFileHandle};
use image::{GrayImage, RgbImage, imageops};

use crate::data;
use crate::edit::read_mask;
use crate::error::{Error, Result};

/// Longest side that is kept, pixels. Models work at far less; the editor keeps many pictures.
const KEPT_SIDE: u32 = 1024;

/// Where a picture comes from.
#[derive(Debug)]
pub enum Source {
    Dropped(DroppedFileHandle),
    Path(PathBuf),
    /// From the clipboard.
    Pasted(Arc<ColorImage>),
}

impl Source {
    pub fn path(&self) -> &Path {
        match self {
            Source::Dropped(file) => file.path(),
            Source::Path(path) => path,
            Source::Pasted(_) => Path::new("pasted picture"),
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
        Source::Pasted(image) => pasted(image, u8::MAX)?,
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

/// Reads a picture as a mask: gray, on black where it is transparent.
///
/// # Errors
/// A file that cannot be read or is not a whole picture.
pub fn open_mask(source: &Source) -> Result<GrayImage> {
    match source {
        Source::Pasted(image) => Ok(imageops::grayscale(&pasted(image, 0)?)),
        Source::Dropped(_) | Source::Path(_) => read_mask(source.path()),
    }
}

/// A picture of the clipboard, laid on a gray.
///
/// # Errors
/// One with hardly a pixel.
fn pasted(image: &ColorImage, behind: u8) -> Result<RgbImage> {
    let [width, height] = image.size;
    // Colours are multiplied by their opacity already.
    let through = |alpha: u8| (u32::from(behind) * u32::from(u8::MAX - alpha) / u32::from(u8::MAX)) as u8;
    let bytes = image.pixels.iter().flat_map(|colour| {
        let [r, g, b, alpha] = colour.to_array();
        [r, g, b].map(|value| value.saturating_add(through(alpha)))
    });
    RgbImage::from_vec(width as u32, height as u32, bytes.collect())
        .filter(|_| width.min(height) >= data::MIN_SIDE as usize)
        .ok_or_else(|| Error::data("pasted picture", format!("{width}×{height} pixels is too small")))
}

/// Averages a large picture down until its longest side is [`KEPT_SIDE`].
fn shrink(picture: RgbImage) -> RgbImage {
    let (width, height) = picture.dimensions();
    let longest = width.max(height);
    if longest <= KEPT_SIDE {
        return picture;
    }
    let side = |length: u32| (length * KEPT_SIDE / longest).max(1);
    imageops::thumbnail(&picture, side(width), side(height))
}

#[cfg(test)]
mod tests {
    use eframe::egui::Color32;

    use super::*;

    #[test]
    fn large_pictures_are_kept_small_whatever_their_shape() {
        assert_eq!(shrink(RgbImage::new(3000, 2)).dimensions(), (KEPT_SIDE, 1));
        assert_eq!(shrink(RgbImage::new(30, 20)).dimensions(), (30, 20));
    }

    #[test]
    fn a_pasted_picture_lies_on_white_and_a_pasted_mask_on_black() {
        // Opaque red, transparent, half white.
        let colours = [[255, 0, 0, 255], [0, 0, 0, 0], [255, 255, 255, 128], [255, 255, 255, 255]];
        let row = colours.map(|[r, g, b, a]| Color32::from_rgba_unmultiplied(r, g, b, a));
        let source = Source::Pasted(Arc::new(ColorImage::new([4, 4], row.repeat(4))));
        let picture = open(&source).expect("a picture");
        assert_eq!(picture.dimensions(), (4, 4));
        assert_eq!(picture.as_raw()[24..36], [[255, 0, 0], [255; 3], [255; 3], [255; 3]].concat());
        let mask = open_mask(&source).expect("a mask");
        assert_eq!(mask.as_raw()[4..8][1..], [0, 128, 255]);
        let error =
            open(&Source::Pasted(Arc::new(ColorImage::filled([1, 9], Color32::RED)))).expect_err("a line");
        assert!(error.what.contains("1×9"), "{error}");
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
