//! Noise levels, preconditioning, denoisers and samplers (Karras et al., 2022).

mod augment;
mod blind;
mod denoiser;
mod generator;
mod precond;
mod sampler;
mod schedule;

pub use augment::{AUGMENT_LABELS, AugmentDraws, AugmentPipe, Augmented, Gated};
pub use blind::{BlindDenoiser, HEAD_SIGMA};
pub use denoiser::{Denoiser, per_sample};
pub use generator::{Generator, GeneratorKind, GeneratorSpec};
pub use precond::{EdmPrecond, denoising_weight};
pub use sampler::heun;
pub use schedule::{RHO, SIGMA_MAX, SIGMA_MIN, karras_sigmas, sid_sigma, training_sigma};

/// Standard deviation of the data that EDM's preconditioning assumes, in [-1, 1] pixel units.
pub const SIGMA_DATA: f64 = 0.5;
