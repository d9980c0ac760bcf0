//! Our own operations: a WGSL kernel, its twin on the CPU, a composition of burn's operations for any
//! other runtime, and an analytic backward. They run with kernel fusion on and off.
//!
//! A kernel is one small file here and one or two in `shaders/`; launching (`launch`, `raw`) and
//! the loops of the CPU twins (`cpu`) are shared.

pub mod check;
mod cpu;
mod denoise_loss;
mod exp;
mod group_norm;
mod lanes;
mod launch;
mod opposite;
pub mod probe;
mod pseudo_huber;
mod raw;
mod same_conv;
pub(super) mod shader;

pub use denoise_loss::{SquaredErrorOps, weighted_squared_error, weighted_squared_error_composed};
pub use group_norm::{Activation, GroupNormOps, Norm, group_norm, group_norm_composed};
pub use pseudo_huber::{PseudoHuberOps, pseudo_huber, pseudo_huber_composed};
pub use same_conv::{SameConvOps, same_conv};

use burn::backend::tensor::FloatTensor;
use burn::backend::{Backend, Shape, TensorMetadata};
use burn::tensor::{DType, FloatDType, Tensor};

/// Sum over all but the first dimension: one number per sample, shape `[batch]`.
fn sum_per_sample(terms: Tensor<4>) -> Tensor<1> {
    terms.flatten::<2>(1, 3).sum_dim(1).squeeze_dim(1)
}

/// Half precision in single precision: a sum over an image must not round to 11 bits at every step.
fn at_least_single<const D: usize>(tensor: Tensor<D>) -> Tensor<D> {
    match tensor.dtype() {
        DType::F16 | DType::BF16 => tensor.cast(FloatDType::F32),
        _ => tensor,
    }
}

/// Stops a call whose tensors do not match: a mistake in the program, never of its user.
fn assert_same_shape(operation: &str, a: &Tensor<4>, b: &Tensor<4>) {
    assert_eq!(a.dims(), b.dims(), "{operation}: both images must have one shape");
}

/// `sum_per_sample` one level lower, for the composed bodies of operations: `[batch, …]` to `[batch]`.
fn composed_sum_per_sample<B: Backend>(terms: FloatTensor<B>) -> FloatTensor<B> {
    let shape = terms.shape();
    let (samples, elements) = (shape[0], shape.num_elements());
    let rows = B::float_reshape(terms, Shape::new([samples, elements / samples.max(1)]));
    B::float_reshape(B::float_sum_dim(rows, 1), Shape::new([samples]))
}

/// `[batch]` to `[batch, 1, 1, 1]`, which spreads over a sample's pixels.
fn composed_over_pixels<B: Backend>(numbers: FloatTensor<B>) -> FloatTensor<B> {
    let samples = numbers.shape()[0];
    B::float_reshape(numbers, Shape::new([samples, 1, 1, 1]))
}
