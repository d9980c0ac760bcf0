//! What SIGN trains with.

use serde::{Deserialize, Serialize};

use super::limits::{LARGEST_WEIGHT, MAX_HEAD_STEPS, MAX_PAIRS};
use super::setting::{About, IDENTITY, no_numbers, table};
use crate::error::Error;

/// The weight of a term.
const WEIGHT: About = IDENTITY.from(0.0).tunable(0.0, LARGEST_WEIGHT);
/// The highest of some noise levels.
const SIGMA_MAX: About = IDENTITY.noun("a noise level").above(0.01).to(80.0);

// Of what was tried on the toy world of little pictures, the defaults are the best at both generation and
// editing (`examples/ablation.rs` compares): SiD's loss from pure noise, and the flow term at the noise levels of
// edits, in few levels, since each adds its error to the next.
table! {
    /// Score-based idempotent generation: a reconstruction. A weight of 0 switches a term off, and nothing
    /// is computed for it.
    pub struct Sign in "student.sign" {
        /// How the student, which is not told the noise level, copes without: sighead, const or gate.
        head: Head = Head::Sighead, IDENTITY;
        /// The highest noise level that the network is told, of 80: what is noisier is taken for that. At
        /// 2.5 f begins from pure noise z almost as SiD's generator does, as D(2.69 z, 2.5).
        head_sigma_max: f64 = 5.0, SIGMA_MAX;
        /// Weight of f(x) = x on data.
        rec: f64 = 1.0, WEIGHT;
        /// Weight of f(f(z)) = f(z), which is ramped up.
        idem: f64 = 1.0, WEIGHT;
        /// Idempotence is ramped from 0 over this share of the stage, also of one that is made longer: full weight at
        /// once collapses.
        idem_ramp: f64 = 0.1, IDENTITY.share();
        /// Weight of one image for a whole trajectory: neighbouring states of a teacher's have the same.
        flow: f64 = 1.0, WEIGHT;
        /// Weight of distribution matching, the difference of two scores; it needs a fake score that learns.
        dmd: f64 = 0.0, WEIGHT;
        /// Weight of SiD's loss in its place, with the `alpha` of `student.sid`; it needs a fake score too.
        sid: f64 = 1.0, WEIGHT;
        /// Weight of noise and what the teacher's sampler makes of it.
        reg: f64 = 0.0, WEIGHT;
        /// Weight of the fake score's own loss, which trains nothing else: its scale matters through Adam's
        /// eps alone.
        denoise: f64 = 1.0, WEIGHT;
        /// Weight of a reading head's known noise levels: without it a `sighead` drifts, and f takes some
        /// noise for an image and leaves it as it is.
        read: f64 = 1.0, WEIGHT;
        /// Share of the images that dmd or sid judge that are made of noisy data instead of noise.
        noisy_share: f64 = 0.0, IDENTITY.share();
        /// Noise levels of the consistency grid, zero not counted.
        flow_steps: usize = 8, IDENTITY.whole().from(2.0).to(1000.0);
        /// The highest of them: the chain's errors add up on the way, and distribution matching sees to what
        /// is noisier.
        flow_sigma_max: f64 = 5.0, SIGMA_MAX;
        /// Pairs behind `reg`; the teacher makes each once, when it is first needed.
        pairs: usize = 20_000, IDENTITY.whole().from(1.0).to(MAX_PAIRS);
        /// Share of them that begin on the way, at a state of the teacher's trajectory.
        reg_along: f64 = 0.0, IDENTITY.share();
        /// The highest noise level of such states.
        reg_sigma_max: f64 = 80.0, SIGMA_MAX;
        /// Steps of the teacher's sampler (Heun) for a pair.
        pair_steps: usize = 18, IDENTITY.whole().from(1.0).to(1000.0);
        /// Steps of regression that teach the head before the stage begins.
        head_steps: u64 = 1000, IDENTITY.whole().from(0.0).to(MAX_HEAD_STEPS);
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

no_numbers!(Head);
