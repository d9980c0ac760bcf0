//! The score losses from burn's own operations: the reference of the tests, and what runs where no
//! kernel of ours does.

use burn::backend::tensor::FloatTensor;
use burn::backend::{Backend, Scalar, TensorMetadata};
use burn::tensor::Tensor;

use super::super::composed::{finite_or_zero, over_pixels, sum_per_sample};
use super::NORMALISER_FLOOR;

/// The equation of [`super::sid_generator_loss`] and nothing else: what the kernel is measured against.
/// It leaves no sample out.
pub fn sid_generator_loss_composed(y: Tensor<4>, real: Tensor<4>, fake: Tensor<4>, alpha: f64) -> Tensor<1> {
    let normaliser = normaliser(y.clone(), real.clone());
    let gap = real.clone() - fake;
    super::super::sum_per_sample(gap.clone() * ((real - y) - gap * alpha)) / normaliser
}

/// The equation of [`super::distribution_matching`] and nothing else, as above.
pub fn distribution_matching_composed(y: Tensor<4>, real: Tensor<4>, fake: Tensor<4>) -> Tensor<1> {
    let normaliser = normaliser(y.clone(), real.clone());
    super::super::sum_per_sample((fake - real).detach() * y) / normaliser
}

/// `max(mean |y - real|, floor)` per sample, without gradient.
fn normaliser(y: Tensor<4>, real: Tensor<4>) -> Tensor<1> {
    let [_, channels, height, width] = y.dims();
    let distance = super::super::sum_per_sample((y - real).abs().detach());
    (distance / (channels * height * width) as f32).clamp_min(NORMALISER_FLOOR)
}

/// Body of [`super::ScoreLossOps::sid_generator_loss`].
pub fn sid_generator<B: Backend>(
    y: FloatTensor<B>,
    real: FloatTensor<B>,
    fake: FloatTensor<B>,
    alpha: f64,
) -> (FloatTensor<B>, FloatTensor<B>) {
    let (y, in_y) = finite_or_zero::<B>(y);
    let (real, in_real) = finite_or_zero::<B>(real);
    let (fake, in_fake) = finite_or_zero::<B>(fake);
    let gap = B::float_sub(real.clone(), fake);
    let pull = B::float_sub(real, y);
    let ahead = B::float_sub(pull.clone(), B::float_mul_scalar(gap.clone(), Scalar::from(alpha)));
    let not_finite = B::float_add(B::float_add(in_y, in_real), in_fake);
    let factor = factor::<B>(pull, not_finite);
    (B::float_mul(sum_per_sample::<B>(B::float_mul(gap, ahead)), factor.clone()), factor)
}

/// Body of [`super::ScoreLossOps::sid_generator_slopes`]; the equations stand in the shader.
pub fn sid_generator_slopes<B: Backend>(
    y: FloatTensor<B>,
    real: FloatTensor<B>,
    fake: FloatTensor<B>,
    scale: FloatTensor<B>,
    alpha: f64,
) -> (FloatTensor<B>, FloatTensor<B>, FloatTensor<B>) {
    // Where a number is not finite, the scale of its sample is 0.
    let [y, real, fake] = [y, real, fake].map(|images| finite_or_zero::<B>(images).0);
    let scale = over_pixels::<B>(scale);
    let gap = B::float_mul(B::float_sub(real.clone(), fake), scale.clone());
    let pull = B::float_mul(B::float_sub(real, y), scale);
    let times =
        |images: &FloatTensor<B>, number: f64| B::float_mul_scalar(images.clone(), Scalar::from(number));
    let real_slope = B::float_add(pull.clone(), times(&gap, 1.0 - 2.0 * alpha));
    let fake_slope = B::float_sub(times(&gap, 2.0 * alpha), pull);
    (B::float_neg(gap), real_slope, fake_slope)
}

/// Body of [`super::ScoreLossOps::distribution_matching`].
pub fn matching<B: Backend>(
    y: FloatTensor<B>,
    real: FloatTensor<B>,
    fake: FloatTensor<B>,
) -> (FloatTensor<B>, FloatTensor<B>) {
    let ahead = finite_or_zero::<B>(B::float_sub(fake, real.clone())).0;
    let (y, in_y) = finite_or_zero::<B>(y);
    let (real, in_real) = finite_or_zero::<B>(real);
    let factor = factor::<B>(B::float_sub(real, y.clone()), B::float_add(in_y, in_real));
    (B::float_mul(sum_per_sample::<B>(B::float_mul(ahead, y)), factor.clone()), factor)
}

/// Body of [`super::ScoreLossOps::distribution_matching_slope`].
pub fn matching_slope<B: Backend>(
    real: FloatTensor<B>,
    fake: FloatTensor<B>,
    scale: FloatTensor<B>,
) -> FloatTensor<B> {
    let ahead = finite_or_zero::<B>(B::float_sub(fake, real)).0;
    B::float_mul(ahead, over_pixels::<B>(scale))
}

/// 1 / normaliser of each sample, a constant to autodiff, or 0 where anything in it is `not_finite`.
fn factor<B: Backend>(difference: FloatTensor<B>, not_finite: FloatTensor<B>) -> FloatTensor<B> {
    let shape = difference.shape();
    let elements = (shape.num_elements() / shape[0].max(1)) as f32;
    let distance = sum_per_sample::<B>(B::float_abs(B::float_detach(difference)));
    let mean = B::float_div_scalar(distance, Scalar::from(elements));
    let factor = B::float_recip(B::float_clamp_min(mean, Scalar::from(NORMALISER_FLOOR)));
    // 1 - min(count, 1) is 1 for a whole sample and 0 for any other.
    let spoilt = B::float_clamp_max(sum_per_sample::<B>(not_finite), Scalar::from(1.0f32));
    let whole = B::float_add_scalar(B::float_neg(spoilt), Scalar::from(1.0f32));
    B::float_mul(factor, whole)
}
