//! Kernels beside their CPU twins, which are tested against double precision themselves. Images may be in half precision:
//! then the CPU calculates in single precision, and rounds where a kernel does.

use burn::tensor::{Device, FloatDType, Tensor};

use super::super::{attention, doubled, halved, joined, same_conv, scaled_sum, shifted};
use super::{Errors, SEED, floats, upload, wide};
use crate::gpu::compare::{max_relative_error, worse};
use crate::random::{Random, Stream};

/// Errors of a convolution whose sums are cut into slices, and of a linear layer as a convolution of single pixels.
pub fn convolutions(device: &Device, images: FloatDType) -> Errors {
    let several = convolution(device, images, [5, 3, 13, 11], 8, 3);
    both(several, convolution(device, images, [3, 33, 1, 1], 17, 1))
}

fn convolution(
    device: &Device,
    images: FloatDType,
    shape: [usize; 4],
    outputs: usize,
    side: usize,
) -> Errors {
    let weights = [outputs, shape[1], side, side];
    let lengths: [usize; 3] = [shape.iter().product(), weights.iter().product(), outputs];
    beside_the_cpu(device, lengths, |[x, weight, bias]| {
        let x = x.reshape(shape).cast(images);
        same_conv(x, weight.reshape(weights), bias).cast(FloatDType::F32).flatten(0, 3)
    })
}

/// Errors of attention over more pixels than a tile has rows.
pub fn attentions(device: &Device, images: FloatDType) -> Errors {
    let shape: [usize; 4] = [2, 20, 3, 70];
    let len: usize = shape.iter().product();
    beside_the_cpu(device, [len], |[qkv]| {
        attention(qkv.reshape(shape).cast(images)).cast(FloatDType::F32).flatten(0, 2)
    })
}

/// Errors where the ways of a block meet.
pub fn joints(device: &Device, images: FloatDType) -> Errors {
    let shape @ [batch, channels, ..]: [usize; 4] = [3, 23, 3, 5];
    let image: usize = shape.iter().product();
    beside_the_cpu(device, [image, image, batch * channels], |[a, b, shift]| {
        let [a, b] = [a, b].map(|flat| flat.reshape(shape).cast(images));
        let sum = scaled_sum(a, b.clone(), 0.3);
        let shifted = shifted(sum, shift.reshape([batch, channels]));
        joined(shifted, b).cast(FloatDType::F32).flatten(0, 3)
    })
}

/// Errors of images of half the side, and of double the side.
pub fn pairs(device: &Device, images: FloatDType) -> Errors {
    let shape: [usize; 4] = [2, 3, 6, 10];
    let resized = |way: fn(Tensor<4>, f64) -> Tensor<4>| {
        beside_the_cpu(device, [shape.iter().product()], |[x]| {
            way(x.reshape(shape).cast(images), 0.3).cast(FloatDType::F32).flatten(0, 3)
        })
    };
    both(resized(halved), resized(doubled))
}

/// Errors of what `work` makes of flat leaves of these lengths, and of the gradients in them, each beside the CPU's.
pub(super) fn beside_the_cpu<const N: usize>(
    device: &Device,
    lengths: [usize; N],
    work: impl Fn([Tensor<1>; N]) -> Tensor<1>,
) -> Errors {
    let random = Random::new(SEED, Stream::SelfTest);
    let run = |device: &Device| {
        let device = device.clone().autodiff();
        let normals = |number: usize, len: usize| upload(&random.normals(number as u64, 0, len), &device);
        let leaves: [Tensor<1>; N] = std::array::from_fn(|i| normals(i, lengths[i]).require_grad());
        let y = work(leaves.clone());
        let values = floats(y.clone());
        let upstream = normals(N, values.len());
        let gradients = (y * upstream).sum().backward();
        // A gradient that is missing is empty here, and an infinite error below.
        let slopes = leaves.map(|leaf| leaf.grad(&gradients).map(floats).unwrap_or_default());
        (values, slopes)
    };
    let ((values, slopes), (exact, exact_slopes)) = (run(device), run(&Device::flex()));
    let error = |got: &[f32], exact: &[f32]| max_relative_error(got, &wide(exact));
    let of_slopes = slopes.iter().zip(&exact_slopes).map(|(got, exact)| error(got, exact));
    Errors { value: error(&values, &exact), gradient: of_slopes.fold(0.0, worse) }
}

fn both(a: Errors, b: Errors) -> Errors {
    Errors { value: worse(a.value, b.value), gradient: worse(a.gradient, b.gradient) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cpu_agrees_with_itself() {
        for images in [FloatDType::F32, FloatDType::F16] {
            for measure in [convolutions, attentions, joints, pairs] {
                assert_eq!(measure(&Device::flex(), images), Errors { value: 0.0, gradient: 0.0 });
            }
        }
    }

    #[test]
    fn a_missing_gradient_is_no_small_error() {
        let errors = beside_the_cpu(&Device::flex(), [4, 4], |[a, _]| a * 2.0);
        assert_eq!((errors.value, errors.gradient), (0.0, f64::INFINITY));
    }
}
