//! Losses between a student's image `y` and two denoised versions of its noisy self: `real` by the
//! teacher, `fake` by the student's own score. Both divide by each sample's mean |y - real|, kept off
//! zero, which is a constant to autodiff.
//!
//! A sample is one reduction of all its sums at once, and the backward pass one more that gives every
//! gradient at once.

mod backends;
mod backward;
mod composed;
#[cfg(test)]
mod tests;

use burn::backend::tensor::FloatTensor;
use burn::backend::{Backend, Dispatch, backend_extension};
use burn::tensor::Tensor;

use super::{assert_same_shape, at_least_single};

pub use composed::{distribution_matching_composed, sid_generator_loss_composed};

/// The normaliser is never less than this (`normaliser.wgsl` has it too).
pub const NORMALISER_FLOOR: f32 = 1e-5;

/// SiD's generator loss of each sample, `[batch]`, for images of one shape `[batch, channels, height,
/// width]`: with w = max(mean |y - real|, 1e-5),
/// `loss[i] = sum_k (real - fake) ((real - y) - alpha (real - fake)) / w[i]`.
///
/// Gradients reach all three images. A sample with a NaN or an infinity in any of them is left out: its
/// loss and gradients are 0. (The published code leaves out NaN alone; an infinity would become one in
/// the gradients, and spoil the whole batch.) Half precision is calculated, and the loss given, in
/// single precision.
///
/// # Panics
/// If the shapes do not match.
pub fn sid_generator_loss(y: Tensor<4>, real: Tensor<4>, fake: Tensor<4>, alpha: f64) -> Tensor<1> {
    assert_same_shape("sid_generator_loss", &y, &real);
    assert_same_shape("sid_generator_loss", &y, &fake);
    let [y, real, fake] = [y, real, fake].map(|images| at_least_single(images).into_dispatch());
    let (loss, _factor) = <Dispatch as ScoreLossOps>::sid_generator_loss(y, real, fake, alpha);
    Tensor::from_dispatch(loss)
}

/// Distribution matching of each sample, `[batch]`: `loss[i] = sum_k (fake - real) y / w[i]`, for images
/// and with w as in [`sid_generator_loss`].
///
/// The gradient reaches `y` alone, where it is `(fake - real) / w`. A sample with a NaN or an infinity in
/// `y` or `real`, and an element of `fake` that is one, are left out: loss and gradient are 0.
///
/// # Panics
/// If the shapes do not match.
pub fn distribution_matching(y: Tensor<4>, real: Tensor<4>, fake: Tensor<4>) -> Tensor<1> {
    assert_same_shape("distribution_matching", &y, &real);
    assert_same_shape("distribution_matching", &y, &fake);
    let [y, real, fake] = [y, real, fake].map(|images| at_least_single(images).into_dispatch());
    let (loss, _factor) = <Dispatch as ScoreLossOps>::distribution_matching(y, real, fake);
    Tensor::from_dispatch(loss)
}

/// The losses and their slopes as operations of a backend; without a kernel they are composed.
///
/// A loss comes with the factor of each sample, 1 / w or 0 for one that is left out, a constant to
/// autodiff. Slopes take `scale`, the factor times the loss's gradient. All of these are `[batch]`.
#[backend_extension(Cube, Flex, Autodiff, Fusion: cfg(feature = "fusion"))]
pub trait ScoreLossOps: Backend {
    /// Loss and factor of [`sid_generator_loss`].
    #[fusion(meta = |y, _real, _fake, _alpha| (per_sample(y), per_sample(y)))]
    fn sid_generator_loss(
        y: FloatTensor<Self>,
        real: FloatTensor<Self>,
        fake: FloatTensor<Self>,
        alpha: f64,
    ) -> (FloatTensor<Self>, FloatTensor<Self>) {
        composed::sid_generator::<Self>(y, real, fake, alpha)
    }

    /// Gradients in `y`, `real` and `fake`.
    #[fusion(meta = |y, real, fake, _scale, _alpha| (y.clone(), real.clone(), fake.clone()))]
    fn sid_generator_slopes(
        y: FloatTensor<Self>,
        real: FloatTensor<Self>,
        fake: FloatTensor<Self>,
        scale: FloatTensor<Self>,
        alpha: f64,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>) {
        composed::sid_generator_slopes::<Self>(y, real, fake, scale, alpha)
    }

    /// Loss and factor of [`distribution_matching`].
    #[fusion(meta = |y, _real, _fake| (per_sample(y), per_sample(y)))]
    fn distribution_matching(
        y: FloatTensor<Self>,
        real: FloatTensor<Self>,
        fake: FloatTensor<Self>,
    ) -> (FloatTensor<Self>, FloatTensor<Self>) {
        composed::matching::<Self>(y, real, fake)
    }

    /// Gradient in `y`.
    #[fusion(dtype = real, shape = real)]
    fn distribution_matching_slope(
        real: FloatTensor<Self>,
        fake: FloatTensor<Self>,
        scale: FloatTensor<Self>,
    ) -> FloatTensor<Self> {
        composed::matching_slope::<Self>(real, fake, scale)
    }
}

#[cfg(feature = "fusion")]
fn per_sample(
    images: &burn::backend::fusion::custom::TensorSpec,
) -> burn::backend::fusion::custom::TensorSpec {
    let shape = burn::backend::Shape::new([images.shape[0]]);
    burn::backend::fusion::custom::TensorSpec::new(shape, images.dtype)
}
