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

mod draws;

pub use draws::{AugmentDraws, Gated};

use std::f64::consts::TAU;

use burn::tensor::Tensor;

use crate::gpu::kernels::{Affine, Warp, Warps, from_numbers, warped};

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

/// What becomes of the images of a batch, and what the network is told of it: known before the images are.
#[derive(Clone, Debug, PartialEq)]
pub struct Augmentation {
    warps: Warps,
    /// As many for each image.
    labels: Vec<f32>,
}

/// Transformed images and what the network is told of them.
#[derive(Clone, Debug)]
pub struct Augmented {
    /// `[images, channels, size, size]`.
    pub images: Tensor<4>,
    /// `[images, labels]`.
    pub labels: Tensor<2>,
}

impl AugmentPipe {
    /// As EDM trains: every other image is mirrored, the rest happens with `probability` each.
    pub fn edm(probability: f64) -> Self {
        let always = 1e8;
        let [y_flip, scale, rotation, stretch, translation] = [1.0; 5];
        Self { probability, x_flip: always, y_flip, scale, rotation, stretch, translation }
    }

    /// What becomes of a batch of images of `size`×`size` pixels: of image `i` under `draws[i]`.
    pub fn plan(&self, draws: &[AugmentDraws], size: usize) -> Augmentation {
        let (warps, labels): (Vec<Warp>, Vec<Vec<f32>>) = draws.iter().map(|d| self.change(d, size)).unzip();
        Augmentation { warps: Warps::new(warps, size), labels: labels.concat() }
    }

    /// What becomes of one image, and its labels.
    fn change(&self, draws: &AugmentDraws, size: usize) -> (Warp, Vec<f32>) {
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
        (Warp { x_flip, y_flip, map }, labels)
    }
}

impl Augmentation {
    /// Transforms images of the batch, from number `first` on, where they are: `[images, channels, size, size]` in
    /// single precision. No gradient passes through.
    ///
    /// # Panics
    /// If they are of another size, or reach beyond the batch.
    pub fn apply(&self, images: Tensor<4>, first: usize) -> Augmented {
        let (count, device) = (images.dims()[0], images.device());
        let per_image = self.labels.len() / self.warps.count().max(1);
        let labels = self.labels[first * per_image..(first + count) * per_image].to_vec();
        Augmented {
            images: warped(images, self.warps.part(first, count)),
            labels: from_numbers(labels, [count, per_image], &device),
        }
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::{Device, TensorData};

    use super::*;
    use crate::gpu::read;

    fn draws(count: u32) -> Vec<AugmentDraws> {
        (0..count).map(|i| AugmentDraws::of(1, 2, i)).collect()
    }

    fn images(count: usize) -> Tensor<4> {
        let values: Vec<f32> = (0..count * 3 * 64).map(|i| (i * 37 % 101) as f32 / 101.0).collect();
        Tensor::from_data(TensorData::new(values, [count, 3, 8, 8]), &Device::flex())
    }

    #[test]
    fn without_probability_an_image_stays_and_its_labels_are_zero() {
        let pipe = AugmentPipe { probability: 0.0, ..AugmentPipe::edm(0.0) };
        let got = pipe.plan(&draws(4), 8).apply(images(4), 0);
        assert_eq!(read(got.images).expect("images"), read(images(4)).expect("images"));
        assert_eq!(got.labels.dims(), [4, AUGMENT_LABELS]);
        assert_eq!(read(got.labels).expect("labels"), [0.0; 4 * AUGMENT_LABELS]);
    }

    #[test]
    fn parts_of_a_batch_are_transformed_and_told_as_the_whole() {
        let augmentation = AugmentPipe::edm(0.5).plan(&draws(6), 8);
        let numbers = |first: usize, count: usize| {
            let Augmented { images, labels } = augmentation.apply(images(6).narrow(0, first, count), first);
            [read(images).expect("images"), read(labels).expect("labels")]
        };
        let [[whole, told], [first, told_first], [last, told_last]] =
            [(0, 6), (0, 4), (4, 2)].map(|part| numbers(part.0, part.1));
        assert_eq!(([first, last].concat(), [told_first, told_last].concat()), (whole.clone(), told));
        assert_ne!(whole, read(images(6)).expect("images"));
    }

    #[test]
    fn transformations_are_as_frequent_as_asked_for() {
        let count = 4000;
        let labels = AugmentPipe::edm(0.12).plan(&draws(count as u32), 8).labels;
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
        assert_eq!(pipe.plan(&draws(1), 8).labels.len(), AUGMENT_LABELS - 3);
    }
}
