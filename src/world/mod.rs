//! Toy worlds: mixtures of Gaussians, whose denoiser is known exactly at every noise level, so that a
//! method can be judged without a data set, a feature extractor or a teacher's own error.

mod gaussian;
mod img64;
mod mixture;
mod ring8;

pub use gaussian::{GaussianToy, Gradient, Line, normal_pairs};
pub use mixture::Mixture;

use serde::{Deserialize, Serialize};

/// The worlds by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum World {
    /// Eight spots on a circle in the plane.
    Ring8,
    /// Sixty-four pictures of 8×8 pixels, each with a little noise.
    Img64,
}

impl World {
    pub const ALL: [World; 2] = [World::Ring8, World::Img64];

    pub fn name(self) -> &'static str {
        match self {
            World::Ring8 => "ring8",
            World::Img64 => "img64",
        }
    }

    /// Shape of one sample: channels, height, width.
    pub fn shape(self) -> [usize; 3] {
        match self {
            World::Ring8 => [2, 1, 1],
            World::Img64 => [1, img64::SIDE, img64::SIDE],
        }
    }

    /// Its distribution, the same for everybody: a world has no seed.
    pub fn mixture(self) -> Mixture {
        match self {
            World::Ring8 => ring8::mixture(),
            World::Img64 => img64::mixture(),
        }
    }
}
