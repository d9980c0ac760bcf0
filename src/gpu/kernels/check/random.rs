//! A device's random numbers and masks against the host's.

use burn::tensor::{Device, Tensor};

use super::super::{Distribution, Draw, Mask, drawn_images, dropout};
use super::{Arrival, Errors, SEED, floats, upload, wide};
use crate::gpu::compare::{max_relative_error, worse};
use crate::random::{Random, Stream};

/// Two steps in a row that need more than 32 bits.
const STEPS: [u64; 2] = [(5 << 32) | 0xffff_ffff, 6 << 32];
const FIRST: u32 = 3;
const KEEP: f64 = 0.87;

/// Largest error of normals x in units of 1 + |x|; infinite if a device makes them from other integers, as its
/// uniforms tell.
pub fn normals(device: &Device, shape: [usize; 4], _arrival: Arrival) -> Errors {
    let random = Random::new(SEED, Stream::SelfTest);
    let samples = shape[0];
    let per_sample: usize = shape[1..].iter().product();
    let of_step = |step: u64| {
        let drawn = |of| floats(drawn_images(Draw { random, step, first: FIRST }, of, shape, device));
        let uniforms = random.uniform_batch(step, FIRST, samples, per_sample);
        let normals = random.normal_batch(step, FIRST, samples, per_sample);
        let got = drawn(Distribution::Normal);
        if drawn(Distribution::Uniform) != uniforms || got.len() != normals.len() {
            return f64::INFINITY;
        }
        let error = |got: f32, x: f32| f64::from(got - x).abs() / (1.0 + f64::from(x).abs());
        got.into_iter().zip(normals).fold(0.0, |most, (got, x)| worse(most, error(got, x)))
    };
    Errors { value: STEPS.map(of_step).into_iter().fold(0.0, worse), gradient: 0.0 }
}

/// Errors of dropout on images of this shape, which are the second and later ones of a batch; infinite unless a
/// part of them gets its part of the mask.
pub fn masks(device: &Device, shape: [usize; 4], arrival: Arrival) -> Errors {
    let random = Random::new(SEED, Stream::SelfTest);
    let per_sample: usize = shape[1..].iter().product();
    let len = shape[0] * per_sample;
    let mask = Mask { random, step: STEPS[0], number: 2, first: per_sample, keep: KEEP };
    let (x, upstream) = (random.normals(0, 0, len), random.normals(1, 0, len));

    let device = device.clone().autodiff();
    let leaf = upload(&x, &device).reshape(shape).require_grad();
    let y = dropout(arrive(arrival, leaf.clone()), mask);
    let got = floats(y.clone());
    let gradients = (y * upload(&upstream, &device).reshape(shape)).sum().backward();
    // A gradient that is missing is empty here, and an infinite error below.
    let slope = leaf.grad(&gradients).map(floats).unwrap_or_default();

    let rest = Mask { first: mask.first + per_sample, ..mask };
    if shape[0] > 1 && floats(dropout(leaf.narrow(0, 1, shape[0] - 1), rest)) != got[per_sample..] {
        return Errors { value: f64::INFINITY, gradient: f64::INFINITY };
    }
    let uniforms = random.uniforms_from(mask.step, mask.number, mask.first, len);
    let factors: Vec<f64> =
        uniforms.into_iter().map(|u| if f64::from(u) < KEEP { 1.0 / KEEP } else { 0.0 }).collect();
    let times = |values: &[f32]| -> Vec<f64> {
        wide(values).into_iter().zip(&factors).map(|(value, factor)| value * factor).collect()
    };
    Errors {
        value: max_relative_error(&got, &times(&x)),
        gradient: max_relative_error(&slope, &times(&upstream)),
    }
}

/// The same numbers, on the way that `arrival` says; every step is exact in f32.
pub(super) fn arrive(arrival: Arrival, x: Tensor<4>) -> Tensor<4> {
    match arrival {
        Arrival::Plain => x,
        Arrival::Derived => (x.permute([0, 2, 3, 1]) * 0.5).permute([0, 3, 1, 2]) * 2.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cpu_has_the_hosts_numbers() {
        for shape in [[1, 1, 1, 1], [5, 3, 9, 7], [2, 3, 64, 128]] {
            assert_eq!(normals(&Device::flex(), shape, Arrival::Plain).value, 0.0);
            for arrival in [Arrival::Plain, Arrival::Derived] {
                let errors = masks(&Device::flex(), shape, arrival);
                assert!(errors.value <= 2e-7 && errors.gradient <= 2e-7, "{shape:?} {arrival:?}: {errors:?}");
            }
        }
    }
}
