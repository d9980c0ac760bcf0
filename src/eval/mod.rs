//! Measures of images and of idempotence; each number travels with its conditions.

mod energy;
pub mod features;
mod idempotence;
mod inception_score;
mod kid;
mod modes;
mod neighbours;
mod precision_recall;
mod similarity;
mod statistics;
mod texture;

pub use energy::{energy_distance, energy_distance_from, mean_distance};
pub use idempotence::{fixed_share, rms_difference};
pub use inception_score::{InceptionScore, SPLITS, inception_score};
pub use kid::{Kid, KidSubsets, kid};
pub use modes::{ModeCounts, count_modes, nearest};
pub use neighbours::Rows;
pub use precision_recall::{NEIGHBOURS, PrecisionRecall, precision_recall};
pub use similarity::{psnr, psnr_of, ssim, ssim_of};
pub use statistics::{
    Divisor, Frechet, Gaussian, Moments, Origin, Statistics, frechet_distance, read_statistics,
    write_statistics,
};
pub use texture::{grain, saturated_share};
