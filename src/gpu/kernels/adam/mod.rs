//! One step of Adam, and of the weights' running average, as one operation. On a CPU it is one pass over
//! all blocks, in place, where burn's own operations make sixteen passes and new memory in most of them.

mod composed;
mod flex;
#[cfg(test)]
mod tests;

use burn::backend::autodiff::Autodiff;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::tensor::FloatTensor;
use burn::backend::wgpu::CubeBackend;
use burn::backend::{Backend, Dispatch, backend_extension};
use burn::tensor::Tensor;

/// The numbers of step t, the paper's bias corrections among them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AdamNumbers {
    /// Share of the mean of gradients that is kept.
    pub beta1: f64,
    /// Share of the mean of their squares that is kept.
    pub beta2: f64,
    /// Added to the root of the second moment.
    pub eps: f64,
    /// Learning rate over 1 - beta1^t.
    pub rate: f64,
    /// 1 - beta2^t.
    pub correction2: f64,
}

/// Step t of Adam (Kingma and Ba, 2015, algorithm 1) on blocks `[weights w, mean m, square v]` of one
/// length, against a gradient g of that length; gives the same three:
/// `m = beta1 m + (1 - beta1) g`, `v = beta2 v + (1 - beta2) g²`,
/// `w = w - rate m / (sqrt(v / correction2) + eps)`.
///
/// A block whose memory nobody else holds may be changed in place.
///
/// # Panics
/// If the lengths differ.
pub fn adam_step(blocks: [Tensor<1>; 3], gradient: Tensor<1>, numbers: AdamNumbers) -> [Tensor<1>; 3] {
    assert_same_length(&blocks, &gradient);
    let ([w, m, v], g) = (blocks.map(Tensor::into_dispatch), gradient.into_dispatch());
    let (w, m, v) = <Dispatch as AdamOps>::adam_step(w, m, v, g, numbers);
    [w, m, v].map(Tensor::from_dispatch)
}

/// [`adam_step`] on `[weights w, mean, square, average a]`, and after it the average's step to the new
/// weights: `a = keep a + (1 - keep) w`.
///
/// # Panics
/// If the lengths differ.
pub fn adam_step_averaged(
    blocks: [Tensor<1>; 4],
    gradient: Tensor<1>,
    numbers: AdamNumbers,
    keep: f64,
) -> [Tensor<1>; 4] {
    assert_same_length(&blocks, &gradient);
    let ([w, m, v, a], g) = (blocks.map(Tensor::into_dispatch), gradient.into_dispatch());
    let (w, m, v, a) = <Dispatch as AdamOps>::adam_step_averaged(w, m, v, a, g, numbers, keep);
    [w, m, v, a].map(Tensor::from_dispatch)
}

fn assert_same_length(blocks: &[Tensor<1>], gradient: &Tensor<1>) {
    let alike = blocks.iter().all(|block| block.dims() == gradient.dims());
    assert!(alike, "adam_step: blocks and gradient must have one length");
}

/// The steps as operations of a backend. Only the CPU has a body of its own: on a GPU they are composed,
/// so that burn can fuse them.
#[backend_extension(Cube, Flex, Autodiff, Fusion: cfg(feature = "fusion"))]
pub trait AdamOps: Backend {
    /// Weights, mean and square after [`adam_step`].
    #[fusion(default)]
    fn adam_step(
        weights: FloatTensor<Self>,
        mean: FloatTensor<Self>,
        square: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        numbers: AdamNumbers,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>) {
        composed::step::<Self>(weights, mean, square, gradient, numbers)
    }

    /// Weights, mean, square and average after [`adam_step_averaged`].
    #[fusion(default)]
    fn adam_step_averaged(
        weights: FloatTensor<Self>,
        mean: FloatTensor<Self>,
        square: FloatTensor<Self>,
        average: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        numbers: AdamNumbers,
        keep: f64,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>) {
        composed::averaged::<Self>(weights, mean, square, average, gradient, numbers, keep)
    }
}

impl AdamOps for CubeBackend {}

impl<B: AdamOps, C: CheckpointStrategy> AdamOps for Autodiff<B, C> {}
