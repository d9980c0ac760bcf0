//! The weighted denoising loss of each sample, in one pass over the images and one more backward.

use burn::backend::autodiff::Autodiff;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::tensor::FloatTensor;
use burn::backend::wgpu::CubeBackend;
use burn::backend::{Backend, Dispatch, Flex, Scalar, backend_extension};
use burn::tensor::Tensor;

use super::differentiable::{Slopes, opposite, record};
use super::shader::{DENOISE_LOSS, DENOISE_LOSS_BACKWARD};
use super::{assert_same_shape, at_least_single, composed, cpu, launch, sum_per_sample};

/// `loss[i] = weight[i] * sum_k (prediction[i, k] - target[i, k])^2`, shape `[batch]`, for images of
/// one shape `[batch, channels, height, width]` and weights `[batch]`.
///
/// Gradients reach `prediction` and `target`; `weight` is a constant. Half precision is calculated, and
/// the loss given, in single precision.
///
/// # Panics
/// If the shapes do not match.
pub fn weighted_squared_error(prediction: Tensor<4>, target: Tensor<4>, weight: Tensor<1>) -> Tensor<1> {
    assert_same_shape("weighted_squared_error", &prediction, &target);
    assert_eq!(prediction.dims()[0], weight.dims()[0], "weighted_squared_error: one weight per sample");
    Tensor::from_dispatch(<Dispatch as SquaredErrorOps>::squared_error(
        at_least_single(prediction).into_dispatch(),
        at_least_single(target).into_dispatch(),
        at_least_single(weight).into_dispatch(),
    ))
}

/// The same loss from burn's own operations: what the kernel is measured against.
pub fn weighted_squared_error_composed(
    prediction: Tensor<4>,
    target: Tensor<4>,
    weight: Tensor<1>,
) -> Tensor<1> {
    let residual = prediction - target;
    weight * sum_per_sample(residual.clone() * residual)
}

/// The loss and its slope as operations of a backend; without a kernel they are composed.
#[backend_extension(Cube, Flex, Autodiff, Fusion: cfg(feature = "fusion"))]
pub trait SquaredErrorOps: Backend {
    /// The loss, `[batch]`.
    #[fusion(dtype = prediction, shape = burn::backend::Shape::new([prediction[0]]))]
    fn squared_error(
        prediction: FloatTensor<Self>,
        target: FloatTensor<Self>,
        weight: FloatTensor<Self>,
    ) -> FloatTensor<Self> {
        composed_loss::<Self>(prediction, target, weight)
    }

    /// Gradient in `prediction` from the loss's `gradient`, `[batch]`; `target`'s is its negative.
    #[fusion(dtype = prediction, shape = prediction)]
    fn squared_error_slope(
        prediction: FloatTensor<Self>,
        target: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
    ) -> FloatTensor<Self> {
        composed_slope::<Self>(prediction, target, weight, gradient)
    }
}

fn composed_loss<B: Backend>(
    prediction: FloatTensor<B>,
    target: FloatTensor<B>,
    weight: FloatTensor<B>,
) -> FloatTensor<B> {
    let residual = B::float_sub(prediction, target);
    let squares = B::float_mul(residual.clone(), residual);
    B::float_mul(weight, composed::sum_per_sample::<B>(squares))
}

fn composed_slope<B: Backend>(
    prediction: FloatTensor<B>,
    target: FloatTensor<B>,
    weight: FloatTensor<B>,
    gradient: FloatTensor<B>,
) -> FloatTensor<B> {
    let scale = B::float_mul_scalar(B::float_mul(gradient, weight), Scalar::from(2.0f32));
    let scale = composed::over_pixels::<B>(scale);
    B::float_mul(B::float_sub(prediction, target), scale)
}

impl SquaredErrorOps for CubeBackend {
    fn squared_error(
        prediction: FloatTensor<Self>,
        target: FloatTensor<Self>,
        weight: FloatTensor<Self>,
    ) -> FloatTensor<Self> {
        if !launch::takes(&[&prediction, &target, &weight]) {
            return composed_loss::<Self>(prediction, target, weight);
        }
        let [loss] = launch::per_sample(&DENOISE_LOSS, vec![prediction, target, weight], 0.0);
        loss
    }

    fn squared_error_slope(
        prediction: FloatTensor<Self>,
        target: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
    ) -> FloatTensor<Self> {
        if !launch::takes(&[&prediction, &target, &weight, &gradient]) {
            return composed_slope::<Self>(prediction, target, weight, gradient);
        }
        let inputs = vec![prediction, target, weight, gradient];
        let [slope] = launch::per_element(&DENOISE_LOSS_BACKWARD, inputs, 0.0);
        slope
    }
}

impl SquaredErrorOps for Flex {
    fn squared_error(
        prediction: FloatTensor<Self>,
        target: FloatTensor<Self>,
        weight: FloatTensor<Self>,
    ) -> FloatTensor<Self> {
        if !cpu::takes(&[&prediction, &target, &weight]) {
            return composed_loss::<Self>(prediction, target, weight);
        }
        let _clock = cpu::clock("squared error", &prediction, 3, 2);
        let [prediction, target, weight] = [prediction, target, weight].map(cpu::contiguous);
        let images = cpu::Samples::of(&prediction);
        let [loss] = images.per_sample(|i| {
            let sum = cpu::squared_distance(images.get(&prediction, i), images.get(&target, i));
            [cpu::slice(&weight)[i] * sum]
        });
        loss
    }

    fn squared_error_slope(
        prediction: FloatTensor<Self>,
        target: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
    ) -> FloatTensor<Self> {
        if !cpu::takes(&[&prediction, &target, &weight, &gradient]) {
            return composed_slope::<Self>(prediction, target, weight, gradient);
        }
        let _clock = cpu::clock("squared error gradient", &prediction, 2, 3);
        let [prediction, target, weight, gradient] =
            [prediction, target, weight, gradient].map(cpu::contiguous);
        let images = cpu::Samples::of(&prediction);
        let [slope] = images.per_element(|i, [slope]| {
            let scale = 2.0 * cpu::slice(&gradient)[i] * cpu::slice(&weight)[i];
            cpu::scaled_difference(scale, images.get(&prediction, i), images.get(&target, i), slope);
        });
        slope
    }
}

#[derive(Clone, Debug)]
struct Kept<B: Backend> {
    prediction: FloatTensor<B>,
    target: FloatTensor<B>,
    weight: FloatTensor<B>,
}

impl<B: SquaredErrorOps> Slopes<B, 2> for Kept<B> {
    fn slopes(self, gradient: FloatTensor<B>, wanted: [bool; 2]) -> [Option<FloatTensor<B>>; 2] {
        let slope = B::squared_error_slope(self.prediction, self.target, self.weight, gradient);
        opposite::<B>(slope, wanted)
    }
}

impl<B: SquaredErrorOps, C: CheckpointStrategy> SquaredErrorOps for Autodiff<B, C> {
    fn squared_error(
        prediction: FloatTensor<Self>,
        target: FloatTensor<Self>,
        weight: FloatTensor<Self>,
    ) -> FloatTensor<Self> {
        let (prediction, prediction_node) = prediction.into_parts();
        let (target, target_node) = target.into_parts();
        let weight = weight.into_primitive();
        let loss = B::squared_error(prediction.clone(), target.clone(), weight.clone());
        let kept = Kept::<B> { prediction, target, weight };
        record::<B, C, _, 2>([prediction_node, target_node], loss, kept)
    }

    // The slope itself stays differentiable, composed: autodiff's default body above.
}
