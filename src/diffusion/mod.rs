//! Noise levels, preconditioning, denoisers and samplers (Karras et al., 2022).

mod augment;
mod blind;
mod denoiser;
mod generator;
mod made;
mod precond;
mod sampler;
mod schedule;
mod sign_sampler;
mod starts;

pub use augment::{AUGMENT_LABELS, AugmentDraws, AugmentPipe, Augmentation, Augmented, Gated};
pub use blind::{BlindDenoiser, HEAD_SIGMA_MIN};
pub use denoiser::{Denoiser, per_sample};
pub use generator::{Generator, GeneratorKind, GeneratorSpec, MOST_STEPS};
pub use made::Made;
pub use precond::{
    Coefficients, Precond, denoising_weight, iddpm_round_sigma, iddpm_table, vp_sigma, vp_time,
};
pub use sampler::{Churn, Sampler, Solver};
pub use schedule::{
    RHO, SIGMA_MAX, SIGMA_MIN, check_falling, karras_sigmas, karras_sigmas_within, sid_sigma, source_scale,
    training_sigma, vp_scale,
};
pub use sign_sampler::{SignSampler, SignSamples};
pub use starts::{Classes, Starts, one_hot};

/// Standard deviation of the data that EDM's preconditioning assumes, in [-1, 1] pixel units.
pub const SIGMA_DATA: f64 = 0.5;
