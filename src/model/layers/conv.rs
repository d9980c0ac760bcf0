//! A square convolution with an optional change of resolution.

use burn::tensor::Tensor;

use super::resample::{Filter, Resample};
use crate::gpu::kernels::same_conv;
use crate::model::init::LayerInit;
use crate::model::layout::{LayoutBuilder, ParamId};
use crate::model::weights::Leaves;

/// What a convolution is, beside its numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct ConvConfig {
    pub inputs: usize,
    pub outputs: usize,
    /// Odd.
    pub kernel: usize,
    pub resample: Resample,
    pub filter: Filter,
    /// Filter and convolution share one margin of zeros: the filter is applied after the convolution on
    /// the way down. It differs from the plain order only at the borders.
    pub fused: bool,
}

impl ConvConfig {
    /// A convolution that keeps the resolution.
    pub fn plain(inputs: usize, outputs: usize, kernel: usize) -> Self {
        let (resample, filter) = (Resample::Keep, Filter::pair());
        Self { inputs, outputs, kernel, resample, filter, fused: false }
    }

    /// The same with a change of resolution.
    pub fn resampling(self, resample: Resample, filter: &Filter) -> Self {
        Self { resample, filter: filter.clone(), ..self }
    }
}

#[derive(Clone, Debug)]
pub struct Conv2d {
    weight: ParamId,
    bias: ParamId,
    config: ConvConfig,
}

impl Conv2d {
    pub fn new(b: &mut LayoutBuilder, name: &str, config: ConvConfig, init: LayerInit) -> Self {
        let ConvConfig { inputs, outputs, kernel, .. } = config;
        let area = kernel * kernel;
        let [weight_init, bias_init] = init.of(inputs * area, outputs * area);
        Self {
            weight: b.add(format!("{name}.weight"), &[outputs, inputs, kernel, kernel], weight_init),
            bias: b.add(format!("{name}.bias"), &[outputs], bias_init),
            config,
        }
    }

    /// `[batch, in, h, w] -> [batch, out, h', w']`.
    pub fn forward(&self, w: &Leaves, x: Tensor<4>) -> Tensor<4> {
        let ConvConfig { resample, ref filter, fused, .. } = self.config;
        match resample {
            Resample::Up if fused => self.fused_up(w, x),
            Resample::Down if fused => self.fused_down(w, x),
            _ => self.convolve(w, filter.apply(x, resample)),
        }
    }

    /// Whether it gives images as large as it is given.
    pub(super) fn keeps_size(&self) -> bool {
        self.config.resample == Resample::Keep
    }

    /// Weights `[out, in, kernel, kernel]` and bias `[out]`.
    pub(super) fn parts(&self, w: &Leaves) -> (Tensor<4>, Tensor<1>) {
        (w.get::<4>(self.weight), w.get::<1>(self.bias))
    }

    fn convolve(&self, w: &Leaves, x: Tensor<4>) -> Tensor<4> {
        let (weight, bias) = self.parts(w);
        same_conv(x, weight, bias)
    }

    /// The doubled image keeps what the convolution's own margin would eat.
    fn fused_up(&self, w: &Leaves, x: Tensor<4>) -> Tensor<4> {
        let (own, margin) = (self.config.kernel / 2, self.config.filter.padding());
        let y = self.convolve(w, self.config.filter.up(x, margin.saturating_sub(own)));
        let cut = own.min(margin);
        let [batch, channels, height, width] = y.dims();
        y.slice([0..batch, 0..channels, cut..height - cut, cut..width - cut])
    }

    /// Convolves with the margins of both, then filters without one. The bias comes last in theory;
    /// the filter's sum is 1, so that it may come first.
    fn fused_down(&self, w: &Leaves, x: Tensor<4>) -> Tensor<4> {
        let margin = self.config.filter.padding();
        let x = if margin == 0 { x } else { x.pad([(margin, margin); 2], 0.0) };
        self.config.filter.down(self.convolve(w, x), 0)
    }
}
