//! The group norm from burn's own operations: the reference of the tests, and what runs where no
//! kernel of ours does.

use burn::backend::tensor::FloatTensor;
use burn::backend::{Backend, Scalar, Shape, TensorMetadata};
use burn::tensor::Tensor;
use burn::tensor::activation::silu;

use super::super::composed::{cast, in_wide, widened};
use super::{Activation, Norm};

/// The same values as [`super::group_norm`]: what the kernel is measured against.
pub fn group_norm_composed(
    x: Tensor<4>,
    weight: Tensor<1>,
    bias: Tensor<1>,
    groups: usize,
    eps: f32,
    activation: Activation,
) -> Tensor<4> {
    let [batch, channels, height, width] = x.dims();
    let x = x.reshape([batch, groups, channels / groups * height * width]);
    let x = x.clone() - x.mean_dim(2);
    let variance = (x.clone() * x.clone()).mean_dim(2);
    let x = (x / (variance + eps).sqrt()).reshape([batch, channels, height, width]);
    let per_channel = [1, channels, 1, 1];
    let z = x * weight.reshape(per_channel) + bias.reshape(per_channel);
    match activation {
        Activation::None => z,
        Activation::Silu => silu(z),
    }
}

/// `[batch, channels, height, width]` as `[batch, groups, values]`.
fn rows<B: Backend>(images: FloatTensor<B>, groups: usize) -> FloatTensor<B> {
    let shape = images.shape();
    let values = shape.num_elements() / (shape[0] * groups).max(1);
    B::float_reshape(images, Shape::new([shape[0], groups, values]))
}

/// `[channels]` as `[1, channels, 1, 1]`, which spreads over images.
fn over_pixels<B: Backend>(numbers: FloatTensor<B>) -> FloatTensor<B> {
    let channels = numbers.shape()[0];
    B::float_reshape(numbers, Shape::new([1, channels, 1, 1]))
}

/// Values of mean 0 and variance 1, in the shape of `x`; mean and 1 / deviation, `[batch, groups, 1]`.
fn standardise<B: Backend>(
    x: FloatTensor<B>,
    norm: Norm,
) -> (FloatTensor<B>, FloatTensor<B>, FloatTensor<B>) {
    let shape = x.shape();
    let x = rows::<B>(x, norm.groups);
    let mean = B::float_mean_dim(x.clone(), 2);
    let x = B::float_sub(x, mean.clone());
    let variance = B::float_mean_dim(B::float_mul(x.clone(), x.clone()), 2);
    let deviation = B::float_sqrt(B::float_add_scalar(variance, Scalar::from(norm.eps)));
    let factor = B::float_recip(deviation);
    (B::float_reshape(B::float_mul(x, factor.clone()), shape), mean, factor)
}

fn affine<B: Backend>(x: FloatTensor<B>, weight: FloatTensor<B>, bias: FloatTensor<B>) -> FloatTensor<B> {
    B::float_add(B::float_mul(x, over_pixels::<B>(weight)), over_pixels::<B>(bias))
}

/// Body of [`super::GroupNormOps::group_norm`].
pub fn norm<B: Backend>(
    x: FloatTensor<B>,
    weight: FloatTensor<B>,
    bias: FloatTensor<B>,
    norm: Norm,
) -> (FloatTensor<B>, FloatTensor<B>) {
    let dtype = x.dtype();
    let (x, mean, factor) = standardise::<B>(widened::<B>(x), norm);
    let z = affine::<B>(x, weight, bias);
    let y = match norm.activation {
        Activation::None => z,
        Activation::Silu => B::float_mul(z.clone(), B::sigmoid(z)),
    };
    let y = cast::<B>(y, dtype);
    (y, B::float_cat(vec![mean, factor], 2))
}

/// Body of [`super::GroupNormOps::group_norm_slope`]; the equations stand in `rows::backward`.
pub fn slope<B: Backend>(
    x: FloatTensor<B>,
    weight: FloatTensor<B>,
    bias: FloatTensor<B>,
    gradient: FloatTensor<B>,
    norm: Norm,
) -> FloatTensor<B> {
    let (shape, gradient) = (x.shape(), widened::<B>(gradient));
    in_wide::<B>(x, |x| {
        let (x, factor, gradient) = before_activation::<B>(x, weight.clone(), bias, gradient, norm);
        let gradient = rows::<B>(B::float_mul(gradient, over_pixels::<B>(weight)), norm.groups);
        let x = rows::<B>(x, norm.groups);
        let along = B::float_mean_dim(B::float_mul(gradient.clone(), x.clone()), 2);
        let across = B::float_sub(gradient.clone(), B::float_mean_dim(gradient, 2));
        let slope = B::float_mul(B::float_sub(across, B::float_mul(x, along)), factor);
        B::float_reshape(slope, shape)
    })
}

/// Body of [`super::GroupNormOps::group_norm_slopes_affine`].
pub fn slopes_affine<B: Backend>(
    x: FloatTensor<B>,
    weight: FloatTensor<B>,
    bias: FloatTensor<B>,
    gradient: FloatTensor<B>,
    norm: Norm,
) -> (FloatTensor<B>, FloatTensor<B>) {
    let [x, gradient] = [x, gradient].map(widened::<B>);
    let (x, _factor, gradient) = before_activation::<B>(x, weight, bias, gradient, norm);
    let bias_slope = sum_per_channel::<B>(gradient.clone());
    (sum_per_channel::<B>(B::float_mul(gradient, x)), bias_slope)
}

/// Values of mean 0 and variance 1 with their 1 / deviation, as from [`standardise`], and the gradient in what the
/// activation takes.
fn before_activation<B: Backend>(
    x: FloatTensor<B>,
    weight: FloatTensor<B>,
    bias: FloatTensor<B>,
    gradient: FloatTensor<B>,
    norm: Norm,
) -> (FloatTensor<B>, FloatTensor<B>, FloatTensor<B>) {
    let (x, _mean, factor) = standardise::<B>(x, norm);
    let gradient = match norm.activation {
        Activation::None => gradient,
        Activation::Silu => {
            let z = affine::<B>(x.clone(), weight, bias);
            B::float_mul(gradient, silu_slope::<B>(z))
        }
    };
    (x, factor, gradient)
}

/// s (1 + z (1 - s)) with s = sigmoid(z).
fn silu_slope<B: Backend>(z: FloatTensor<B>) -> FloatTensor<B> {
    let one = || Scalar::from(1.0f32);
    let s = B::sigmoid(z.clone());
    let rest = B::float_add_scalar(B::float_neg(s.clone()), one());
    B::float_mul(s, B::float_add_scalar(B::float_mul(z, rest), one()))
}

/// `[batch, channels, height, width]` to `[channels]`.
fn sum_per_channel<B: Backend>(images: FloatTensor<B>) -> FloatTensor<B> {
    let shape = images.shape();
    let channels = shape[1];
    let per_sample = B::float_sum_dim(rows::<B>(images, channels), 2);
    B::float_reshape(B::float_sum_dim(per_sample, 0), Shape::new([channels]))
}
