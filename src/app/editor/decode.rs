//! From a dropped file, a typed path or the clipboard to a picture that the editor can keep.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use eframe::egui::{ColorImage, DroppedFileHandle};
use image::{GrayImage, RgbImage, imageops};

use crate::data::{self, Photo, Profile};
use crate::edit::{mask_of_picture, read_mask};
use crate::error::{Error, Result};
use crate::plain_file::refuse_special;

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

/// A picture as the editor keeps it.
#[derive(Debug)]
pub struct Kept {
    /// No side is longer than [`KEPT_SIDE`].
    pub picture: RgbImage,
    /// What the file says besides.
    pub origin: Origin,
    /// What of the file could not be kept, in words.
    pub note: Option<String>,
}

/// What a picture's file says besides its pixels.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Origin {
    /// Width and height, pixels, where the picture is kept smaller.
    pub larger: Option<(u32, u32)>,
    /// What the numbers mean as colours; none is sRGB.
    pub profile: Option<Profile>,
}

/// Reads and decodes a picture, upright, in RGB.
///
/// # Errors
/// A file that cannot be read, is too large, or is not a whole picture.
pub fn open(source: &Source) -> Result<Kept> {
    let path = source.path();
    let photo = match (source, bytes_of(source)?) {
        (Source::Pasted(image), _) => {
            Photo { picture: pasted(image, u8::MAX)?, alpha: None, profile: None, note: None }
        }
        (_, Some(bytes)) => data::decode_photo(path, &bytes)?,
        (_, None) => data::open_photo(path)?,
    };
    let Photo { picture, profile, note, .. } = photo;
    let size = picture.dimensions();
    let picture = shrink(picture);
    let larger = (picture.dimensions() != size).then_some(size);
    Ok(Kept { picture, origin: Origin { larger, profile }, note })
}

/// Reads a picture as a mask: gray, on black where it is transparent.
///
/// # Errors
/// A file that cannot be read or is not a whole picture.
pub fn open_mask(source: &Source) -> Result<GrayImage> {
    match (source, bytes_of(source)?) {
        (Source::Pasted(image), _) => Ok(imageops::grayscale(&pasted(image, 0)?)),
        (_, Some(bytes)) => mask_of(source.path(), &bytes),
        (_, None) => read_mask(source.path()),
    }
}

/// What was handed over under the source's name: some senders have bytes and a name without a file behind it.
/// None where there is a file to read, or nothing at all.
///
/// # Errors
/// A sender that does not give its bytes; a path whose reading may never end.
fn bytes_of(source: &Source) -> Result<Option<Vec<u8>>> {
    let path = source.path();
    match source {
        Source::Dropped(file) if !path.exists() => {
            let unread = |why| Error::data(path, format!("could not read the dropped file: {why}"));
            file.bytes().map(Some).map_err(unread)
        }
        Source::Dropped(_) | Source::Path(_) => refuse_special(path).map(|()| None),
        Source::Pasted(_) => Ok(None),
    }
}

