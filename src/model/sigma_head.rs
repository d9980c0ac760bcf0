//! A tiny network that reads the noise level off an image, so that a student needs no time input
//! (high-dimensional images give their noise level away: Sun et al., arXiv 2502.13129).

use burn::tensor::Tensor;
use burn::tensor::activation::silu;

use super::layers::{Conv2d, Linear, Resample};
use super::layout::LayoutBuilder;
use super::weights::Leaves;

/// Channels of the head's two convolutions.
const WIDTH: usize = 16;

/// `u -> ln sigma`: two convolutions, first and second moments over the pixels, two linear layers.
#[derive(Clone, Debug)]
pub struct SigmaHead {
    conv0: Conv2d,
    conv1: Conv2d,
    hidden: Linear,
    out: Linear,
}

impl SigmaHead {
    pub fn new(b: &mut LayoutBuilder, prefix: &str, img_channels: usize) -> Self {
        let name = |part: &str| format!("{prefix}.{part}");
        Self {
            conv0: Conv2d::new(b, &name("conv0"), [img_channels, WIDTH], 3, 1.0),
            conv1: Conv2d::resampling(b, &name("conv1"), [WIDTH, WIDTH], 3, 1.0, Resample::Down),
            hidden: Linear::new(b, &name("hidden"), 4 * WIDTH, 2 * WIDTH, true),
            out: Linear::new(b, &name("out"), 2 * WIDTH, 1, true),
        }
    }

    /// `u`: `[batch, channels, h, w]` in variance-preserving coordinates; gives ln sigma, `[batch]`.
    pub fn forward(&self, w: &Leaves, u: Tensor<4>) -> Tensor<1> {
        let [batch, ..] = u.dims();
        let h0 = silu(self.conv0.forward(w, u));
        let h1 = silu(self.conv1.forward(w, h0.clone()));
        let moments = |h: Tensor<4>| {
            let [batch, channels, height, width] = h.dims();
            let h = h.reshape([batch, channels, height * width]);
            let mean = h.clone().mean_dim(2).reshape([batch, channels]);
            // Root mean square, kept away from the root's infinite slope at zero.
            let square = (h.clone() * h).mean_dim(2).reshape([batch, channels]);
            Tensor::cat(vec![mean, (square + 1e-6).sqrt()], 1)
        };
        let features = Tensor::cat(vec![moments(h0), moments(h1)], 1);
        self.out.forward(w, silu(self.hidden.forward(w, features))).reshape([batch])
    }
}
