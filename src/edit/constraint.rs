//! What an edit must leave as it was given, and how that is put back after each application of f.

use super::luma;
use super::patches::{level_patches, patch_means};
use super::rows::Rows;
use crate::data::Shape;
use crate::error::{Error, Result};

/// What is known of pictures. The rest is for f to find.
///
/// With an orthogonal Q whose coordinates are known or not (M is 1 for the known ones), a picture x0 that f
/// made becomes `Qᵀ (M Q c + (1 - M) Q x0)` for the given c: its known coordinates are c's, the others
/// stay (consistency models, arXiv 2303.01469, algorithm 4).
#[derive(Clone, Debug, PartialEq)]
pub enum Constraint {
    /// Q is the identity: pixels that are true keep their value. H×W of one picture, which holds for all, or
    /// of every picture one after another.
    Inpaint { known: Vec<bool> },
    /// Q turns colours so that the first coordinate is luma, which is kept.
    Colourise,
    /// Q's first direction in every patch of `patch`×`patch` pixels is the constant one: means are kept.
    SuperResolve { patch: usize },
}

impl Constraint {
    /// # Errors
    /// `Kind::Usage` for a constraint that pictures of `shape` cannot have, `count` of them.
    pub fn check(&self, shape: Shape, count: usize) -> Result<()> {
        match self {
            Self::Inpaint { known }
                if known.len() != shape.pixels() && known.len() != count * shape.pixels() =>
            {
                Err(Error::usage(format!(
                    "a mask of {} pixels does not fit {count} pictures of {}×{}",
                    known.len(),
                    shape.width,
                    shape.height
                ))
                .hint("give a mask as large as the picture"))
            }
            Self::Colourise if shape.channels != 3 => {
                Err(Error::usage("the model makes gray pictures: it has no colours to give")
                    .hint("use a model that was trained on colour pictures"))
            }
            Self::SuperResolve { patch } if !(2..=shape.short_side()).contains(patch) => Err(Error::usage(
                format!("patches of {patch}×{patch} pixels on pictures of {}×{}", shape.width, shape.height),
            )
            .hint(format!("choose a side between 2 and {}", shape.short_side()))),
            _ => Ok(()),
        }
    }

    /// What of `given` is known, with something neutral in place of the rest: where the edit starts.
    pub fn start(&self, given: &[f32], shape: Shape) -> Vec<f32> {
        let mut start = given.to_vec();
        self.begin(&mut start, shape);
        start
    }

    /// The same in place.
    ///
    /// Unknown pixels have the mean colour of the known ones: black, say, would show through the first noise
    /// of a small picture and darken what f fills in. Colours start from gray, not from 0 in Q's coordinates, which would be
    /// a green cast; the known luma is the same.
    pub fn begin(&self, pictures: &mut [f32], shape: Shape) {
        match self {
            Self::Inpaint { .. } => {
                let means = self.known_means(pictures, shape);
                let plane = shape.pixels().max(1);
                self.for_unknown(shape, pictures, |i, value| *value = means[i / plane]);
            }
            Self::Colourise => {
                for picture in pictures.chunks_exact_mut(shape.numbers().max(1)) {
                    let gray = luma::gray(picture, shape);
                    picture
                        .chunks_exact_mut(gray.len().max(1))
                        .for_each(|plane| plane.copy_from_slice(&gray));
                }
            }
            Self::SuperResolve { patch } => level_patches(pictures, shape, *patch),
        }
    }

    /// What holds for some rows of a picture, which begin with one of their [`group`](Self::group).
    pub fn of(&self, rows: &Rows) -> Self {
        match self {
            Self::Inpaint { known } => {
                let width = rows.picture.width;
                Self::Inpaint { known: known[rows.range.start * width..rows.range.end * width].to_vec() }
            }
            others => others.clone(),
        }
    }

    /// Rows that belong together: what holds for them says nothing of the others.
    pub fn group(&self) -> usize {
        match self {
            Self::SuperResolve { patch } => *patch,
            Self::Inpaint { .. } | Self::Colourise => 1,
        }
    }

    /// Puts what is known of `given` back into what f made of it.
    pub fn replace(&self, given: &[f32], made: &mut [f32], shape: Shape) {
        match self {
            Self::Inpaint { .. } => {
                let mut kept = given.to_vec();
                self.for_unknown(shape, &mut kept, |i, value| *value = made[i]);
                made.copy_from_slice(&kept);
            }
            Self::Colourise => {
                let q = luma::basis();
                let numbers = shape.numbers().max(1);
                for (given, made) in given.chunks_exact(numbers).zip(made.chunks_exact_mut(numbers)) {
                    for pixel in 0..shape.pixels() {
                        let place = |channel: usize| channel * shape.pixels() + pixel;
                        let turned = |of: &[f32], row: &[f32; 3]| -> f32 {
                            row.iter().enumerate().map(|(c, w)| w * of[place(c)]).sum()
                        };
                        let new = [turned(given, &q[0]), turned(made, &q[1]), turned(made, &q[2])];
                        for channel in 0..3 {
                            made[place(channel)] = q.iter().zip(new).map(|(row, n)| row[channel] * n).sum();
                        }
                    }
                }
            }
            // In a patch, Qᵀ (M Q c + (1 - M) Q x0) is x0 with its mean exchanged: no Q is needed.
            Self::SuperResolve { patch } => {
                let (wanted, has) = (patch_means(given, shape, *patch), patch_means(made, shape, *patch));
                for ((value, wanted), has) in made.iter_mut().zip(wanted).zip(has) {
                    *value += wanted - has;
                }
            }
        }
    }

    /// The mean of what a mask knows of each picture's channels, one after another; 0 where it knows nothing.
    fn known_means(&self, given: &[f32], shape: Shape) -> Vec<f32> {
        let Self::Inpaint { known } = self else { return Vec::new() };
        let plane = shape.pixels().max(1);
        let masks = known.chunks_exact(plane).cycle();
        let of_picture = |(picture, known): (&[f32], &[bool])| -> Vec<f32> {
            let count = known.iter().filter(|known| **known).count().max(1) as f64;
            let sum = |values: &[f32]| -> f64 {
                values.iter().zip(known).filter(|(_, known)| **known).map(|(v, _)| f64::from(*v)).sum()
            };
            picture.chunks_exact(plane).map(|values| (sum(values) / count) as f32).collect()
        };
        given.chunks_exact(shape.numbers().max(1)).zip(masks).flat_map(of_picture).collect()
    }

    /// Calls `change` with the place and the value of every number that a mask does not know.
    fn for_unknown(&self, shape: Shape, values: &mut [f32], mut change: impl FnMut(usize, &mut f32)) {
        let Self::Inpaint { known } = self else { return };
        let pixels = shape.pixels().max(1);
        let masks = known.chunks_exact(pixels).cycle();
        for (n, (picture, known)) in values.chunks_exact_mut(shape.numbers().max(1)).zip(masks).enumerate() {
            for (i, value) in picture.iter_mut().enumerate().filter(|(i, _)| !known[i % pixels]) {
                change(n * shape.numbers() + i, value);
            }
        }
    }
}

#[cfg(test)]
mod tests;
