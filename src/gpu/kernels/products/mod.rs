//! Matrix products without copies: their rows are stretches of images, wherever those lie. A convolution is one,
//! when each tap of its kernel reads the same image from another place on; its weights' gradient is one, too, of
//! images whose channels lie side by side ([`transpose`]).

mod strips;
#[cfg(test)]
mod tests;
mod transpose;

pub use strips::{Factors, Place, Start, Strips, Term, Terms, block, run_of, strips};
pub use transpose::{Rows, transpose};
