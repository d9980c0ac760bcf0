//! Convolutions with numbers in them, and what a part of the network makes of images.

use burn::tensor::activation::relu;
use burn::tensor::module::conv2d;
use burn::tensor::ops::ConvOptions;
use burn::tensor::{Device, Tensor, TensorData};

use super::plan::{Part, Window};
use super::pool::average;
use super::weights::Weights;
use crate::error::Result;
use crate::gpu::kernels::same_conv;

/// A convolution with its batch norm folded in, and the ReLU behind it.
pub struct Conv {
    weight: Tensor<4>,
    bias: Tensor<1>,
    stride: usize,
    padding: [usize; 2],
    averaged: bool,
}

impl Conv {
    /// # Errors
    /// `Kind::Checkpoint` if the file's tensors are not those of `window` over `inputs` channels.
    pub fn new(weights: Weights<'_>, window: &Window, inputs: usize, device: &Device) -> Result<Self> {
        let [weight, bias] = weights.folded(window, inputs)?;
        let [rows, columns] = window.kernel;
        let weight = TensorData::new(weight, [window.outputs, inputs, rows, columns]);
        let bias = TensorData::new(bias, [window.outputs]);
        Ok(Self {
            weight: Tensor::from_data(weight, device),
            bias: Tensor::from_data(bias, device),
            stride: window.stride,
            padding: window.padding,
            averaged: window.averaged,
        })
    }

    fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let y = self.linear(x);
        // A mean before a 1×1 convolution is the mean behind it, and there are fewer channels then.
        relu(if self.averaged { average(y) } else { y })
    }

    fn linear(&self, x: Tensor<4>) -> Tensor<4> {
        let (weight, bias) = (self.weight.clone(), self.bias.clone());
        if self.stride == 1 {
            let [_, _, rows, columns] = weight.dims();
            let rim = [rows / 2 - self.padding[0], columns / 2 - self.padding[1]];
            return without_rim(same_conv(x, weight, bias), rim);
        }
        conv2d(x, weight, Some(bias), ConvOptions::new([self.stride; 2], self.padding, [1, 1], 1))
    }
}

/// Less so many pixels above and below, left and right. A convolution of the whole image, cut, takes a CPU
/// half the time of one inside it.
fn without_rim(x: Tensor<4>, [rows, columns]: [usize; 2]) -> Tensor<4> {
    if [rows, columns] == [0, 0] {
        return x;
    }
    let [_, _, height, width] = x.dims();
    x.narrow(2, rows, height - 2 * rows).narrow(3, columns, width - 2 * columns)
}

impl Part<Conv> {
    /// `[batch, channels, height, width]`, before and after.
    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        match self {
            Self::Conv(conv) => conv.forward(x),
            Self::Pool(pool) => pool.forward(x),
            Self::Chain(parts) => parts.iter().fold(x, |x, part| part.forward(x)),
            Self::Fork(parts) => Tensor::cat(parts.iter().map(|part| part.forward(x.clone())).collect(), 1),
        }
    }
}
