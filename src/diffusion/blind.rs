//! f(u): a denoiser that reads the noise level off its input, the time-free student of SIGN.

use std::sync::Arc;

use burn::tensor::Tensor;

use super::{Denoiser, Precond, SIGMA_MAX};
use crate::error::{Error, Result};
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
    /// # Errors
    /// `Kind::Usage` for networks whose noise levels are discrete: nothing could learn through them.
    pub fn new(denoiser: Denoiser) -> Result<Self> {
        if denoiser.precond == Precond::Iddpm {
            return Err(Error::usage(
                "a SIGN model cannot start from an iDDPM network: its noise levels are discrete",
            )
            .hint("use an EDM, VP or VE teacher, or distil with --method sid"));
        }
        let mut builder = LayoutBuilder::extending(denoiser.layout());
        let head = SigmaHead::new(&mut builder, HEAD_PREFIX, denoiser.config().img_channels);
        Ok(Self { denoiser, head, layout: Arc::new(builder.finish()) })
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
        let variance = (ln_sigma.clone() * 2.0).exp().reshape([batch, 1, 1, 1]);
        let x = u * (variance + 1.0).sqrt();
        // The coefficients as tensors, so that the head learns through them; `new` refuses the networks
        // that have none.
        let Some(at) = self.denoiser.precond.at_tensor(ln_sigma) else { return (x, read) };
        let column = |c: Tensor<1>| c.reshape([batch, 1, 1, 1]);
        let noise = self.denoiser.net.embed_tensor(w, at.c_noise);
        let input = x.clone() * column(at.c_in);
        let f = self.denoiser.net.forward(w, input, noise, condition, &mut Dropout::off());
        (x * column(at.c_skip) + f * column(at.c_out), read)
    }
}
