//! Gaussians fitted to features, their files and their distance.

mod frechet;
mod gaussian;
mod npy;
mod npz;

pub use frechet::{Frechet, frechet_distance};
pub use gaussian::{Divisor, Gaussian, Moments};
pub use npz::{Origin, read_statistics, write_statistics};
