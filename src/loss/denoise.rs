//! EDM's denoising loss (Karras et al., 2022, eq. 2 and table 1).

use burn::tensor::Tensor;

use crate::gpu::kernels::{from_numbers, weighted_squared_error};

/// `weight_i · sum_pixels (denoised - clean)²` per sample: `[batch]`. The weights are the lambda of
/// each sample's noise level.
pub fn denoising_loss(denoised: Tensor<4>, clean: Tensor<4>, weights: &[f64]) -> Tensor<1> {
    let weights: Vec<f32> = weights.iter().map(|w| *w as f32).collect();
    let len = weights.len();
    let weights = from_numbers(weights, [len], &denoised.device());
    weighted_squared_error(denoised, clean, weights)
}
