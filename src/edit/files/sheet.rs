//! The sheet of one file: the truth where there is one, the picture before, and after each application.

use image::{RgbImage, imageops};

use crate::data::pixels;
use crate::edit::Projection;

/// Small pictures are enlarged by whole numbers up to this side, pixels, but not more than so many times.
const ENLARGED_SIDE: u32 = 128;
const MOST_SCALE: u32 = 8;
/// Longest side of a picture on the sheet, pixels: larger ones, edited in tiles, are shrunk to it.
const MOST_SIDE: u32 = 512;

pub fn before_after(truth: Option<RgbImage>, projection: Projection) -> RgbImage {
    let Projection { before, after, .. } = projection;
    let scale = (ENLARGED_SIDE / longest(&before)).clamp(1, MOST_SCALE);
    let row: Vec<RgbImage> = truth.into_iter().chain([before]).chain(after).map(shrunk).collect();
    pixels::grid(&row, row.len(), scale, 2)
}

fn longest(picture: &RgbImage) -> u32 {
    picture.width().max(picture.height()).max(1)
}

fn shrunk(picture: RgbImage) -> RgbImage {
    let longest = longest(&picture);
    if longest <= MOST_SIDE {
        return picture;
    }
    let share = f64::from(MOST_SIDE) / f64::from(longest);
    let side = |pixels: u32| (f64::from(pixels) * share).round().max(1.0) as u32;
    imageops::resize(&picture, side(picture.width()), side(picture.height()), pixels::FILTER)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_pictures_are_enlarged_and_large_ones_shrunk() {
        for ((width, height), shown) in [
            ((8, 8), (64, 64)),
            ((32, 20), (128, 80)),
            ((100, 30), (100, 30)),
            ((512, 8), (512, 8)),
            ((2048, 1024), (512, 256)),
            ((4000, 1), (512, 1)),
        ] {
            let before = RgbImage::new(width, height);
            let projection = Projection {
                after: vec![before.clone(); 2],
                before,
                moved_rms: Vec::new(),
                idempotence_rms: 0.0,
                model: String::new(),
            };
            let truth = Some(projection.before.clone());
            let sheet = before_after(truth, projection);
            assert_eq!(sheet.dimensions(), (4 * shown.0 + 6, shown.1), "{width}×{height}");
        }
    }
}
