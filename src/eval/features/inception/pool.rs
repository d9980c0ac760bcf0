//! Pools of 3×3 pixels, and the one over the whole image.

use burn::tensor::Tensor;
use burn::tensor::module::{avg_pool2d, max_pool2d};
use burn::tensor::ops::{AvgPoolOptions, MaxPoolOptions};

const WINDOW: [usize; 2] = [3, 3];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pool {
    /// Around every pixel.
    Max,
    /// Around every other pixel, where the whole window is in the image.
    MaxHalving,
}

impl Pool {
    pub fn forward(self, x: Tensor<4>) -> Tensor<4> {
        let max = MaxPoolOptions::new(WINDOW);
        match self {
            Self::Max => max_pool2d(x, max.with_stride([1, 1]).with_padding([1, 1])),
            Self::MaxHalving => max_pool2d(x, max.with_stride([2, 2])),
        }
    }
}

/// The mean around every pixel; at the edge of the 6 or 4 pixels that there are.
pub fn average(x: Tensor<4>) -> Tensor<4> {
    let around = AvgPoolOptions::new(WINDOW).with_stride([1, 1]).with_padding([1, 1]);
    avg_pool2d(x, around.with_count_include_pad(false))
}

/// The mean of each channel: `[batch, channels, height, width]` to `[batch, channels]`.
pub fn global_average(x: Tensor<4>) -> Tensor<2> {
    let [batch, channels, height, width] = x.dims();
    x.reshape([batch, channels, height * width]).mean_dim(2).reshape([batch, channels])
}
