//! The training objectives, each beside the equation that it implements.

pub mod denoise;
pub mod sid;
pub mod sign;
