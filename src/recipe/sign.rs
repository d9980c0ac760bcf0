//! What SIGN trains with.

use serde::{Deserialize, Serialize};

use crate::error::Error;

/// Score-based idempotent generation: a reconstruction. A weight of 0 switches a term off, and nothing
/// is computed for it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Sign {
    /// How the student, which is not told the noise level, copes without.
    pub head: Head,
    /// The highest noise level that the network is told, of 80: what is noisier is taken for that. At
    /// 2.5 f begins from pure noise z almost as SiD's generator does, as D(2.69 z, 2.5).
    pub head_sigma_max: f64,
    /// f(x) = x on data.
    pub rec: f64,
    /// f(f(z)) = f(z).
    pub idem: f64,
    /// Idempotence is ramped from 0 over this share of the stage: full weight at once collapses.
    pub idem_ramp: f64,
    /// Neighbouring states of a teacher's trajectory have the same image.
    pub flow: f64,
    /// Distribution matching, the difference of two scores.
    pub dmd: f64,
    /// SiD's loss in its place, with the `alpha` of `student.sid`.
    pub sid: f64,
    /// Noise and what the teacher's sampler makes of it.
    pub reg: f64,
    /// The fake score's own loss, which trains nothing else: its scale matters through Adam's eps alone.
    pub denoise: f64,
    /// Keeps a `sighead` reading the noise levels that are known: without it the head drifts, and f
    /// takes some noise for an image and leaves it as it is.
    pub read: f64,
    /// Share of the images that dmd or sid judge that are made of noisy data instead of noise.
    pub noisy_share: f64,
    /// Noise levels of the consistency grid, zero not counted.
    pub flow_steps: usize,
    /// The highest of them: the chain's errors add up on the way, and distribution matching sees to what
    /// is noisier.
    pub flow_sigma_max: f64,
    /// Pairs behind `reg`; the teacher makes each once, when it is first needed.
    pub pairs: usize,
    /// Share of them that begin on the way, at a state of the teacher's trajectory.
    pub reg_along: f64,
    /// The highest noise level of such states.
    pub reg_sigma_max: f64,
    /// Steps of the teacher's sampler (Heun) for a pair.
    pub pair_steps: usize,
    /// Steps of regression that teach the head before the stage begins.
    pub head_steps: u64,
}

impl Default for Sign {
    /// Of what was tried on the toy world of little pictures, the best at both generation and editing
    /// (`examples/ablation.rs` compares): SiD's loss from pure noise, and the flow term at the noise levels of
    /// edits, in few levels, since each adds its error to the next.
    fn default() -> Self {
        Self {
            head: Head::Sighead,
            head_sigma_max: 5.0,
            rec: 1.0,
            idem: 1.0,
            idem_ramp: 0.1,
            flow: 1.0,
            dmd: 0.0,
            sid: 1.0,
            reg: 0.0,
            denoise: 1.0,
            read: 1.0,
            noisy_share: 0.0,
            flow_steps: 8,
            flow_sigma_max: 5.0,
            pairs: 20_000,
            reg_along: 0.0,
            reg_sigma_max: 80.0,
            pair_steps: 18,
            head_steps: 1000,
        }
    }
}

impl Sign {
    /// Whether two scores are compared, which takes a fake score.
    pub fn matches(&self) -> bool {
        self.dmd > 0.0 || self.sid > 0.0
    }
}

/// # Errors
/// What to say of a recipe in which SIGN has no term.
pub fn no_terms() -> Error {
    Error::usage("all of SIGN's terms are switched off")
        .hint("give one of rec, idem, flow, dmd, sid and reg under [student.sign] a weight above 0")
}

/// Makes a network that is told its noise level one that is not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Head {
    /// A small network reads the level off the image: f begins as the teacher's denoiser.
    #[default]
    Sighead,
    /// The level is always said to be the highest.
    Const,
    /// The same, with a skip that a small network opens where the input is an image already.
    Gate,
}
