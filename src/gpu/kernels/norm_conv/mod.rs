//! A convolution of normalised images, with dropout between, as one operation. One that learns needs these images in its
//! backward pass: they are normalised again there instead of being kept, which costs a pass of the norm and saves device
//! memory. There is no kernel: the operation is made of the three that it stands for.

mod backward;
#[cfg(test)]
mod tests;

use burn::backend::tensor::FloatTensor;
use burn::backend::wgpu::CubeBackend;
use burn::backend::{Dispatch, Flex, backend_extension};
use burn::tensor::Tensor;

use super::{DropoutOps, GroupNormOps, Mask, Norm, SameConvOps};

/// `same_conv(dropout(group_norm(x)))` in every bit, forward and backward. `x`: `[batch, inputs, height, width]`;
/// `norm_weight` and `norm_bias`: `[inputs]`; `weight`: `[outputs, inputs, rows, columns]` with odd numbers of both;
/// `bias`: `[outputs]`; gives `[batch, outputs, height, width]`. Without a `mask` nothing is dropped.
///
/// Gradients reach all five tensors.
///
/// # Panics
/// If the shapes do not match, or the norm's groups do not divide the channels.
pub fn norm_conv(
    x: Tensor<4>,
    [norm_weight, norm_bias]: [Tensor<1>; 2],
    norm: Norm,
    mask: Option<Mask>,
    weight: Tensor<4>,
    bias: Tensor<1>,
) -> Tensor<4> {
    let ([outputs, inputs, rows, columns], channels) = (weight.dims(), x.dims()[1]);
    assert!(rows % 2 == 1 && columns % 2 == 1, "norm_conv: a {rows}×{columns} kernel has no centre");
    assert!(
        norm.groups > 0 && channels.is_multiple_of(norm.groups),
        "norm_conv: {channels} channels in {} groups",
        norm.groups
    );
    assert_eq!(
        [inputs, norm_weight.dims()[0], norm_bias.dims()[0], bias.dims()[0]],
        [channels, channels, channels, outputs],
        "norm_conv: channels of the kernel, of the norm, of the bias"
    );
    Tensor::from_dispatch(<Dispatch as NormConvOps>::norm_conv(
        x.into_dispatch(),
        norm_weight.into_dispatch(),
        norm_bias.into_dispatch(),
        norm,
        mask,
        weight.into_dispatch(),
        bias.into_dispatch(),
    ))
}

/// The same as an operation of a backend.
#[backend_extension(Cube, Flex, Autodiff, Fusion: cfg(feature = "fusion"))]
pub trait NormConvOps: GroupNormOps + DropoutOps + SameConvOps {
    #[fusion(default)]
    fn norm_conv(
        x: FloatTensor<Self>,
        norm_weight: FloatTensor<Self>,
        norm_bias: FloatTensor<Self>,
        norm: Norm,
        mask: Option<Mask>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
    ) -> FloatTensor<Self> {
        let (images, _statistics) = normalised::<Self>(x, norm_weight, norm_bias, norm, mask);
        Self::same_conv(images, weight, bias)
    }
}

impl NormConvOps for CubeBackend {}

impl NormConvOps for Flex {}

/// What the convolution sees, and the norm's statistics.
fn normalised<B: NormConvOps>(
    x: FloatTensor<B>,
    weight: FloatTensor<B>,
    bias: FloatTensor<B>,
    norm: Norm,
    mask: Option<Mask>,
) -> (FloatTensor<B>, FloatTensor<B>) {
    let (y, statistics) = B::group_norm(x, weight, bias, norm);
    (dropped::<B>(y, mask), statistics)
}

/// Dropout, there and back: the gradient goes through the same mask.
fn dropped<B: NormConvOps>(images: FloatTensor<B>, mask: Option<Mask>) -> FloatTensor<B> {
    match mask {
        Some(mask) => B::dropout(images, mask),
        None => images,
    }
}
