//! One number of a picture, from how strong its fine grain is.

use burn::tensor::Tensor;
use burn::tensor::activation::silu;

use crate::model::init::LayerInit;
use crate::model::layers::{Conv2d, ConvConfig, Filter, Linear, Resample};
use crate::model::layout::LayoutBuilder;
use crate::model::weights::Leaves;

/// Channels of the head's two convolutions.
const WIDTH: usize = 16;

/// How strong the image's fine grain is, through three kinds of filters, on a logarithmic scale, then
/// two linear layers.
///
/// The first filter is fixed: what 2×2 means take away, which is nearly all noise. Without it the
/// head learns slowly to look past the picture.
#[derive(Clone, Debug)]
pub struct ConvHead {
    conv0: Conv2d,
    conv1: Conv2d,
    hidden: Linear,
    out: Linear,
}

impl ConvHead {
    pub fn new(b: &mut LayoutBuilder, prefix: &str, img_channels: usize) -> Self {
        let name = |part: &str| format!("{prefix}.{part}");
        let init = LayerInit::xavier(1.0);
        let down = ConvConfig::plain(WIDTH, WIDTH, 3).resampling(Resample::Down, &Filter::pair());
        Self {
            conv0: Conv2d::new(b, &name("conv0"), ConvConfig::plain(2 * img_channels, WIDTH, 3), init),
            conv1: Conv2d::new(b, &name("conv1"), down, init),
            hidden: Linear::new(b, &name("hidden"), [img_channels + 2 * WIDTH, 2 * WIDTH], true, init),
            out: Linear::new(b, &name("out"), [2 * WIDTH, 1], true, init),
        }
    }

    /// `[batch, channels, h, w] -> [batch]`.
    pub fn forward(&self, w: &Leaves, u: Tensor<4>) -> Tensor<1> {
        let [batch, ..] = u.dims();
        let mean = Filter::pair();
        let coarse = mean.apply(mean.apply(u.clone(), Resample::Down), Resample::Up);
        let grain = u.clone() - coarse;
        let first = self.conv0.forward(w, Tensor::cat(vec![u, grain.clone()], 1));
        let second = self.conv1.forward(w, silu(first.clone()));
        let features = Tensor::cat([grain, first, second].map(log_rms).to_vec(), 1);
        self.out.forward(w, silu(self.hidden.forward(w, features))).reshape([batch])
    }
}

/// Logarithm of the root mean square over the pixels, kept finite: `[batch, channels]`.
fn log_rms(h: Tensor<4>) -> Tensor<2> {
    const FLOOR: f64 = 1e-6;
    let [batch, channels, height, width] = h.dims();
    let h = h.reshape([batch, channels, height * width]);
    ((h.clone() * h).mean_dim(2).reshape([batch, channels]) + FLOOR).log() * 0.5
}
