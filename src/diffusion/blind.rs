//! f(u): a denoiser that is not told the noise level, the time-free student of SIGN.

use std::sync::Arc;

use burn::tensor::Tensor;
use burn::tensor::activation::sigmoid;

use super::{Denoiser, Precond, SIGMA_DATA, SIGMA_MAX};
use crate::error::{Error, Result};
use crate::model::{Condition, Dropout, Layout, LayoutBuilder, Leaves, NoiseHead};
use crate::recipe::Head;

/// Below this noise level an image is clean to a reading head.
pub const HEAD_SIGMA_MIN: f64 = 0.01;
/// Prefix of the head's parameters.
const HEAD_PREFIX: &str = "sigma_head";
/// A gate is taught to be open and closed as far as this.
const GATE_LOGIT: f64 = 6.0;

/// The plan of f: the teacher's network and what takes the place of a noise level.
#[derive(Clone, Debug)]
pub struct BlindDenoiser {
    pub denoiser: Denoiser,
    kind: Kind,
    /// The highest noise level that the network is told.
    sigma_max: f64,
    layout: Arc<Layout>,
}

#[derive(Clone, Debug)]
enum Kind {
    Reads(NoiseHead),
    Const,
    Gated(NoiseHead),
}

impl BlindDenoiser {
    /// With `sigma_max` = s below 80 noisier inputs are taken for images of that level, and f begins from
    /// pure noise z as D(sqrt(1 + s²) z, s), much as SiD's generator does.
    ///
    /// # Errors
    /// `Kind::Usage` for a reading head on a network whose noise levels are discrete: nothing could
    /// learn through them. Of a `sigma_max` that no head could say.
    pub fn new(denoiser: Denoiser, head: Head, sigma_max: f64) -> Result<Self> {
        if !(sigma_max > HEAD_SIGMA_MIN && sigma_max <= SIGMA_MAX) {
            return Err(Error::usage(format!("the highest noise level of a SIGN model is {sigma_max}"))
                .hint(format!(
                    "student.sign.head_sigma_max is above {HEAD_SIGMA_MIN}, at most {SIGMA_MAX}"
                )));
        }
        if head == Head::Sighead && denoiser.precond == Precond::Iddpm {
            return Err(Error::usage(
                "this head reads noise levels, and those of an iDDPM network are discrete",
            )
            .hint("set student.sign.head to const or gate, use an EDM, VP or VE teacher, or distil with --method sid"));
        }
        let mut builder = LayoutBuilder::extending(denoiser.layout());
        let mut net = || NoiseHead::new(&mut builder, HEAD_PREFIX, denoiser.config());
        let kind = match head {
            Head::Sighead => Kind::Reads(net()),
            Head::Const => Kind::Const,
            Head::Gate => Kind::Gated(net()),
        };
        Ok(Self { denoiser, kind, sigma_max, layout: Arc::new(builder.finish()) })
    }

    pub fn layout(&self) -> &Arc<Layout> {
        &self.layout
    }

    /// f(u) for `u = x_sigma / sqrt(1 + sigma²)`, `[batch, channels, h, w]`.
    pub fn project(&self, w: &Leaves, u: Tensor<4>, condition: &Condition) -> Tensor<4> {
        self.project_and_read(w, u, condition).0
    }

    /// f(u), and the ln sigma that a reading head took u for, `[batch]`.
    pub fn project_and_read(
        &self,
        w: &Leaves,
        u: Tensor<4>,
        condition: &Condition,
    ) -> (Tensor<4>, Option<Tensor<1>>) {
        match &self.kind {
            Kind::Reads(head) => {
                let read = head.forward(w, u.clone());
                (self.at_reading(w, u, read.clone(), condition), Some(read))
            }
            Kind::Const => (self.at_the_top(w, u, condition), None),
            Kind::Gated(head) => {
                let batch = u.dims()[0];
                let open = sigmoid(head.forward(w, u.clone())).reshape([batch, 1, 1, 1]);
                (self.at_the_top(w, u.clone(), condition) + u * open, None)
            }
        }
    }

    /// What the head's small network says of `u`, `[batch]`; none where there is no such network.
    pub fn head(&self, w: &Leaves, u: Tensor<4>) -> Option<Tensor<1>> {
        match &self.kind {
            Kind::Reads(head) | Kind::Gated(head) => Some(head.forward(w, u)),
            Kind::Const => None,
        }
    }

    /// What it should say of an input of this noise level; none where there is no such network.
    pub fn head_target(&self, sigma: f64) -> Option<f64> {
        match &self.kind {
            Kind::Reads(_) => Some(sigma.clamp(HEAD_SIGMA_MIN, self.sigma_max).ln()),
            Kind::Const => None,
            // The share of u in EDM's denoiser: c_skip x = c_skip sqrt(1 + sigma²) u.
            Kind::Gated(_) => {
                let data = SIGMA_DATA * SIGMA_DATA;
                let share = data / (data + sigma * sigma) * (1.0 + sigma * sigma).sqrt();
                Some((share / (1.0 - share)).ln().clamp(-GATE_LOGIT, GATE_LOGIT))
            }
        }
    }

    /// D(u sqrt(1 + s²), s) at the highest level; at s = 80 EDM's denoiser is `sigma_data F`, but for 0.3 % of u.
    fn at_the_top(&self, w: &Leaves, u: Tensor<4>, condition: &Condition) -> Tensor<4> {
        let sigmas = vec![self.sigma_max; u.dims()[0]];
        let x = u * (1.0 + self.sigma_max * self.sigma_max).sqrt();
        self.denoiser.denoise_with(w, x, &sigmas, condition, &mut Dropout::off())
    }

    /// D(u sqrt(1 + s²), s) with `ln s` read off u.
    fn at_reading(&self, w: &Leaves, u: Tensor<4>, ln_sigma: Tensor<1>, condition: &Condition) -> Tensor<4> {
        let ln_sigma = ln_sigma.clamp(HEAD_SIGMA_MIN.ln(), self.sigma_max.ln());
        let [batch] = ln_sigma.dims();
        let variance = (ln_sigma.clone() * 2.0).exp().reshape([batch, 1, 1, 1]);
        let x = u * (variance + 1.0).sqrt();
        // The coefficients as tensors, so that the head learns through them; `new` refuses the networks
        // that have none.
        let Some(at) = self.denoiser.precond.at_tensor(ln_sigma) else { return x };
        let column = |c: Tensor<1>| c.reshape([batch, 1, 1, 1]);
        let noise = self.denoiser.net.embed_tensor(w, at.c_noise);
        let input = x.clone() * column(at.c_in);
        let f = self.denoiser.predict(w, input, noise, condition, &mut Dropout::off());
        x * column(at.c_skip) + f * column(at.c_out)
    }
}
