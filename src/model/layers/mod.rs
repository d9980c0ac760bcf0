//! The pieces that blocks are made of.

mod conv;
mod linear;
mod norm;
mod norm_conv;
mod resample;

pub use conv::{Conv2d, ConvConfig};
pub use linear::Linear;
pub use norm::GroupNorm;
pub use norm_conv::norm_conv;
pub use resample::{Filter, Resample};
