//! Matrix products without copies: their rows are stretches of images, wherever those lie. A convolution is one,
//! when each tap of its kernel reads the same image from another place on; its weights' gradient is one, too, of
//! images whose channels lie side by side ([`transpose`]).

mod strips;
#[cfg(test)]
mod tests;
mod transpose;

pub use strips::{Factors, Place, Start, Strips, Term, Terms, block, run_of, strips};
pub use transpose::{Rows, transpose};

use crate::simd::vector::LINE;

/// Brings numbers near a core. Read in order they come ahead of their use; work that takes some here and some there
/// would wait for every line.
pub fn fetch<T>(numbers: &[T]) {
    for line in numbers.chunks(LINE) {
        // SAFETY: it is there. What is read does not matter.
        unsafe { line.as_ptr().read_volatile() };
    }
}
