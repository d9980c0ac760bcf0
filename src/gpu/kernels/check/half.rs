//! What only images in half precision are compared for; the kernels that have twins are compared as in single precision.

use burn::tensor::{Device, FloatDType, Tensor};

use super::super::{Activation, Mask, dropout, group_norm, scaled_sum};
use super::twins::beside_the_cpu;
use super::{Errors, SEED, floats, upload};
use crate::random::{Random, Stream};

/// Sums in another order round to another neighbour now and then: one part in 2^11, twice where results meet.
pub const TOLERANCE: f64 = 2e-3;

/// Errors of the norm with its activation, and of dropout behind it.
pub fn norms(device: &Device) -> Errors {
    let shape: [usize; 4] = [3, 6, 5, 7];
    let mask = Mask { random: Random::new(SEED, Stream::SelfTest), step: 9, number: 1, first: 3, keep: 0.75 };
    beside_the_cpu(device, [shape.iter().product(), shape[1], shape[1]], |[x, weight, bias]| {
        let y = group_norm(half(x.reshape(shape)), weight + 1.0, bias, 2, 1e-5, Activation::Silu);
        flat(dropout(y, mask))
    })
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
        for measure in [norms, overflow] {
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
