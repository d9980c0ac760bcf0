//! The pieces that blocks are made of.

mod conv;
mod linear;
mod norm;
mod resample;

pub use conv::{Conv2d, ConvConfig};
pub use linear::Linear;
pub use norm::GroupNorm;
pub use resample::{Filter, Resample};
