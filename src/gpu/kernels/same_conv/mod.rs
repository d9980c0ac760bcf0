//! A convolution that keeps the image's size: a product of its weights with stretches of images, forward and backward,
//! on a GPU in tiles (`gpu`), on a CPU straight (`direct`) or on transformed tiles (`winograd`). Nothing is unfolded,
//! and nothing is copied into channels-last order.

mod backends;
mod backward;
mod cost;
mod direct;
mod gpu;
mod padded;
mod sizes;
#[cfg(test)]
mod tests;
mod weights;
mod winograd;

use burn::backend::tensor::FloatTensor;
use burn::backend::{Backend, Dispatch, Shape, TensorMetadata, backend_extension};
use burn::tensor::Tensor;
use burn::tensor::ops::{ConvOptions, ConvTransposeOptions};

use super::composed::{in_wide, widened};

/// `x`: `[batch, inputs, height, width]`, `weight`: `[outputs, inputs, rows, columns]` with odd numbers of
/// both, `bias`: `[outputs]`; stride 1, zeros around the image, gives `[batch, outputs, height, width]`.
///
/// The images may be in half precision, and the result is what they are; weights and bias are in single precision.
/// Gradients reach all three.
///
/// # Panics
/// If the shapes do not match.
pub fn same_conv(x: Tensor<4>, weight: Tensor<4>, bias: Tensor<1>) -> Tensor<4> {
    let [outputs, inputs, rows, columns] = weight.dims();
    assert!(rows % 2 == 1 && columns % 2 == 1, "same_conv: a {rows}×{columns} kernel has no centre");
    assert_eq!((x.dims()[1], bias.dims()[0]), (inputs, outputs), "same_conv: channels of x, of the bias");
    Tensor::from_dispatch(<Dispatch as SameConvOps>::same_conv(
        x.into_dispatch(),
        weight.into_dispatch(),
        bias.into_dispatch(),
    ))
}

/// The convolution and its slopes as operations of a backend; without a twin they are burn's own.
#[backend_extension(Cube, Flex, Autodiff, Fusion: cfg(feature = "fusion"))]
pub trait SameConvOps: Backend {
    #[fusion(dtype = x, shape = Shape::new([x[0], weight[0], x[2], x[3]]))]
    fn same_conv(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
    ) -> FloatTensor<Self> {
        forward::<Self>(x, weight, bias)
    }

    /// Gradient in `x` from that in the result.
    #[fusion(dtype = gradient, shape = Shape::new([gradient[0], weight[1], gradient[2], gradient[3]]))]
    fn same_conv_slope(weight: FloatTensor<Self>, gradient: FloatTensor<Self>) -> FloatTensor<Self> {
        slope::<Self>(weight, gradient)
    }

    /// Gradients in `weight` and `bias` from that in the result.
    #[fusion(meta = |_x, weight, bias, _gradient| (weight.clone(), bias.clone()))]
    fn same_conv_slopes_affine(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
    ) -> (FloatTensor<Self>, FloatTensor<Self>) {
        slopes_affine::<Self>(x, weight, bias, gradient)
    }
}

fn padding<B: Backend>(weight: &FloatTensor<B>) -> [usize; 2] {
    [2, 3].map(|axis| weight.shape()[axis] / 2)
}

fn options<B: Backend>(weight: &FloatTensor<B>) -> ConvOptions<2> {
    ConvOptions::new([1, 1], padding::<B>(weight), [1, 1], 1)
}

fn forward<B: Backend>(x: FloatTensor<B>, weight: FloatTensor<B>, bias: FloatTensor<B>) -> FloatTensor<B> {
    let options = options::<B>(&weight);
    in_wide::<B>(x, |x| B::conv2d(x, weight, Some(bias), options))
}

fn slope<B: Backend>(weight: FloatTensor<B>, gradient: FloatTensor<B>) -> FloatTensor<B> {
    let options = ConvTransposeOptions::new([1, 1], padding::<B>(&weight), [0, 0], [1, 1], 1);
    in_wide::<B>(gradient, |gradient| B::conv_transpose2d(gradient, weight, None, options))
}

fn slopes_affine<B: Backend>(
    x: FloatTensor<B>,
    weight: FloatTensor<B>,
    bias: FloatTensor<B>,
    gradient: FloatTensor<B>,
) -> (FloatTensor<B>, FloatTensor<B>) {
    let options = options::<B>(&weight);
    let [x, gradient] = [x, gradient].map(widened::<B>);
    let weight_slope = B::conv2d_weight_backward(x.clone(), weight, gradient.clone(), options);
    (weight_slope, B::conv2d_bias_backward(x, bias, gradient))
}
