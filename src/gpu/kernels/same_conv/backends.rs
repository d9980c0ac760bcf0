//! The convolution on burn's GPU tensors (see `gpu`) and on its CPU tensors (see `direct` and `winograd`).

use burn::backend::tensor::FloatTensor;
use burn::backend::wgpu::CubeBackend;
use burn::backend::{Flex, TensorMetadata};

use super::super::cpu::{self, contiguous, slice};
use super::super::launch;
use super::cost::{Part, timed};
use super::sizes::Sizes;
use super::{SameConvOps, forward, slope, slopes_affine};
use super::{direct, gpu, weights, winograd};
use crate::simd::Level;

impl SameConvOps for CubeBackend {
    fn same_conv(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
    ) -> FloatTensor<Self> {
        if !launch::takes_images(&[&x], &[&weight, &bias]) {
            return forward::<Self>(x, weight, bias);
        }
        let sizes = Sizes::of(&x.shape(), &weight.shape());
        let [x, weight, bias] = [x, weight, bias].map(launch::contiguous);
        gpu::forward(&sizes, &x, &weight, &bias)
    }

    fn same_conv_slope(weight: FloatTensor<Self>, gradient: FloatTensor<Self>) -> FloatTensor<Self> {
        if !launch::takes_images(&[&gradient], &[&weight]) {
            return slope::<Self>(weight, gradient);
        }
        let sizes = Sizes::of(&gradient.shape(), &weight.shape());
        let [weight, gradient] = [weight, gradient].map(launch::contiguous);
        gpu::slope(&sizes, &weight, &gradient)
    }

    fn same_conv_slopes_affine(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
    ) -> (FloatTensor<Self>, FloatTensor<Self>) {
        if !launch::takes_images(&[&x, &gradient], &[&weight]) {
            return slopes_affine::<Self>(x, weight, bias, gradient);
        }
        let sizes = Sizes::of(&x.shape(), &weight.shape());
        let [x, gradient] = [x, gradient].map(launch::contiguous);
        gpu::slopes_affine(&sizes, &x, &gradient)
    }
}

impl SameConvOps for Flex {
    fn same_conv(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
    ) -> FloatTensor<Self> {
        if !cpu::takes(&[&x, &weight, &bias]) {
            return forward::<Self>(x, weight, bias);
        }
        let _clock = timed(Part::Forward, &x.shape(), &weight.shape());
        let sizes = Sizes::of(&x.shape(), &weight.shape());
        let [x, weight, bias] = [x, weight, bias].map(contiguous);
        let forward = if winograd::pays(&sizes) { winograd::forward } else { direct::forward };
        let y = forward(Level::here(), &sizes, slice(&x), slice(&weight), slice(&bias));
        cpu::tensor(y, [sizes.batch, sizes.outputs, sizes.height, sizes.width])
    }

    fn same_conv_slope(weight: FloatTensor<Self>, gradient: FloatTensor<Self>) -> FloatTensor<Self> {
        if !cpu::takes(&[&weight, &gradient]) {
            return slope::<Self>(weight, gradient);
        }
        let mut images = gradient.shape();
        images[1] = weight.shape()[1];
        let _clock = timed(Part::Slope, &images, &weight.shape());
        let sizes = Sizes::of(&images, &weight.shape());
        let [weight, gradient] = [weight, gradient].map(contiguous);
        let slope = if winograd::pays(&sizes) { winograd::slope } else { direct::slope };
        let slope = slope(Level::here(), &sizes, slice(&weight), slice(&gradient));
        cpu::tensor(slope, images)
    }

    fn same_conv_slopes_affine(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
    ) -> (FloatTensor<Self>, FloatTensor<Self>) {
        if !cpu::takes(&[&x, &weight, &bias, &gradient]) {
            return slopes_affine::<Self>(x, weight, bias, gradient);
        }
        let _clock = timed(Part::SlopesAffine, &x.shape(), &weight.shape());
        let sizes = Sizes::of(&x.shape(), &weight.shape());
        let [x, gradient] = [x, gradient].map(contiguous);
        let (weight_slope, bias_slope) = weights::slopes(Level::here(), &sizes, slice(&x), slice(&gradient));
        (cpu::tensor(weight_slope, weight.shape()), cpu::tensor(bias_slope, [sizes.outputs]))
    }
}
