//! Masks in files.

use std::io::Cursor;
use std::path::Path;

use image::imageops::{FilterType, resize};
use image::{GrayImage, ImageFormat};

use super::bitmap::Mask;
use crate::error::{Error, Kind, Result};

/// The mask of a picture of `width`×`height` pixels from one called `name`: white is to be filled in. A mask
/// of another size is resized if it has the same proportions.
///
/// # Errors
/// Other proportions.
pub fn fitted(image: GrayImage, name: &Path, width: u32, height: u32) -> Result<Mask> {
    let own = image.dimensions();
    if own == (width, height) {
        return Ok(Mask::from_image(image));
    }
    if !alike(own, (width, height)) {
        let what = format!(
            "the mask has {}×{} pixels, the picture {width}×{height}: other proportions",
            own.0, own.1
        );
        return Err(Error::data(name, what)
            .hint("give a mask of the picture's size: white is filled in, black is kept"));
    }
    Ok(Mask::from_image(resize(&image, width, height, FilterType::Nearest)))
}

/// Whether one picture is the other resized: equal proportions but for the rounding to whole pixels.
fn alike((a_width, a_height): (u32, u32), (b_width, b_height): (u32, u32)) -> bool {
    // The smaller one was rounded.
    let (small, large) = if a_width <= b_width {
        ([a_width, a_height], [b_width, b_height])
    } else {
        ([b_width, b_height], [a_width, a_height])
    };
    let scaled = |side: u32, by: u32, of: u32| (f64::from(side) * f64::from(by) / f64::from(of)).round();
    scaled(large[1], small[0], large[0]) == f64::from(small[1])
        || scaled(large[0], small[1], large[1]) == f64::from(small[0])
}

/// A gray PNG: white is to be filled in.
///
/// # Errors
/// A mask without pixels.
pub fn bytes(mask: &Mask) -> Result<Vec<u8>> {
    let mut bytes = Cursor::new(Vec::new());
    mask.image()
        .write_to(&mut bytes, ImageFormat::Png)
        .map_err(|error| Error::new(Kind::Data, format!("the mask cannot be encoded: {error}")))?;
    Ok(bytes.into_inner())
}

#[cfg(test)]
mod tests {
    use image::Luma;

    use super::*;
    use crate::edit::read_mask;

    fn read(path: &Path, width: u32, height: u32) -> Result<Mask> {
        fitted(read_mask(path)?, path, width, height)
    }

    #[test]
    fn a_mask_is_read_as_it_was_written() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("mask.png");
        let mut mask = Mask::new(33, 21);
        mask.dab([3.0, 4.0], [30.0, 18.0], 2.5, 255);
        std::fs::write(&path, bytes(&mask).expect("a PNG")).expect("written");
        assert!(read(&path, 33, 21).expect("a mask") == mask);
        assert_eq!(image::open(&path).expect("a picture").color(), image::ColorType::L8);
    }

    #[test]
    fn another_size_needs_the_same_proportions() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("mask.png");
        let half = GrayImage::from_fn(32, 24, |x, _| Luma([if x < 8 { 128 } else { 127 }]));
        half.save(&path).expect("saved");
        let mask = read(&path, 64, 48).expect("twice the size");
        assert_eq!((mask.size(), mask.share()), ([64, 48], 0.25));
        assert_eq!(read(&path, 16, 12).expect("half the size").share(), 0.25);
        assert_eq!(read(&path, 65, 48).expect("half of it, rounded").size(), [65, 48]);
        for (width, height) in [(24, 32), (64, 64), (66, 48)] {
            let error = read(&path, width, height).expect_err("other proportions");
            assert!(error.what.contains("32×24") && error.remedy.is_some(), "{error}");
        }
        assert!(read(&folder.path().join("missing.png"), 32, 24).is_err());
    }

    #[test]
    fn strokes_on_a_transparent_layer_are_a_mask() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("layer.png");
        let layer =
            image::RgbaImage::from_fn(8, 8, |x, _| image::Rgba([255, 255, 255, if x < 2 { 255 } else { 0 }]));
        layer.save(&path).expect("saved");
        assert_eq!(read(&path, 8, 8).expect("a mask").share(), 0.25);
    }
}
