//! Where a block's two ways meet.

use burn::tensor::Tensor;

use crate::gpu::tally::{Cost, time};

/// What went through layers and what went around them.
pub(super) fn merged(through: Tensor<4>, around: Tensor<4>, scale: f64) -> Tensor<4> {
    let cost = Cost::each(through.shape().num_elements(), 2, 3);
    time("skip added and scaled", cost, || (through + around) * scale)
}
