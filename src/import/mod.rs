//! Pretrained networks of other programs.

pub mod edm;
pub mod pickle;
mod plain;
pub mod torch;
