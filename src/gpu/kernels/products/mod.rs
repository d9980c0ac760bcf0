//! Matrix products without copies: their rows are stretches of images, wherever those lie. A convolution is one,
//! when each tap of its kernel reads the same image from another place on.
//!
//! - [`strips`]: weights times images, results a stretch of pixels long;
//! - [`dots`]: images times images, summed over pixels.

mod dots;
mod strips;
#[cfg(test)]
mod tests;

pub use dots::{Dots, dots};
pub use strips::{Factors, Strips, block, strips};

/// Where a vector of pixels lies, from the beginning of a row on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// In what is read (of [`dots`]: in the first matrix).
    pub from: usize,
    /// In what is written (of [`dots`]: in the second matrix).
    pub to: usize,
}

/// Vectors that follow each other, `pixels` long together, in both.
pub fn run_of(pixels: usize, lanes: usize) -> Vec<Place> {
    (0..pixels).step_by(lanes).map(|at| Place { from: at, to: at }).collect()
}
