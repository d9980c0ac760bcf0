//! Kernels on images in half precision beside the CPU, which calculates in single precision and rounds where they do.

use burn::tensor::{Device, FloatDType, Tensor};

use super::super::{
    Activation, Mask, attention, doubled, dropout, group_norm, halved, joined, same_conv, scaled_sum, shifted,
};
use super::twins::{beside_the_cpu, both};
use super::{Errors, SEED, floats, upload};
use crate::random::{Random, Stream};

/// Sums in another order round to another neighbour now and then: one part in 2^11, twice where results meet.
pub const TOLERANCE: f64 = 2e-3;

/// Errors of a convolution whose sums are cut into slices, and of one of single pixels.
pub fn convolutions(device: &Device) -> Errors {
    let images = convolution(device, [5, 3, 13, 11], 8, 3);
    both(images, convolution(device, [3, 33, 1, 1], 17, 1))
}

fn convolution(device: &Device, shape: [usize; 4], outputs: usize, side: usize) -> Errors {
    let weights = [outputs, shape[1], side, side];
    let lengths: [usize; 3] = [shape.iter().product(), weights.iter().product(), outputs];
    beside_the_cpu(device, lengths, |[x, weight, bias]| {
        flat(same_conv(half(x.reshape(shape)), weight.reshape(weights), bias))
    })
}

/// Errors of the norm with its activation, and of dropout behind it.
pub fn norms(device: &Device) -> Errors {
    let shape: [usize; 4] = [3, 6, 5, 7];
    let mask = Mask { random: Random::new(SEED, Stream::SelfTest), step: 9, number: 1, first: 3, keep: 0.75 };
    beside_the_cpu(device, [shape.iter().product(), shape[1], shape[1]], |[x, weight, bias]| {
        let y = group_norm(half(x.reshape(shape)), weight + 1.0, bias, 2, 1e-5, Activation::Silu);
        flat(dropout(y, mask))
    })
}

/// Errors of attention over more pixels than a tile has rows.
pub fn attentions(device: &Device) -> Errors {
    let shape: [usize; 4] = [2, 20, 3, 70];
    let len: usize = shape.iter().product();
    beside_the_cpu(device, [len], |[qkv]| {
        attention(half(qkv.reshape(shape))).cast(FloatDType::F32).flatten(0, 2)
    })
}

/// Errors where the ways of a block meet.
pub fn joints(device: &Device) -> Errors {
    let shape @ [batch, channels, ..]: [usize; 4] = [3, 23, 3, 5];
    let image: usize = shape.iter().product();
    beside_the_cpu(device, [image, image, batch * channels], |[a, b, shift]| {
        let [a, b] = [a, b].map(|images| half(images.reshape(shape)));
        let sum = scaled_sum(a, b.clone(), 0.3);
        flat(joined(shifted(sum, shift.reshape([batch, channels])), b))
    })
}

/// Errors of images of half the side, and of double the side.
pub fn pairs(device: &Device) -> Errors {
    let shape: [usize; 4] = [2, 3, 6, 10];
    let image: usize = shape.iter().product();
    let down = beside_the_cpu(device, [image], |[x]| flat(halved(half(x.reshape(shape)), 0.3)));
    both(down, beside_the_cpu(device, [image], |[x]| flat(doubled(half(x.reshape(shape)), 0.3))))
}

/// An error where a sum that is too large for half precision does not come out as infinity: some would make the largest
/// finite number of it, and a loss scale that is too high would pass unseen.
pub fn overflow(device: &Device) -> Errors {
    let large = || half(upload(&[60_000.0, -60_000.0, 1.0], device).reshape([1, 1, 1, 3]));
    let is_right = match floats(flat(scaled_sum(large(), large(), 1.0)))[..] {
        [above, below, sum] => above == f32::INFINITY && below == f32::NEG_INFINITY && sum == 2.0,
        _ => false,
    };
    let error = if is_right { 0.0 } else { f64::INFINITY };
    Errors { value: error, gradient: 0.0 }
}

fn half(images: Tensor<4>) -> Tensor<4> {
    images.cast(FloatDType::F16)
}

fn flat(images: Tensor<4>) -> Tensor<1> {
    images.cast(FloatDType::F32).flatten(0, 3)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cpu_agrees_with_itself() {
        for measure in [convolutions, norms, attentions, joints, pairs, overflow] {
            assert_eq!(measure(&Device::flex()), Errors { value: 0.0, gradient: 0.0 });
        }
    }

    /// What is compared is rounded: 1 + 2^-12 is no number of half precision.
    #[test]
    fn images_are_rounded() {
        let x = upload(&[1.0 + 1.0 / 4096.0], &Device::flex()).reshape([1, 1, 1, 1]);
        assert_eq!(floats(flat(scaled_sum(half(x.clone()), half(x), 0.5))), [1.0]);
    }
}
