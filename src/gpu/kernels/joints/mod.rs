//! Where the ways of a residual block meet: two of them added and scaled, a shift of each channel, channels behind each
//! other. burn's own operations do the same in more passes, on one thread.

mod backward;
mod cube;
mod flex;
#[cfg(test)]
mod tests;

use burn::backend::tensor::FloatTensor;
use burn::backend::{Backend, Dispatch, Scalar, Shape, TensorMetadata, backend_extension};
use burn::tensor::Tensor;

use super::composed::{in_wide, widened};

/// `(a + b) · scale`, of images of one shape.
///
/// # Panics
/// If their shapes differ.
pub fn scaled_sum(a: Tensor<4>, b: Tensor<4>, scale: f64) -> Tensor<4> {
    super::assert_same_shape("scaled_sum", &a, &b);
    Tensor::from_dispatch(<Dispatch as JointOps>::scaled_sum(a.into_dispatch(), b.into_dispatch(), scale))
}

/// `x`: `[batch, channels, height, width]`, with one number of `shift`, `[batch, channels]`, added to each channel. `x` may
/// be in half precision, and the result is what it is; `shift` is in single precision.
///
/// # Panics
/// If the shapes do not match.
pub fn shifted(x: Tensor<4>, shift: Tensor<2>) -> Tensor<4> {
    let [batch, channels, ..] = x.dims();
    assert_eq!(shift.dims(), [batch, channels], "shifted: one number a channel");
    Tensor::from_dispatch(<Dispatch as JointOps>::shifted(x.into_dispatch(), shift.into_dispatch()))
}

/// The channels of `a`, then those of `b`.
///
/// # Panics
/// If they differ in more than their channels.
pub fn joined(a: Tensor<4>, b: Tensor<4>) -> Tensor<4> {
    let ([batch, _, height, width], [of_b, _, rows, columns]) = (a.dims(), b.dims());
    assert_eq!([batch, height, width], [of_b, rows, columns], "joined: images that differ");
    Tensor::from_dispatch(<Dispatch as JointOps>::joined(a.into_dispatch(), b.into_dispatch()))
}

/// The joints and their slopes as operations of a backend; without a kernel they are burn's own.
#[backend_extension(Cube, Flex, Autodiff, Fusion: cfg(feature = "fusion"))]
pub trait JointOps: Backend {
    #[fusion(dtype = a, shape = a)]
    fn scaled_sum(a: FloatTensor<Self>, b: FloatTensor<Self>, scale: f64) -> FloatTensor<Self> {
        composed_sum::<Self>(a, b, scale)
    }

    /// Gradient in either of both from that in [`scaled_sum`].
    #[fusion(dtype = gradient, shape = gradient)]
    fn scaled(gradient: FloatTensor<Self>, scale: f64) -> FloatTensor<Self> {
        composed_scaled::<Self>(gradient, scale)
    }

    #[fusion(dtype = x, shape = x)]
    fn shifted(x: FloatTensor<Self>, shift: FloatTensor<Self>) -> FloatTensor<Self> {
        composed_shifted::<Self>(x, shift)
    }

    /// Gradient in the shift from that in [`shifted`]: its sums over pixels, `[batch, channels]`.
    #[fusion(dtype = super::composed::wide(gradient), shape = Shape::new([gradient[0], gradient[1]]))]
    fn channel_sums(gradient: FloatTensor<Self>) -> FloatTensor<Self> {
        composed_sums::<Self>(gradient)
    }

    #[fusion(dtype = a, shape = Shape::new([a[0], a[1] + b[1], a[2], a[3]]))]
    fn joined(a: FloatTensor<Self>, b: FloatTensor<Self>) -> FloatTensor<Self> {
        composed_joined::<Self>(a, b)
    }

    /// The first so many channels, and the others: gradients from that in [`joined`].
    #[fusion(meta = |gradient, channels| part_specs(gradient, *channels))]
    fn parted(gradient: FloatTensor<Self>, channels: usize) -> (FloatTensor<Self>, FloatTensor<Self>) {
        composed_parted::<Self>(gradient, channels)
    }
}

#[cfg(feature = "fusion")]
fn part_specs(
    gradient: &burn::backend::fusion::custom::TensorSpec,
    channels: usize,
) -> (burn::backend::fusion::custom::TensorSpec, burn::backend::fusion::custom::TensorSpec) {
    let shape = &gradient.shape;
    let part = |channels: usize| {
        let shape = Shape::new([shape[0], channels, shape[2], shape[3]]);
        burn::backend::fusion::custom::TensorSpec::new(shape, gradient.dtype)
    };
    (part(channels), part(shape[1] - channels))
}

fn composed_sum<B: Backend>(a: FloatTensor<B>, b: FloatTensor<B>, scale: f64) -> FloatTensor<B> {
    composed_scaled::<B>(B::float_add(a, b), scale)
}

fn composed_scaled<B: Backend>(gradient: FloatTensor<B>, scale: f64) -> FloatTensor<B> {
    B::float_mul_scalar(gradient, Scalar::from(scale))
}

fn composed_shifted<B: Backend>(x: FloatTensor<B>, shift: FloatTensor<B>) -> FloatTensor<B> {
    let [batch, channels] = [0, 1].map(|axis| shift.shape()[axis]);
    in_wide::<B>(x, |x| B::float_add(x, B::float_reshape(shift, Shape::new([batch, channels, 1, 1]))))
}

fn composed_sums<B: Backend>(gradient: FloatTensor<B>) -> FloatTensor<B> {
    let shape = gradient.shape();
    let [batch, channels] = [0, 1].map(|axis| shape[axis]);
    let flat = B::float_reshape(widened::<B>(gradient), Shape::new([batch, channels, shape[2] * shape[3]]));
    B::float_reshape(B::float_sum_dim(flat, 2), Shape::new([batch, channels]))
}

fn composed_joined<B: Backend>(a: FloatTensor<B>, b: FloatTensor<B>) -> FloatTensor<B> {
    B::float_cat(vec![a, b], 1)
}

fn composed_parted<B: Backend>(
    gradient: FloatTensor<B>,
    channels: usize,
) -> (FloatTensor<B>, FloatTensor<B>) {
    let shape = gradient.shape();
    let part = |from: usize, to: usize, gradient| {
        let ranges = [0..shape[0], from..to, 0..shape[2], 0..shape[3]];
        B::float_slice(gradient, &ranges.map(Into::into))
    };
    (part(0, channels, gradient.clone()), part(channels, shape[1], gradient))
}
