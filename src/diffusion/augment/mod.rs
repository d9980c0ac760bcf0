//! EDM's non-leaking augmentation (Karras et al., 2022, appendix F.2, after Karras et al., 2020): images
//! are flipped and warped at random, and the network is told how by nine labels, so that it does not
//! learn to make such images when the labels are zero.
//!
//! The transformations, in this order, with their labels:
//!
//! | transformation | labels |
//! |---|---|
//! | mirrored left to right, top to bottom | 1 each where it is |
//! | scaled by 2^(0.2 w) | w |
//! | turned by r | cos r - 1, sin r |
//! | stretched by 2^(0.2 w) along a direction a | w cos a, w sin a |
//! | moved by 1/8 of its side times (u, v) | u, v |

mod affine;
mod draws;
mod warp;

pub use draws::{AugmentDraws, Gated};

use std::f64::consts::TAU;

use affine::Affine;
use rayon::prelude::*;
use warp::{margins, warp};

/// Labels of a pipe with all transformations.
pub const AUGMENT_LABELS: usize = 9;

/// Standard deviations of log2 scale, log2 stretch, and the move as a share of the side.
const SCALE_STD: f64 = 0.2;
const STRETCH_STD: f64 = 0.2;
const MOVE_STD: f64 = 0.125;
/// Share of the stretches whose direction is not along x.
const TURNED_STRETCHES: f64 = 0.5;

/// How often each transformation is drawn: its probability is `probability` times its factor, as far as
/// that is below 1. A factor of 0 takes it out of the pipe, labels included.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AugmentPipe {
    pub probability: f64,
    pub x_flip: f64,
    pub y_flip: f64,
    pub scale: f64,
    pub rotation: f64,
    pub stretch: f64,
    pub translation: f64,
}

/// Transformed images and what the network is told of them.
#[derive(Clone, Debug, PartialEq)]
pub struct Augmented {
    /// N×C×H×W.
    pub images: Vec<f32>,
    /// `labels` numbers for each image.
    pub labels: Vec<f32>,
}

/// What becomes of one image.
struct Change {
    x_flip: bool,
    y_flip: bool,
    map: Affine,
    labels: Vec<f32>,
}

impl AugmentPipe {
    /// As EDM trains: every other image is mirrored, the rest happens with `probability` each.
    pub fn edm(probability: f64) -> Self {
        let always = 1e8;
        let [y_flip, scale, rotation, stretch, translation] = [1.0; 5];
        Self { probability, x_flip: always, y_flip, scale, rotation, stretch, translation }
    }

    /// Transforms images of `channels`×`size`×`size` numbers, one after another; image `i` under
    /// `draws[i]`. Beyond the last draws images are left out.
    pub fn apply(&self, images: &[f32], channels: usize, size: usize, draws: &[AugmentDraws]) -> Augmented {
        let changes: Vec<Change> = draws.iter().map(|d| self.change(d, size)).collect();
        let maps: Vec<Affine> = changes.iter().map(|c| c.map).collect();
        let margins = margins(&maps, size);
        let planes = |(image, change): (&[f32], &Change)| -> Vec<f32> {
            let planes = image.chunks_exact(size * size).map(|plane| {
                let flipped = flipped(plane, size, change.x_flip, change.y_flip);
                // Two filters that cancel would only add rounding.
                if change.map == Affine::IDENTITY {
                    flipped
                } else {
                    warp(&flipped, size, &change.map, margins)
                }
            });
            planes.flatten().collect()
        };
        let pairs = images.par_chunks_exact(channels * size * size).zip(&changes);
        let images: Vec<Vec<f32>> = pairs.map(planes).collect();
        Augmented { images: images.concat(), labels: changes.into_iter().flat_map(|c| c.labels).collect() }
    }

