//! The random numbers of one image's augmentation.

use crate::random::{Random, Stream};

/// A parameter, and a uniform in [0, 1) that switches its transformation on where it lies below the
/// transformation's probability.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gated<T> {
    pub value: T,
    pub gate: f64,
}

impl<T> Gated<T> {
    /// The parameter, or nothing where the transformation stays off.
    pub(super) fn below(self, probability: f64) -> Option<T> {
        (self.gate < probability).then_some(self.value)
    }
}

/// Everything random about one image's augmentation, whatever the probabilities.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AugmentDraws {
    /// Fair coins.
    pub x_flip: Gated<bool>,
    pub y_flip: Gated<bool>,
    /// Standard normal.
    pub scale: Gated<f64>,
    /// Uniform in [0, 1): a whole turn.
    pub rotation: Gated<f64>,
    /// Standard normal: how much is stretched.
    pub stretch: Gated<f64>,
    /// Uniform in [0, 1): the direction of the stretch, a whole turn; with a gate of its own.
    pub direction: Gated<f64>,
    /// Standard normals: right and down.
    pub translation: Gated<[f64; 2]>,
}

impl AugmentDraws {
    /// The draws of a training image at a step: a pure function of the arguments.
    pub fn of(seed: u32, step: u64, sample: u32) -> Self {
        Self::from_streams([Stream::Augment, Stream::AugmentNormal], seed, step, sample)
    }

    /// The same for an image that a student made for its fake score.
    pub fn of_made(seed: u32, step: u64, sample: u32) -> Self {
        Self::from_streams([Stream::FakeAugment, Stream::FakeAugmentNormal], seed, step, sample)
    }

    fn from_streams(streams: [Stream; 2], seed: u32, step: u64, sample: u32) -> Self {
        let [uniforms, normals] = streams.map(|stream| Random::new(seed, stream));
        let mut uniforms = uniforms.uniforms(step, sample, 11).into_iter();
        let mut normals = normals.normals(step, sample, 4).into_iter();
        let mut uniform = || uniforms.next().map_or(0.0, f64::from);
        let mut normal = || normals.next().map_or(0.0, f64::from);
        Self {
            x_flip: Gated { value: uniform() < 0.5, gate: uniform() },
            y_flip: Gated { value: uniform() < 0.5, gate: uniform() },
            scale: Gated { value: normal(), gate: uniform() },
            rotation: Gated { value: uniform(), gate: uniform() },
            stretch: Gated { value: normal(), gate: uniform() },
            direction: Gated { value: uniform(), gate: uniform() },
            translation: Gated { value: [normal(), normal()], gate: uniform() },
        }
    }
}
