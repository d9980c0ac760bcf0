//! Gaussians fitted to features, their files and their distance.

mod absent;
mod covariance;
mod frechet;
mod gaussian;
mod npy;
mod npz;

pub use frechet::{Frechet, frechet_distance};
pub use gaussian::{Divisor, Gaussian, Moments};
pub use npz::{Origin, Statistics, read_statistics, write_statistics};