    fn change(&self, draws: &AugmentDraws, size: usize) -> Change {
        let mut labels = Vec::with_capacity(AUGMENT_LABELS);
        let mut map = Affine::IDENTITY;
        let mut tell = |factor: f64, values: &[f64]| {
            if factor > 0.0 {
                labels.extend(values.iter().map(|v| *v as f32));
            }
        };
        let x_flip = draws.x_flip.below(self.x_flip * self.probability).unwrap_or(false);
        let y_flip = draws.y_flip.below(self.y_flip * self.probability).unwrap_or(false);
        tell(self.x_flip, &[f64::from(u8::from(x_flip))]);
        tell(self.y_flip, &[f64::from(u8::from(y_flip))]);

        let drawn = draws.scale.below(self.scale * self.probability);
        if let Some(w) = drawn {
            let factor = (w * SCALE_STD).exp2();
            map = map.of(Affine::unscaled(factor, factor));
        }
        tell(self.scale, &[drawn.unwrap_or(0.0)]);

        let turn = |uniform: f64| (uniform - 0.5) * TAU;
        let angle = draws.rotation.below(self.rotation * self.probability).map(turn);
        map = angle.map_or(map, |r| map.of(Affine::turned(r)));
        let r = angle.unwrap_or(0.0);
        tell(self.rotation, &[r.cos() - 1.0, r.sin()]);

        let drawn = draws.stretch.below(self.stretch * self.probability);
        let direction = draws.direction.below(TURNED_STRETCHES).map_or(0.0, turn);
        if let Some(w) = drawn {
            let factor = (w * STRETCH_STD).exp2();
            let along = Affine::turned(-direction).of(Affine::unscaled(factor, factor.recip()));
            map = map.of(along.of(Affine::turned(direction)));
        }
        let w = drawn.unwrap_or(0.0);
        tell(self.stretch, &[w * direction.cos(), w * direction.sin()]);

        let drawn = draws.translation.below(self.translation * self.probability);
        if let Some(shares) = drawn {
            let [x, y] = shares.map(|share| share * size as f64 * MOVE_STD);
            map = map.of(Affine::unmoved(x, y));
        }
        tell(self.translation, &drawn.unwrap_or([0.0; 2]));
        Change { x_flip, y_flip, map, labels }
    }
}

fn flipped(plane: &[f32], size: usize, x_flip: bool, y_flip: bool) -> Vec<f32> {
    let at = |i: usize| {
        let (x, y) = (i % size, i / size);
        let (x, y) = (if x_flip { size - 1 - x } else { x }, if y_flip { size - 1 - y } else { y });
        plane[y * size + x]
    };
    (0..size * size).map(at).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn draws(count: u32) -> Vec<AugmentDraws> {
        (0..count).map(|i| AugmentDraws::of(1, 2, i)).collect()
    }

    #[test]
    fn without_probability_an_image_stays_and_its_labels_are_zero() {
        let images: Vec<f32> = (0..4 * 3 * 64).map(|i| i as f32 / 768.0).collect();
        let pipe = AugmentPipe { probability: 0.0, ..AugmentPipe::edm(0.0) };
        let got = pipe.apply(&images, 3, 8, &draws(4));
        assert_eq!(got, Augmented { images, labels: vec![0.0; 4 * AUGMENT_LABELS] });
    }

    #[test]
    fn transformations_are_as_frequent_as_asked_for() {
        let count = 4000;
        let pipe = AugmentPipe::edm(0.12);
        let labels = pipe.apply(&vec![0.0; count * 64], 1, 8, &draws(count as u32)).labels;
        let share = |place: usize| {
            let set = labels.chunks_exact(AUGMENT_LABELS).filter(|row| row[place] != 0.0);
            set.count() as f64 / count as f64
        };
        let want = [0.5, 0.06, 0.12, 0.12, 0.12, 0.12, 0.06, 0.12, 0.12];
        for (place, want) in want.into_iter().enumerate() {
            assert!((share(place) - want).abs() < 0.025, "place {place}: {} instead of {want}", share(place));
        }
        assert_eq!(labels.len(), count * AUGMENT_LABELS);
    }

    #[test]
    fn a_transformation_that_is_out_of_the_pipe_has_no_label() {
        let pipe = AugmentPipe { scale: 0.0, rotation: 0.0, ..AugmentPipe::edm(1.0) };
        assert_eq!(pipe.apply(&[0.0; 64], 1, 8, &draws(1)).labels.len(), AUGMENT_LABELS - 3);
    }
}
