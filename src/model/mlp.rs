//! A small network without any sense of pictures, for toy worlds: a few dense layers.

use burn::tensor::activation::silu;
use burn::tensor::{Device, Tensor};

use super::config::UnetConfig;
use super::embed::{Order, embed, embed_tensor};
use super::init::{LayerInit, Spread};
use super::layers::Linear;
use super::layout::LayoutBuilder;
use super::weights::Leaves;

/// Angles per unit of `c_noise`: so many, evenly spaced on a logarithmic scale between these.
const FREQUENCIES: usize = 16;
const FREQUENCY_RANGE: [f64; 2] = [1.0, 20.0];
/// The network begins as almost nothing: a denoiser then begins with what its preconditioning gives.
const OUT_GAIN: f64 = 0.01;

/// `num_blocks` layers of `model_channels` with SiLU, each but the first with a skip around it.
#[derive(Clone, Debug)]
pub struct Mlp {
    frequencies: Vec<f64>,
    first: Linear,
    hidden: Vec<Linear>,
    out: Linear,
}

impl Mlp {
    pub fn new(b: &mut LayoutBuilder, prefix: &str, config: &UnetConfig) -> Self {
        let len = config.img_channels * config.img_resolution * config.img_resolution;
        let width = config.model_channels;
        let init = LayerInit { spread: Spread::KaimingNormal, weight_gain: 1.0, bias_gain: 0.0 };
        let name = |part: &str| format!("{prefix}.{part}");
        let layer = |b: &mut LayoutBuilder, i: usize, inputs| {
            Linear::new(b, &name(&format!("layer{i}")), [inputs, width], true, init)
        };
        let [low, high] = FREQUENCY_RANGE.map(f64::ln);
        let frequency = |i: usize| (low + (high - low) * i as f64 / (FREQUENCIES - 1) as f64).exp();
        let first = layer(b, 0, len + 2 * FREQUENCIES);
        let hidden = (1..config.num_blocks.max(1)).map(|i| layer(b, i, width)).collect();
        let out_init = LayerInit { weight_gain: OUT_GAIN, ..init };
        let out = Linear::new(b, &name("out"), [width, len], true, out_init);
        Self { frequencies: (0..FREQUENCIES).map(frequency).collect(), first, hidden, out }
    }

    pub fn embed(&self, c_noise: &[f64], device: &Device) -> Tensor<2> {
        embed(c_noise, &self.frequencies, Order::SinCos, device)
    }

    pub fn embed_tensor(&self, c_noise: Tensor<1>) -> Tensor<2> {
        embed_tensor(c_noise, &self.frequencies, Order::SinCos)
    }

    /// `[batch, channels, h, w]` in and out.
    pub fn forward(&self, w: &Leaves, x: Tensor<4>, noise: Tensor<2>) -> Tensor<4> {
        let shape = x.dims();
        let flat = x.reshape([shape[0], shape[1] * shape[2] * shape[3]]);
        let mut h = silu(self.first.forward(w, Tensor::cat(vec![flat, noise], 1)));
        for layer in &self.hidden {
            h = h.clone() + silu(layer.forward(w, h));
        }
        self.out.forward(w, h).reshape(shape)
    }
}
