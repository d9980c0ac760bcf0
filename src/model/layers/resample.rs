//! Halving and doubling of images through a separable filter (Zhang, 2019; Karras et al., 2021).

use burn::tensor::module::{conv_transpose2d, conv2d};
use burn::tensor::ops::{ConvOptions, ConvTransposeOptions};
use burn::tensor::{FloatDType, Tensor};

use crate::gpu::kernels::{doubled, from_numbers, halved};
use crate::gpu::tally::{Cost, clock};

/// What happens to the resolution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resample {
    Keep,
    /// ×2.
    Up,
    /// ÷2.
    Down,
}

/// One side of the filter, as in the network's configuration: `[1, 1]` is a 2×2 mean or the nearest
/// neighbour, `[1, 3, 3, 1]` a smoother one.
#[derive(Clone, Debug, PartialEq)]
pub struct Filter(Vec<f64>);

impl Filter {
    pub fn new(taps: &[f64]) -> Self {
        Self(taps.to_vec())
    }

    /// `[1, 1]`.
    pub fn pair() -> Self {
        Self(vec![1.0, 1.0])
    }

    /// Zeros around an image that keep the resampled one centred.
    pub fn padding(&self) -> usize {
        self.0.len().saturating_sub(1) / 2
    }

    /// `x`: `[batch, channels, h, w]`, resampled `way`.
    pub fn apply(&self, x: Tensor<4>, way: Resample) -> Tensor<4> {
        match way {
            Resample::Keep => x,
            Resample::Up => self.up(x, self.padding()),
            Resample::Down => self.down(x, self.padding()),
        }
    }

    /// Doubles the resolution; `padding` pixels of the doubled image are cut off each side.
    pub(super) fn up(&self, x: Tensor<4>, padding: usize) -> Tensor<4> {
        let [batch, channels, height, width] = x.dims();
        if self.is_pair() && padding == 0 {
            return doubled(x, 1.0);
        }
        let _clock = clock("resampling up", Cost::each(batch * channels * height * width, 0, 1 + 4));
        let options = ConvTransposeOptions::new([2, 2], [padding; 2], [0, 0], [1, 1], 1);
        // Each channel is filtered alone: channels join the batch. Doubling spreads one pixel over
        // four, hence the factor.
        let kernel = self.kernel(4.0, &x);
        let y = conv_transpose2d(x.reshape([batch * channels, 1, height, width]), kernel, None, options);
        let [_, _, height, width] = y.dims();
        y.reshape([batch, channels, height, width])
    }

    /// Halves the resolution after `padding` zeros around the image.
    pub(super) fn down(&self, x: Tensor<4>, padding: usize) -> Tensor<4> {
        let [batch, channels, height, width] = x.dims();
        if self.is_pair() && padding == 0 && height % 2 + width % 2 == 0 {
            return halved(x, 0.25);
        }
        let results = batch * channels * height * width / 4;
        let _clock = clock("resampling down", Cost::each(results, 4, 4 + 1));
        let options = ConvOptions::new([2, 2], [padding; 2], [1, 1], 1);
        let kernel = self.kernel(1.0, &x);
        let y = conv2d(x.reshape([batch * channels, 1, height, width]), kernel, None, options);
        let [_, _, height, width] = y.dims();
        y.reshape([batch, channels, height, width])
    }

    fn is_pair(&self) -> bool {
        matches!(self.0[..], [a, b] if a == b)
    }

    /// `r r^T / (sum r)²` times `gain`: `[1, 1, taps, taps]`, on the device of `x` and in its precision.
    fn kernel(&self, gain: f64, x: &Tensor<4>) -> Tensor<4> {
        let (len, sum) = (self.0.len(), self.0.iter().sum::<f64>());
        let values =
            self.0.iter().flat_map(|a| self.0.iter().map(move |b| (gain * a * b / (sum * sum)) as f32));
        from_numbers(values.collect(), [1, 1, len, len], &x.device()).cast(FloatDType::from(x.dtype()))
    }
}