/// The same of bytes as [`read_mask`] of a file.
fn mask_of(path: &Path, bytes: &[u8]) -> Result<GrayImage> {
    let Photo { picture, alpha, .. } = data::decode_photo(path, bytes)?;
    Ok(mask_of_picture(&picture, alpha))
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
    let side = |length: u32| ((u64::from(length) * u64::from(KEPT_SIDE) / u64::from(longest)) as u32).max(1);
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
        assert_eq!(shrink(RgbImage::new(5_000_000, 4)).dimensions(), (KEPT_SIDE, 1));
    }

    #[test]
    fn a_picture_that_is_kept_smaller_is_known_as_such() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("wide.png");
        RgbImage::new(20_000, 40).save(&path).expect("a picture");
        let kept = open(&Source::Path(path.clone())).expect("a picture");
        assert_eq!((kept.picture.dimensions(), kept.origin.larger), ((KEPT_SIDE, 2), Some((20_000, 40))));
        RgbImage::new(20, 40).save(&path).expect("a picture");
        assert_eq!(open(&Source::Path(path)).expect("a picture").origin, Origin::default());
    }

    /// What is saved of an edit says what its numbers mean, as the picture did.
    #[test]
    fn the_colour_profile_stays_with_the_picture() {
        use image::ImageEncoder;
        let mut icc = vec![0; 132];
        icc[16..20].copy_from_slice(b"RGB ");
        icc[36..40].copy_from_slice(b"acsp");
        let mut jpeg = Vec::new();
        let mut encoder = image::codecs::jpeg::JpegEncoder::new(&mut jpeg);
        encoder.set_icc_profile(icc).expect("a profile");
        encoder.write_image(&[90; 192], 8, 8, image::ExtendedColorType::Rgb8).expect("a JPEG");
        let profile = |name, bytes: &[u8]| {
            open(&Source::Dropped(handed_over(name, bytes))).expect("a picture").origin.profile
        };
        let opened = profile("a.jpg", &jpeg);
        assert!(opened.is_some());
        let picture = RgbImage::new(4, 4);
        let saved = data::Png { picture: &picture, profile: opened.as_ref(), texts: &[] };
        assert_eq!(profile("b.png", &saved.bytes().expect("a PNG")), opened);
    }

    #[test]
    fn a_pasted_picture_lies_on_white_and_a_pasted_mask_on_black() {
        // Opaque red, transparent, half white.
        let colours = [[255, 0, 0, 255], [0, 0, 0, 0], [255, 255, 255, 128], [255, 255, 255, 255]];
        let row = colours.map(|[r, g, b, a]| Color32::from_rgba_unmultiplied(r, g, b, a));
        let source = Source::Pasted(Arc::new(ColorImage::new([4, 4], row.repeat(4))));
        let picture = open(&source).expect("a picture").picture;
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
        for source in [Source::Path("/dev/zero".into()), Source::Dropped(handed_over("/dev/zero", &[]))] {
            let errors = [open(&source).expect_err("no end"), open_mask(&source).expect_err("no end")];
            assert!(errors.iter().all(|error| error.what.contains("device")), "{errors:?}");
        }
    }

    #[test]
    fn bytes_without_a_file_are_a_picture_or_a_mask() {
        let layer = image::RgbaImage::from_fn(8, 8, |x, _| {
            image::Rgba(if x < 2 {
                [255; 4]
            } else if x < 4 {
                [0, 0, 0, 255]
            } else {
                [255, 255, 255, 0]
            })
        });
        let mut png = std::io::Cursor::new(Vec::new());
        layer.write_to(&mut png, image::ImageFormat::Png).expect("a PNG");
        let source = Source::Dropped(handed_over("of a browser.png", png.get_ref()));
        assert_eq!(open(&source).expect("a picture").picture.get_pixel(7, 7).0, [255; 3]);
        let mask = open_mask(&source).expect("a mask");
        assert_eq!(mask.as_raw()[..8], [255, 255, 0, 0, 0, 0, 0, 0]);
        // The same picture in a file is the same mask.
        let file = tempfile::NamedTempFile::with_suffix(".png").expect("a file");
        std::fs::write(file.path(), png.get_ref()).expect("writes");
        assert_eq!(mask, open_mask(&Source::Path(file.path().into())).expect("a mask"));
        let broken = Source::Dropped(handed_over("of a browser.png", &png.get_ref()[..40]));
        assert!(open_mask(&broken).is_err_and(|error| error.to_string().contains("of a browser.png")));
    }

    /// A name and bytes, as some senders drop them.
    fn handed_over(name: &'static str, bytes: &[u8]) -> DroppedFileHandle {
        #[derive(Debug)]
        struct HandedOver(&'static str, Vec<u8>);

        impl eframe::egui::DroppedFile for HandedOver {
            fn path(&self) -> &Path {
                Path::new(self.0)
            }

            fn bytes(&self) -> std::result::Result<Vec<u8>, String> {
                Ok(self.1.clone())
            }
        }
        Arc::new(HandedOver(name, bytes.to_vec()))
    }
}
