//! Bytes of any size to what the network was trained on: 299×299 pixels between -1 and 1. Programs differ
//! in how they do it, and FID with them.

use crate::eval::features::Images;
use crate::eval::features::bilinear::{Centres, resized};

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

    /// `[count, 3, 299, 299]`; gray is repeated.
    pub fn apply(self, images: &Images<'_>) -> Vec<f32> {
        let centres = match self {
            Self::Tf1 => Centres::AtCorners,
            Self::PytorchFid => Centres::AtHalves,
        };
        resized(images, SIDE, centres, |_, byte| self.scaled(byte))
    }

    fn scaled(self, byte: f32) -> f32 {
        match self {
            Self::Tf1 => (byte - 128.0) / 128.0,
            Self::PytorchFid => 2.0 * byte / 255.0 - 1.0,
        }
    }
}
