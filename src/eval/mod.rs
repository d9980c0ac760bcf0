//! Measures of images and of idempotence; each number travels with its conditions.

mod energy;
pub mod features;
mod frechet;
mod idempotence;
mod modes;
mod similarity;

pub use energy::energy_distance;
pub use frechet::{GaussianStats, frechet_distance};
pub use idempotence::{fixed_share, rms_difference};
pub use modes::{ModeCounts, count_modes, nearest};
pub use similarity::{psnr, ssim};
