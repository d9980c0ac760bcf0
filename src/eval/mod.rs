//! Measures of images and of idempotence; each number travels with its conditions.

mod frechet;
mod idempotence;

pub use frechet::{GaussianStats, frechet_distance};
pub use idempotence::rms_difference;
