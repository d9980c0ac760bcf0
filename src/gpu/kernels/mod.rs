//! Our own operations: a WGSL kernel, its twin on the CPU, a composition of burn's operations for any
//! other runtime, and an analytic backward. They run with kernel fusion on and off. (Some have no
//! twin on the CPU: `cut`, `gather`, `few_numbers`. `pick_images` and `warp` are not composed. `norm_conv` is
//! made of others alone.)
//!
//! A kernel is one small file here and one or a few in `shaders/`; launching (`launch`, `params`, `raw`),
//! the loops of the CPU twins (`cpu`, `lanes`, `products`), their memory (`fresh`, `scratch`), the way back
//! (`differentiable`) and what compositions repeat (`composed`) are shared.

mod adam;
mod attention;
pub mod check;
mod composed;
mod cpu;
mod cut;
mod denoise_loss;
mod differentiable;
mod draw;
mod dropout;
mod exp;
mod few_numbers;
mod finite_norm;
mod fresh;
mod gather;
mod group_norm;
mod joints;
mod lanes;
mod launch;
mod norm_conv;
mod pairs;
mod params;
mod pick_images;
pub mod probe;
mod products;
mod pseudo_huber;
mod raw;
pub(super) mod rgba_rows;
mod same_conv;
mod score_losses;
mod scratch;
pub(super) mod shader;
mod warp;

pub use adam::{AdamNumbers, AdamOps, BadStep, adam_step, adam_step_averaged, adam_step_averaged_composed};
pub use attention::{AttentionOps, attention, attention_weights};
pub use cut::{CutOps, cut};
pub use denoise_loss::{SquaredErrorOps, weighted_squared_error, weighted_squared_error_composed};
pub use draw::{Distribution, Draw, DrawOps, drawn_images};
pub use dropout::{DropoutOps, Mask, dropout};
pub use few_numbers::{FewNumbersOps, from_numbers};
pub use finite_norm::{
    FiniteNorm, FiniteNormOps, finite_and_norm, finite_and_norm_composed, gradient_verdict, read_verdict,
};
pub use gather::{GatherOps, gathered};
pub use group_norm::{Activation, GroupNormOps, Norm, group_norm, group_norm_composed};
pub use joints::{JointOps, joined, scaled_sum, shifted};
pub use norm_conv::{NormConvOps, norm_conv};
pub use pairs::{PairOps, doubled, halved};
pub use pick_images::{PackedImages, PickOps};
pub use pseudo_huber::{PseudoHuberOps, pseudo_huber, pseudo_huber_composed};
pub use same_conv::{SameConvOps, same_conv};
pub use score_losses::{
    NORMALISER_FLOOR, ScoreLossOps, distribution_matching, distribution_matching_composed,
    sid_generator_loss, sid_generator_loss_composed,
};
pub use warp::{Affine, Warp, WarpOps, Warps, warped};

use burn::tensor::{DType, FloatDType, Tensor};
use burn_cubecl::CubeDevice;

/// Lets go of everything that is kept for a device: nobody computes on it any more.
pub(super) fn forget(device: &CubeDevice) {
    few_numbers::forget(device);
    params::forget(device);
    raw::forget(device);
}

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
