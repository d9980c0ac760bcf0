//! Dropout through a forward pass: one mask after another, drawn from the stateless generator where it is
//! applied.

use burn::tensor::Tensor;

use crate::gpu::kernels::{Mask, dropout};
use crate::random::Random;

/// The masks of some neighbouring samples of one step's batch.
#[derive(Clone, Copy, Debug)]
pub struct Masks {
    pub random: Random,
    pub step: u64,
    /// The first of the samples, counted in the whole batch: a mask covers that, however it is split.
    pub first: usize,
}

/// What a forward pass drops.
#[derive(Clone, Debug)]
pub struct Dropout {
    masks: Option<Masks>,
    rate: f64,
    /// Masks that the pass has come by.
    applied: u32,
}

impl Dropout {
    /// No dropout: sampling, frozen networks.
    pub fn off() -> Self {
        Self { masks: None, rate: 0.0, applied: 0 }
    }

    /// Sets a share `rate` of the values to 0, by `masks`. One pass only: the next begins anew.
    pub fn on(rate: f64, masks: Masks) -> Self {
        Self { masks: (rate > 0.0).then_some(masks), rate, applied: 0 }
    }

    pub(super) fn apply(&mut self, x: Tensor<4>) -> Tensor<4> {
        match self.mask(x.dims()) {
            Some(mask) => dropout(x, mask),
            None => x,
        }
    }

    /// The next mask, for images of this shape; none where nothing is dropped.
    pub(super) fn mask(&mut self, [_, channels, height, width]: [usize; 4]) -> Option<Mask> {
        let Masks { random, step, first } = self.masks?;
        self.applied += 1;
        let first = first * channels * height * width;
        Some(Mask { random, step, number: self.applied, first, keep: 1.0 - self.rate })
    }
}
