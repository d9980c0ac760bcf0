//! Linear, convolution with resampling, and group normalisation.

use burn::tensor::Tensor;
use burn::tensor::module::{avg_pool2d, interpolate};
use burn::tensor::ops::{AvgPoolOptions, InterpolateMode, InterpolateOptions};

use super::init::Init;
use super::layout::{LayoutBuilder, ParamId};
use super::weights::Leaves;
use crate::gpu::kernels::{Activation, group_norm, same_conv};

/// `y = x W^T + b`, weight `[out, in]`.
#[derive(Clone, Debug)]
pub struct Linear {
    weight: ParamId,
    bias: Option<ParamId>,
    outputs: usize,
}

impl Linear {
    pub fn new(b: &mut LayoutBuilder, name: &str, inputs: usize, outputs: usize, bias: bool) -> Self {
        let init = Init::XavierUniform { fan_in: inputs, fan_out: outputs, gain: 1.0 };
        Self {
            weight: b.add(format!("{name}.weight"), &[outputs, inputs], init),
            bias: bias.then(|| b.add(format!("{name}.bias"), &[outputs], Init::Zeros)),
            outputs,
        }
    }

    /// `[batch, in] -> [batch, out]`.
    pub fn forward(&self, w: &Leaves, x: Tensor<2>) -> Tensor<2> {
        let y = x.matmul(w.get::<2>(self.weight).transpose());
        match self.bias {
            Some(bias) => y + w.get::<1>(bias).reshape([1, self.outputs]),
            None => y,
        }
    }
}

/// Resampling in front of a convolution, with EDM's `[1, 1]` filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Resample {
    Keep,
    /// Nearest neighbour, ×2.
    Up,
    /// 2×2 mean.
    Down,
}

impl Resample {
    pub fn apply(self, x: Tensor<4>) -> Tensor<4> {
        let [_, _, h, w] = x.dims();
        match self {
            Resample::Keep => x,
            Resample::Up => {
                let nearest = InterpolateOptions::new(InterpolateMode::Nearest);
                interpolate(x, nearest.with_output_size([2 * h, 2 * w]))
            }
            Resample::Down => avg_pool2d(x, AvgPoolOptions::new([2, 2]).with_stride([2, 2])),
        }
    }
}

/// A square convolution that keeps the size, after optional resampling.
#[derive(Clone, Debug)]
pub struct Conv2d {
    weight: ParamId,
    bias: ParamId,
    resample: Resample,
}

impl Conv2d {
    /// `gain` multiplies the Xavier-uniform start; biases start at zero.
    pub fn new(b: &mut LayoutBuilder, name: &str, channels: [usize; 2], kernel: usize, gain: f64) -> Self {
        Self::resampling(b, name, channels, kernel, gain, Resample::Keep)
    }

    pub fn resampling(
        b: &mut LayoutBuilder,
        name: &str,
        [inputs, outputs]: [usize; 2],
        kernel: usize,
        gain: f64,
        resample: Resample,
    ) -> Self {
        let area = kernel * kernel;
        let init = Init::XavierUniform { fan_in: inputs * area, fan_out: outputs * area, gain };
        Self {
            weight: b.add(format!("{name}.weight"), &[outputs, inputs, kernel, kernel], init),
            bias: b.add(format!("{name}.bias"), &[outputs], Init::Zeros),
            resample,
        }
    }

    /// `[batch, in, h, w] -> [batch, out, h', w']`.
    pub fn forward(&self, w: &Leaves, x: Tensor<4>) -> Tensor<4> {
        same_conv(self.resample.apply(x), w.get::<4>(self.weight), w.get::<1>(self.bias))
    }
}

/// Group normalisation with `min(32, channels / 4)` groups, or the next fewer that divide the channels.
#[derive(Clone, Debug)]
pub struct GroupNorm {
    weight: ParamId,
    bias: ParamId,
    groups: usize,
    eps: f64,
}

impl GroupNorm {
    pub fn new(b: &mut LayoutBuilder, name: &str, channels: usize, eps: f64) -> Self {
        Self {
            weight: b.add(format!("{name}.weight"), &[channels], Init::Ones),
            bias: b.add(format!("{name}.bias"), &[channels], Init::Zeros),
            groups: (1..=(channels / 4).clamp(1, 32))
                .rev()
                .find(|g| channels.is_multiple_of(*g))
                .unwrap_or(1),
            eps,
        }
    }

    /// `[batch, channels, h, w]` in and out.
    pub fn forward(&self, w: &Leaves, x: Tensor<4>) -> Tensor<4> {
        self.apply(w, x, Activation::None)
    }

    /// The norm and SiLU after it.
    pub fn forward_silu(&self, w: &Leaves, x: Tensor<4>) -> Tensor<4> {
        self.apply(w, x, Activation::Silu)
    }

    fn apply(&self, w: &Leaves, x: Tensor<4>, activation: Activation) -> Tensor<4> {
        let (weight, bias) = (w.get::<1>(self.weight), w.get::<1>(self.bias));
        group_norm(x, weight, bias, self.groups, self.eps as f32, activation)
    }
}
