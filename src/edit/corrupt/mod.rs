//! Ways to spoil a picture, so that an edit has something to mend and the truth to be held against.

mod blocks;
mod blur;
mod hide;

use std::fmt;
use std::str::FromStr;

use super::Way;
use super::luma;
use super::patches::patch_means;
use crate::data::Shape;
use crate::error::{Error, Result};
use crate::random::{Random, Stream};
use crate::words::same_word;

/// Side of the patches whose means `DownUp` leaves, pixels.
pub const DOWN_UP: usize = 4;
/// Strongest noise that can be asked for: nothing can be seen through it.
const MOST_NOISE: f32 = 10.0;
/// Width of the blur behind a sketch and the side of the pictures it was chosen for, pixels (Shocher et
/// al., arXiv 2311.01462).
const SKETCH_BLUR: f32 = 21.0 / 64.0;
/// The sketch is a quotient; one step of a byte, [-1, 1] units, keeps black from being 0 / 0.
const SKETCH_FLOOR: f32 = 1.0 / 127.5;
/// Standard deviation of the blur in shares of the picture's shorter side, and at least, pixels.
const BLUR_STD: f32 = 1.0 / 32.0;
const LEAST_BLUR_STD: f32 = 0.75;

/// One way to spoil a picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Corruption {
    /// Gaussian noise of this standard deviation, [-1, 1] units; nothing is clipped.
    Noise { sigma: f32 },
    /// Luma in place of the colours.
    Grayscale,
    /// The gray picture divided by its own blur: lines on mid gray.
    Sketch,
    /// The middle is hidden, half as high and half as wide as the picture.
    BoxMask,
    /// The left half is hidden.
    HalfMask,
    /// Three pixels of four are hidden, drawn one by one.
    RandomMask,
    /// Gaussian blur.
    Blur,
    /// Means over patches of 4×4 pixels.
    DownUp,
    /// 8×8 blocks with coarse steps in frequency, as a JPEG of quality 10 has them.
    Jpeg,
}

/// A spoiled picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Corrupted {
    /// C×H×W, or one picture after another.
    pub image: Vec<f32>,
    /// Which pixels (H×W) are as they were, where the rest is hidden.
    pub known: Option<Vec<bool>>,
}

impl Corruption {
    /// What is offered by name; `noise-SIGMA` also takes other levels.
    pub const ALL: [Self; 11] = [
        Self::Noise { sigma: 0.15 },
        Self::Noise { sigma: 0.3 },
        Self::Noise { sigma: 0.5 },
        Self::Grayscale,
        Self::Sketch,
        Self::BoxMask,
        Self::HalfMask,
        Self::RandomMask,
        Self::Blur,
        Self::DownUp,
        Self::Jpeg,
    ];

    /// The names of [`Self::ALL`], for messages.
    pub fn names() -> String {
        Self::ALL.map(|c| c.to_string()).join(", ")
    }

    /// Whether it hides pixels, and so leaves a mask of those that are known.
    pub fn leaves_mask(self) -> bool {
        matches!(self, Self::BoxMask | Self::HalfMask | Self::RandomMask)
    }

    /// The way of editing that brings back what it takes away; none where no way does.
    ///
    /// A blur is as a coarse picture: the means of its patches are nearly right. Lines and blocks keep nothing
    /// that an edit could hold on to.
    pub fn mended_by(self) -> Option<Way> {
        match self {
            Self::Noise { .. } => Some(Way::Direct),
            Self::Grayscale => Some(Way::Colourise),
            Self::BoxMask | Self::HalfMask | Self::RandomMask => Some(Way::Inpaint),
            Self::Blur | Self::DownUp => Some(Way::SuperResolve),
            Self::Sketch | Self::Jpeg => None,
        }
    }

