//! Raw pixels as features: colours and their places, nothing about what is shown.

use super::{Extractor, Features, Images};
use crate::data::pixels::to_unit;
use crate::error::{Error, Kind, Result};

/// Larger images are averaged down to this side, pixels: a covariance has the fourth power of the side
/// as its size.
pub const PIXEL_SIDE: usize = 16;

/// Numbers of an image of `channels` and `side` pixels.
pub fn pixel_dim(channels: usize, side: usize) -> usize {
    let side = side.min(PIXEL_SIDE);
    channels * side * side
}

/// Square planes of `side`², one after another, averaged over squares down to 16×16; smaller ones stay as
/// they are. Where 16 does not divide the side, neighbouring squares differ by a row or a column.
pub fn pixel_features(planes: &[f32], side: usize) -> Vec<f32> {
    let small = side.min(PIXEL_SIDE);
    let mut out = Vec::with_capacity(planes.len() / (side * side).max(1) * small * small);
    // From cell `i` on, and up to cell `i + 1`.
    let edge = |i: usize| i * side / small;
    for plane in planes.chunks_exact((side * side).max(1)) {
        for (y, x) in (0..small).flat_map(|y| (0..small).map(move |x| (y, x))) {
            let (columns, rows) = (edge(x)..edge(x + 1), edge(y)..edge(y + 1));
            let area = columns.len() * rows.len();
            let sum: f32 = rows.map(|row| plane[row * side..][columns.clone()].iter().sum::<f32>()).sum();
            out.push(sum / area as f32);
        }
    }
    out
}

/// The pixels of images of one shape.
#[derive(Clone, Copy, Debug)]
pub struct Pixel {
    channels: usize,
    side: usize,
}

impl Pixel {
    /// For images of 1 or 3 `channels` and `side` pixels.
    pub fn new(channels: usize, side: usize) -> Self {
        Self { channels, side }
    }
}

impl Extractor for Pixel {
    fn name(&self) -> String {
        "pixel".into()
    }

    fn dim(&self) -> usize {
        pixel_dim(self.channels, self.side)
    }

    fn input(&self) -> String {
        let side = self.side.min(PIXEL_SIDE);
        let how = if self.side > PIXEL_SIDE { "averaged to " } else { "" };
        format!("bytes in [-1, 1], {how}{side}×{side}")
    }

    /// # Errors
    /// `Kind::Data` where the images are of another shape.
    fn extract(&self, images: &Images<'_>) -> Result<Features> {
        let (want, got) = ((self.channels, self.side), (images.channels, images.side));
        if want != got {
            let of = |(channels, side): (usize, usize)| format!("{channels}×{side}×{side}");
            let what = format!("pixels of {} images cannot be compared with {} ones", of(got), of(want));
            return Err(Error::new(Kind::Data, what).hint("bring both sets to one size and to gray or RGB"));
        }
        let planes: Vec<f32> = images.bytes.iter().map(|byte| to_unit(*byte)).collect();
        Ok(Features { pooled: pixel_features(&planes, self.side), logits: Vec::new() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn squares_are_averaged_and_small_images_stay() {
        let small: Vec<f32> = (0..3 * 8 * 8).map(|i| i as f32).collect();
        assert_eq!(pixel_features(&small, 8), small);
        let ramp = |side: usize| -> Vec<f32> { (0..side * side).map(|i| (i % side) as f32).collect() };
        let halved = pixel_features(&ramp(32), 32);
        assert_eq!((halved.len(), &halved[..3]), (pixel_dim(1, 32), &[0.5, 2.5, 4.5][..]));
        // 24 = 16 · 1.5: cells of one and of two columns in turn.
        let uneven = pixel_features(&ramp(24), 24);
        assert_eq!((uneven.len(), &uneven[..4]), (256, &[0.0, 1.5, 3.0, 4.5][..]));
    }

    #[test]
    fn bytes_become_numbers_of_one_shape_only() {
        let bytes: Vec<u8> = [0u8, 255].repeat(2 * 3 * 32);
        let images = |bytes, side| Images { bytes, channels: 3, side };
        let got = Pixel::new(3, 8).extract(&images(&bytes, 8)).expect("features");
        assert_eq!((got.pooled.len(), &got.pooled[..2]), (2 * 192, &[-1.0, 1.0][..]));
        let error = Pixel::new(3, 16).extract(&images(&bytes, 8)).expect_err("another side");
        assert!(error.to_string().contains("3×16×16"), "{error}");
        assert!(Pixel::new(1, 8).extract(&images(&bytes, 8)).is_err());
    }
}
