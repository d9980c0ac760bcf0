//! The steps from burn's own operations.

use burn::backend::tensor::{BoolTensor, FloatTensor};
use burn::backend::{Backend, Dispatch, Scalar, Shape, TensorMetadata, get_or_init_device_settings};
use burn::tensor::{Slice, Tensor};

use super::super::composed::not_finite;
use super::{AdamNumbers, BadStep, IN_PLACE_OF_INFINITY};

/// [`adam_step_averaged`](super::adam_step_averaged) from burn's own operations: what the kernel is measured against.
pub fn adam_step_averaged_composed(
    blocks: [Tensor<1>; 4],
    gradient: Tensor<1>,
    verdict: Tensor<1>,
    numbers: AdamNumbers,
    keep: f64,
) -> [Tensor<1>; 4] {
    let (blocks, g, verdict) =
        (blocks.map(Tensor::into_dispatch), gradient.into_dispatch(), verdict.into_dispatch());
    averaged::<Dispatch>(blocks, g, verdict, numbers, keep).map(Tensor::from_dispatch)
}

/// Weights, mean and square after one step of Adam.
pub fn step<B: Backend>(
    blocks: [FloatTensor<B>; 3],
    gradient: FloatTensor<B>,
    verdict: FloatTensor<B>,
    numbers: AdamNumbers,
) -> [FloatTensor<B>; 3] {
    treated::<B, 3>(blocks, gradient, verdict, numbers.bad, |blocks, g| moved::<B>(blocks, g, numbers))
}

/// Weights, mean, square and average after one step of Adam and one of the average.
pub fn averaged<B: Backend>(
    blocks: [FloatTensor<B>; 4],
    gradient: FloatTensor<B>,
    verdict: FloatTensor<B>,
    numbers: AdamNumbers,
    keep: f64,
) -> [FloatTensor<B>; 4] {
    treated::<B, 4>(blocks, gradient, verdict, numbers.bad, |[weights, mean, square, average], g| {
        let [weights, mean, square] = moved::<B>([weights, mean, square], g, numbers);
        let rest = times::<B>(weights.clone(), 1.0 - keep);
        let average = B::float_add(times::<B>(average, keep), rest);
        [weights, mean, square, average]
    })
}

/// A step with gradients that may be bad.
fn treated<B: Backend, const N: usize>(
    blocks: [FloatTensor<B>; N],
    gradient: FloatTensor<B>,
    verdict: FloatTensor<B>,
    bad: BadStep,
    step: impl FnOnce([FloatTensor<B>; N], FloatTensor<B>) -> [FloatTensor<B>; N],
) -> [FloatTensor<B>; N] {
    match bad {
        // Where nothing is bad this changes nothing.
        BadStep::Mend => step(blocks, mended::<B>(gradient)),
        BadStep::Keep => {
            let is_bad = is_bad::<B>(verdict, gradient.shape());
            let mut kept = blocks.clone().into_iter();
            step(blocks, gradient).map(|moved| match kept.next() {
                Some(kept) => B::float_mask_where(moved, is_bad.clone(), kept),
                None => moved,
            })
        }
    }
}

/// The step itself.
fn moved<B: Backend>(
    [weights, mean, square]: [FloatTensor<B>; 3],
    gradient: FloatTensor<B>,
    numbers: AdamNumbers,
) -> [FloatTensor<B>; 3] {
    let AdamNumbers { beta1, beta2, eps, rate, correction2, bad: _ } = numbers;
    let mean = B::float_add(times::<B>(mean, beta1), times::<B>(gradient.clone(), 1.0 - beta1));
    let squared = times::<B>(B::float_mul(gradient.clone(), gradient), 1.0 - beta2);
    let square = B::float_add(times::<B>(square, beta2), squared);
    let root = B::float_sqrt(B::float_div_scalar(square.clone(), Scalar::from(correction2)));
    let scale = B::float_add_scalar(root, Scalar::from(eps));
    let change = times::<B>(B::float_div(mean.clone(), scale), rate);
    [B::float_sub(weights, change), mean, square]
}

/// Whether the verdict is that the step is bad, as often as `shape` has elements.
fn is_bad<B: Backend>(verdict: FloatTensor<B>, shape: Shape) -> BoolTensor<B> {
    let dtype = get_or_init_device_settings::<B>(&verdict.device()).bool_dtype;
    let part = |which: usize| B::float_slice(verdict.clone(), &[Slice::from(which..which + 1)]);
    let counted = B::float_greater_elem(part(1), Scalar::from(0.0f32), dtype);
    B::bool_expand(B::bool_or(not_finite::<B>(part(0)), counted), shape)
}

/// The gradients with NaN as 0 and infinity as ±1e5.
fn mended<B: Backend>(gradient: FloatTensor<B>) -> FloatTensor<B> {
    let dtype = get_or_init_device_settings::<B>(&gradient.device()).bool_dtype;
    let nan = B::float_is_nan(gradient.clone(), dtype);
    let infinite = B::float_is_inf(gradient.clone(), dtype);
    let positive = B::float_greater_elem(gradient.clone(), Scalar::from(0.0f32), dtype);
    let above = B::bool_and(infinite.clone(), positive);
    let gradient = B::float_mask_fill(gradient, nan, Scalar::from(0.0f32));
    let gradient = B::float_mask_fill(gradient, infinite, Scalar::from(-IN_PLACE_OF_INFINITY));
    B::float_mask_fill(gradient, above, Scalar::from(IN_PLACE_OF_INFINITY))
}

fn times<B: Backend>(tensor: FloatTensor<B>, number: f64) -> FloatTensor<B> {
    B::float_mul_scalar(tensor, Scalar::from(number))
}
