//! A tiny network that says one number of a noisy image, how noisy it is, so that a student needs no
//! time input (high-dimensional images give their noise level away: Sun et al., arXiv 2502.13129).

mod conv;
mod dense;

use burn::tensor::Tensor;

use super::config::{Architecture, UnetConfig};
use super::layout::LayoutBuilder;
use super::weights::Leaves;
use conv::ConvHead;
use dense::DenseHead;

/// The plan of the head that fits a network.
#[derive(Clone, Debug)]
pub enum NoiseHead {
    Conv(ConvHead),
    Dense(DenseHead),
}

impl NoiseHead {
    /// Convolutions beside networks of convolutions, dense layers beside dense layers.
    pub fn new(b: &mut LayoutBuilder, prefix: &str, config: &UnetConfig) -> Self {
        let (channels, side) = (config.img_channels, config.img_resolution);
        match config.architecture {
            Architecture::Mlp => NoiseHead::Dense(DenseHead::new(b, prefix, channels * side * side)),
            Architecture::Song(_) | Architecture::Dhariwal => {
                NoiseHead::Conv(ConvHead::new(b, prefix, channels))
            }
        }
    }

    /// `u`: `[batch, channels, h, w]` in variance-preserving coordinates; gives `[batch]`.
    pub fn forward(&self, w: &Leaves, u: Tensor<4>) -> Tensor<1> {
        match self {
            NoiseHead::Conv(head) => head.forward(w, u),
            NoiseHead::Dense(head) => head.forward(w, u),
        }
    }
}
