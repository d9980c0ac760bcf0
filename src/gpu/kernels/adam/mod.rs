//! One step of Adam, and of the weights' running average, as one operation. It is one pass over all blocks, in
//! place, where burn's own operations make sixteen passes and new memory in most of them. Whether the step's
//! gradients are finite is asked inside the operation, so that nobody waits for the answer before it.

mod composed;
mod cube;
mod flex;
mod rule;
#[cfg(test)]
mod tests;

use burn::backend::autodiff::Autodiff;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::tensor::FloatTensor;
use burn::backend::{Backend, Dispatch, backend_extension};
use burn::tensor::Tensor;

pub use composed::adam_step_averaged_composed;

/// What becomes of a step whose gradients are not all finite, or whose squares add up to more than single precision
/// holds; see [`gradient_verdict`](super::gradient_verdict).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadStep {
    /// It is left out: weights, moments and average stay what they were, bit for bit.
    Keep,
    /// It is taken with every NaN as 0 and every infinity as ±1e5, as in EDM's and SiD's training.
    Mend,
}

/// What an infinite gradient becomes, with its sign, where a bad step is mended.
const IN_PLACE_OF_INFINITY: f32 = 1e5;

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
    pub bad: BadStep,
}

/// Step t of Adam (Kingma and Ba, 2015, algorithm 1) on blocks `[weights w, mean m, square v]` of one
/// length, against a gradient g of that length; gives the same three:
/// `m = beta1 m + (1 - beta1) g`, `v = beta2 v + (1 - beta2) g²`,
/// `w = w - rate m / (sqrt(v / correction2) + eps)`.
///
/// `verdict` is [`gradient_verdict`](super::gradient_verdict) of the gradients of all blocks; `numbers.bad` says what
/// happens where it is that they are bad.
///
/// A block whose memory nobody else holds may be changed in place.
///
/// # Panics
/// If the lengths differ, or the verdict is not `[2]`.
pub fn adam_step(
    blocks: [Tensor<1>; 3],
    gradient: Tensor<1>,
    verdict: Tensor<1>,
    numbers: AdamNumbers,
) -> [Tensor<1>; 3] {
    assert_shapes(&blocks, &gradient, &verdict);
    if gradient.dims() == [0] {
        return blocks;
    }
    let [w, m, v] = blocks.map(Tensor::into_dispatch);
    let (g, verdict) = (gradient.into_dispatch(), verdict.into_dispatch());
    let (w, m, v) = <Dispatch as AdamOps>::adam_step(w, m, v, g, verdict, numbers);
    [w, m, v].map(Tensor::from_dispatch)
}

/// [`adam_step`] on `[weights w, mean, square, average a]`, and after it the average's step to the new
/// weights: `a = keep a + (1 - keep) w`. A bad step that is left out is none of the average's either.
///
/// # Panics
/// As [`adam_step`].
pub fn adam_step_averaged(
    blocks: [Tensor<1>; 4],
    gradient: Tensor<1>,
    verdict: Tensor<1>,
    numbers: AdamNumbers,
    keep: f64,
) -> [Tensor<1>; 4] {
    assert_shapes(&blocks, &gradient, &verdict);
    if gradient.dims() == [0] {
        return blocks;
    }
    let [w, m, v, a] = blocks.map(Tensor::into_dispatch);
    let (g, verdict) = (gradient.into_dispatch(), verdict.into_dispatch());
    let (w, m, v, a) = <Dispatch as AdamOps>::adam_step_averaged(w, m, v, a, g, verdict, numbers, keep);
    [w, m, v, a].map(Tensor::from_dispatch)
}

fn assert_shapes(blocks: &[Tensor<1>], gradient: &Tensor<1>, verdict: &Tensor<1>) {
    let alike = blocks.iter().all(|block| block.dims() == gradient.dims());
    assert!(alike, "adam_step: blocks and gradient must have one length");
    assert_eq!(verdict.dims(), [2], "adam_step: a verdict is two numbers");
}

/// The steps as operations of a backend; without a kernel they are composed.
#[backend_extension(Cube, Flex, Autodiff, Fusion: cfg(feature = "fusion"))]
pub trait AdamOps: Backend {
    /// Weights, mean and square after [`adam_step`].
    #[fusion(meta = |weights, mean, square, _gradient, _verdict, _numbers| {
        (weights.clone(), mean.clone(), square.clone())
    })]
    fn adam_step(
        weights: FloatTensor<Self>,
        mean: FloatTensor<Self>,
        square: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        verdict: FloatTensor<Self>,
        numbers: AdamNumbers,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>) {
        composed::step::<Self>([weights, mean, square], gradient, verdict, numbers).into()
    }

    /// Weights, mean, square and average after [`adam_step_averaged`].
    #[fusion(meta = |weights, mean, square, average, _gradient, _verdict, _numbers, _keep| {
        (weights.clone(), mean.clone(), square.clone(), average.clone())
    })]
    #[allow(clippy::too_many_arguments, reason = "operations of a backend take no lists of tensors")]
    fn adam_step_averaged(
        weights: FloatTensor<Self>,
        mean: FloatTensor<Self>,
        square: FloatTensor<Self>,
        average: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        verdict: FloatTensor<Self>,
        numbers: AdamNumbers,
        keep: f64,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>) {
        let blocks = [weights, mean, square, average];
        composed::averaged::<Self>(blocks, gradient, verdict, numbers, keep).into()
    }
}

impl<B: AdamOps, C: CheckpointStrategy> AdamOps for Autodiff<B, C> {}