    /// Spoils picture number `index` (C×H×W in [-1, 1]). What is drawn is a function of `seed` and
    /// `index` alone.
    pub fn apply(self, clean: &[f32], shape: Shape, seed: u32, index: u32) -> Corrupted {
        let random = Random::new(seed, Stream::Corrupt);
        let seen = |image| Corrupted { image, known: None };
        let hidden = |known: Vec<bool>| Corrupted { image: hide::fill(clean, &known), known: Some(known) };
        match self {
            Self::Noise { sigma } => {
                let noise = random.normals(0, index, clean.len());
                seen(clean.iter().zip(noise).map(|(x, n)| x + sigma * n).collect())
            }
            Self::Grayscale => seen(luma::gray(clean, shape).repeat(shape.channels)),
            Self::Sketch => seen(sketch(&luma::gray(clean, shape), shape).repeat(shape.channels)),
            Self::BoxMask => hidden(hide::except_box(shape)),
            Self::HalfMask => hidden(hide::except_left_half(shape)),
            Self::RandomMask => hidden(hide::except_drawn(&random.uniforms(1, index, shape.pixels()))),
            Self::Blur => {
                let std = (BLUR_STD * shape.short_side() as f32).max(LEAST_BLUR_STD);
                seen(blur::gaussian(clean, shape, std))
            }
            Self::DownUp => seen(patch_means(clean, shape, DOWN_UP)),
            Self::Jpeg => seen(blocks::quantised(clean, shape)),
        }
    }

    /// Spoils pictures one after another, the first of them number 0; masks likewise.
    pub fn apply_all(self, clean: &[f32], shape: Shape, seed: u32) -> Corrupted {
        let mut all =
            Corrupted { image: Vec::with_capacity(clean.len()), known: self.leaves_mask().then(Vec::new) };
        for (index, clean) in (0..).zip(clean.chunks_exact(shape.numbers().max(1))) {
            let one = self.apply(clean, shape, seed, index);
            all.image.extend(one.image);
            if let (Some(all), Some(known)) = (&mut all.known, one.known) {
                all.extend(known);
            }
        }
        all
    }
}

/// `(g + 1) / (blur(g) + 1) - 1` of a gray picture, clipped: 0 where it is flat, darker along lines.
fn sketch(gray: &[f32], shape: Shape) -> Vec<f32> {
    let width = SKETCH_BLUR * shape.short_side() as f32;
    let flat = blur::gaussian(gray, Shape { channels: 1, ..shape }, blur::std_of_width(width));
    let from_black = |v: f32| v.max(-1.0) + 1.0 + SKETCH_FLOOR;
    gray.iter().zip(flat).map(|(g, b)| (from_black(*g) / from_black(b) - 1.0).clamp(-1.0, 1.0)).collect()
}

impl fmt::Display for Corruption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Noise { sigma } => write!(f, "noise-{sigma}"),
            Self::Grayscale => f.write_str("grayscale"),
            Self::Sketch => f.write_str("sketch"),
            Self::BoxMask => f.write_str("box-mask"),
            Self::HalfMask => f.write_str("half-mask"),
            Self::RandomMask => f.write_str("random-mask"),
            Self::Blur => f.write_str("blur"),
            Self::DownUp => write!(f, "down-up-{DOWN_UP}"),
            Self::Jpeg => f.write_str("jpeg"),
        }
    }
}

impl FromStr for Corruption {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        let noise = name.strip_prefix("noise-").and_then(|level| level.parse().ok());
        match (noise, Self::ALL.into_iter().find(|c| same_word(&c.to_string(), name))) {
            (_, Some(known)) => Ok(known),
            (Some(sigma), _) if sigma > 0.0 && sigma <= MOST_NOISE => Ok(Self::Noise { sigma }),
            _ => Err(Error::usage(format!("there is no corruption `{name}`")).hint(format!(
                "choose {}, or noise-SIGMA with a level above 0 and at most {MOST_NOISE}",
                Self::names()
            ))),
        }
    }
}

#[cfg(test)]
mod tests;
