//! The reduction from burn's own operations.

use burn::backend::tensor::FloatTensor;
use burn::backend::{Backend, Shape, TensorMetadata};
use burn::tensor::{Slice, Tensor};

use super::super::composed::finite_or_zero;
use super::{CHUNK, FiniteNorm, chunks_of};
use crate::error::Result;
use crate::gpu::read;

/// The same as [`finite_and_norm`](super::finite_and_norm), each block's sums added up on the host in double
/// precision: what the kernel is measured against.
///
/// # Errors
/// `Kind::Device` if the device does not give its numbers back.
pub fn finite_and_norm_composed(blocks: &[Tensor<1>]) -> Result<FiniteNorm> {
    let sums = |block: &Tensor<1>| {
        let finite = block.clone().is_finite();
        let zeroed = block.clone().mask_fill(finite.clone().bool_not(), 0.0);
        Tensor::cat(vec![(zeroed.clone() * zeroed).sum(), finite.bool_not().float().sum()], 0)
    };
    if blocks.is_empty() {
        return Ok(FiniteNorm::default());
    }
    let sums = read(Tensor::stack::<2>(blocks.iter().map(sums).collect(), 0))?;
    let total = |which: usize| sums.iter().skip(which).step_by(2).copied().map(f64::from).sum::<f64>();
    Ok(FiniteNorm { sum_of_squares: total(0), non_finite: total(1) as u64 })
}

/// `partials` with the rows of a block in their place.
pub fn placed<B: Backend>(block: FloatTensor<B>, partials: FloatTensor<B>, first: usize) -> FloatTensor<B> {
    let rows = rows::<B>(block);
    let own = first..first + rows.shape()[0];
    B::float_slice_assign(partials, &[own, 0..2].map(Slice::from), rows)
}

/// The row of each chunk of a block, `[chunks, 2]`.
fn rows<B: Backend>(block: FloatTensor<B>) -> FloatTensor<B> {
    let elements = block.shape().num_elements();
    let chunks = chunks_of(elements);
    let padding = Shape::new([chunks * CHUNK - elements]);
    let padding = B::float_zeros(padding, &block.device(), block.dtype().into());
    let numbers = B::float_reshape(B::float_cat(vec![block, padding], 0), Shape::new([chunks, CHUNK]));
    let (numbers, not_finite) = finite_or_zero::<B>(numbers);
    let squares = B::float_sum_dim(B::float_mul(numbers.clone(), numbers), 1);
    B::float_cat(vec![squares, B::float_sum_dim(not_finite, 1)], 1)
}

/// Sums of both columns, `[2]`.
pub fn total<B: Backend>(partials: FloatTensor<B>) -> FloatTensor<B> {
    B::float_reshape(B::float_sum_dim(partials, 0), Shape::new([2]))
}
