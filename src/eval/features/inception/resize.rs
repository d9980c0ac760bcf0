//! Bytes of any size to what the network was trained on: 299×299 pixels between -1 and 1. Programs differ
//! in how they do it, and FID with them.

use rayon::prelude::*;

use crate::eval::features::Images;

/// Pixels along a side of what the network sees.
pub const SIDE: usize = 299;

/// Ways to bring images to 299×299; both interpolate bilinearly without smoothing first.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Resize {
    /// TensorFlow 1's: pixels are points, the first of both images at the same place; then
    /// `(byte - 128) / 128`. FID as first published, and as EDM and torch-fidelity compute it.
    #[default]
    Tf1,
    /// pytorch-fid's: pixels are squares that cover both images; then `2 · byte / 255 - 1`.
    PytorchFid,
}

impl Resize {
    /// As in the conditions of a result.
    pub fn words(self) -> &'static str {
        match self {
            Self::Tf1 => {
                "resized to 299×299 as TensorFlow 1 does (bilinear, first pixels aligned), (byte - 128) / 128"
            }
            Self::PytorchFid => {
                "resized to 299×299 as pytorch-fid does (bilinear, half-pixel centres), 2 byte / 255 - 1"
            }
        }
    }

    /// `[count, 3, 299, 299]`; gray is repeated. The same numbers whatever the number of threads.
    pub fn apply(self, images: &Images<'_>) -> Vec<f32> {
        let bytes = images.rgb();
        let taps: Vec<Tap> = (0..SIDE).map(|to| self.tap(to, images.side)).collect();
        let mut numbers = vec![0.0; images.count() * 3 * SIDE * SIDE];
        let planes = bytes.par_chunks_exact((images.side * images.side).max(1));
        numbers.par_chunks_exact_mut(SIDE * SIDE).zip(planes).for_each(|(numbers, plane)| {
            for (row, y) in numbers.chunks_exact_mut(SIDE).zip(&taps) {
                let [above, below] = [y.low, y.high].map(|line| &plane[line * images.side..][..images.side]);
                for (number, x) in row.iter_mut().zip(&taps) {
                    *number = self.scaled(y.between(x.of(above), x.of(below)));
                }
            }
        });
        numbers
    }

    /// What pixel `to` of the new image lies between, on a side of `from` pixels.
    fn tap(self, to: usize, from: usize) -> Tap {
        let scale = from as f32 / SIDE as f32;
        let place = match self {
            Self::Tf1 => to as f32 * scale,
            Self::PytorchFid => ((to as f32 + 0.5) * scale - 0.5).max(0.0),
        };
        let last = from.saturating_sub(1);
        let low = (place as usize).min(last);
        Tap { low, high: (low + 1).min(last), share: place - low as f32 }
    }

    fn scaled(self, byte: f32) -> f32 {
        match self {
            Self::Tf1 => (byte - 128.0) / 128.0,
            Self::PytorchFid => 2.0 * byte / 255.0 - 1.0,
        }
    }
}

/// Two neighbouring pixels, and how far from the first to the second.
struct Tap {
    low: usize,
    high: usize,
    share: f32,
}

impl Tap {
    fn between(&self, low: f32, high: f32) -> f32 {
        low + (high - low) * self.share
    }

    fn of(&self, line: &[u8]) -> f32 {
        self.between(f32::from(line[self.low]), f32::from(line[self.high]))
    }
}
