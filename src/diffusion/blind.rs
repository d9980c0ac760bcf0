//! f(u): a denoiser that reads the noise level off its input, the time-free student of SIGN.

use std::sync::Arc;

use burn::tensor::Tensor;

use super::{Denoiser, SIGMA_DATA, SIGMA_MAX};
use crate::model::{Condition, Dropout, Layout, LayoutBuilder, Leaves, SigmaHead};

/// Noise levels that the head may answer with: below the first an image is clean.
pub const HEAD_SIGMA: [f64; 2] = [0.01, SIGMA_MAX];
/// Prefix of the head's parameters.
const HEAD_PREFIX: &str = "sigma_head";

/// The plan of f: the teacher's network and a noise-level head.
#[derive(Clone, Debug)]
pub struct BlindDenoiser {
    pub denoiser: Denoiser,
    pub head: SigmaHead,
    layout: Arc<Layout>,
}

impl BlindDenoiser {
    pub fn new(denoiser: Denoiser) -> Self {
        let mut builder = LayoutBuilder::extending(denoiser.layout());
        let head = SigmaHead::new(&mut builder, HEAD_PREFIX, denoiser.config().img_channels);
        Self { denoiser, head, layout: Arc::new(builder.finish()) }
    }

    pub fn layout(&self) -> &Arc<Layout> {
        &self.layout
    }

    /// f(u) for `u = x_sigma / sqrt(1 + sigma²)`, `[batch, channels, h, w]`.
    pub fn project(&self, w: &Leaves, u: Tensor<4>, condition: &Condition) -> Tensor<4> {
        self.project_and_read(w, u, condition).0
    }

    /// f(u), and the ln sigma that the head read off u, `[batch]`.
    pub fn project_and_read(
        &self,
        w: &Leaves,
        u: Tensor<4>,
        condition: &Condition,
    ) -> (Tensor<4>, Tensor<1>) {
        let [low, high] = HEAD_SIGMA.map(f64::ln);
        let read = self.head.forward(w, u.clone());
        let ln_sigma = read.clone().clamp(low, high);
        let [batch] = ln_sigma.dims();
        let noise = self.denoiser.net.embed_tensor(ln_sigma.clone() * 0.25);

        // EDM's coefficients as tensors, so that the head learns through them.
        let sigma = ln_sigma.exp().reshape([batch, 1, 1, 1]);
        let variance = sigma.clone() * sigma.clone();
        let total = variance.clone() + SIGMA_DATA * SIGMA_DATA;
        let x = u * (variance + 1.0).sqrt();
        let c_in = total.clone().sqrt().recip();
        let f = self.denoiser.net.forward(w, x.clone() * c_in.clone(), noise, condition, &mut Dropout::off());
        (x * total.recip() * (SIGMA_DATA * SIGMA_DATA) + f * sigma * c_in * SIGMA_DATA, read)
    }
}
