//! Pretrained networks of other programs.

mod kwargs;

pub use kwargs::from_kwargs;
