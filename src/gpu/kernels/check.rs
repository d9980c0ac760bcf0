//! Our kernels against the same formula in f64, and their gradients against central differences; some against their
//! CPU twins.

pub mod adam;
pub mod finite_norm;
pub mod gather;
pub mod group_norm;
pub mod half;
pub mod moved;
pub mod norm_conv;
pub mod random;
pub mod score_losses;
pub mod twins;
pub mod warp;

use burn::tensor::{Device, Tensor, TensorData};

use super::super::compare::{max_relative_error, worse};
use super::{pseudo_huber, weighted_squared_error};
use crate::random::{Random, Stream};

/// Largest errors, each relative to the largest exact value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Errors {
    pub value: f64,
    pub gradient: f64,
}

/// How the images reach an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arrival {
    /// As uploaded.
    Plain,
    /// From operations that fuse, permuted in memory, and (the weights) from the middle of a buffer.
    Derived,
}

/// Offset of the pseudo-Huber distance in the checks.
pub const HUBER_C: f32 = 0.3;

/// Half the width of a central difference: its own error is about 1e-8 of the gradient in f64.
const STEP: f64 = 1e-4;

/// Most elements whose gradient is compared; of longer tensors, evenly spread ones.
const MAX_COMPARED: usize = 1024;

/// Seed of the inputs.
const SEED: u32 = 0;

/// Errors of [`weighted_squared_error`] on images of this shape.
pub fn squared_error(device: &Device, shape: [usize; 4], arrival: Arrival) -> Errors {
    measure(device, shape, arrival, weighted_squared_error, exact_squared_error)
}

/// Errors of [`pseudo_huber`] on images of this shape, weighted afterwards.
pub fn pseudo_huber_distance(device: &Device, shape: [usize; 4], arrival: Arrival) -> Errors {
    let distance = |a, b, weight| weight * pseudo_huber(a, b, HUBER_C);
    measure(device, shape, arrival, distance, exact_pseudo_huber)
}

/// The squared error of one sample in f64.
pub fn exact_squared_error(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum()
}

/// The pseudo-Huber distance of one sample in f64, with [`HUBER_C`].
pub fn exact_pseudo_huber(a: &[f64], b: &[f64]) -> f64 {
    let c = f64::from(HUBER_C);
    ((exact_squared_error(a, b) + c * c).sqrt() - c) / (a.len() as f64).sqrt()
}

/// Errors of `operation(a, b, weight)`, which ought to be `weight[i] * exact(a_i, b_i)`, `[batch]`.
pub fn measure(
    device: &Device,
    shape: [usize; 4],
    arrival: Arrival,
    operation: impl Fn(Tensor<4>, Tensor<4>, Tensor<1>) -> Tensor<1>,
    exact: impl Fn(&[f64], &[f64]) -> f64,
) -> Errors {
    let length: usize = shape[1..].iter().product();
    let random = Random::new(SEED, Stream::SelfTest);
    let draw = |step: u64, length: usize| random.normal_batch(step, 0, shape[0], length);
    let (a, b, weight, upstream) = (draw(0, length), draw(1, length), draw(2, 1), draw(3, 1));

    let device = device.clone().autodiff();
    let leaves = [&a, &b].map(|values| upload(values, &device).reshape(shape).require_grad());
    let (seen, seen_weight) = arrive(arrival, &leaves, upload(&weight, &device));
    let [seen_a, seen_b] = seen;
    let values = operation(seen_a, seen_b, seen_weight);
    let got = floats(values.clone());
    let gradients = (values * upload(&upstream, &device)).sum().backward();
    // A gradient that is missing is empty here, and an infinite error below.
    let [got_a, got_b] = leaves.map(|leaf| leaf.grad(&gradients).map(floats).unwrap_or_default());

    let [a, b, weight, upstream] = [a, b, weight, upstream].map(|values| wide(&values));
    let row = |values: &[f64], sample: usize| values[sample * length..][..length].to_vec();
    let expected: Vec<f64> =
        (0..shape[0]).map(|sample| weight[sample] * exact(&row(&a, sample), &row(&b, sample))).collect();
    let compared: Vec<usize> = (0..a.len()).step_by(a.len().div_ceil(MAX_COMPARED)).collect();
    let central = |element: &usize, of_a: bool| {
        let (sample, k) = (element / length, element % length);
        let moved = |by: f64| {
            let (mut a, mut b) = (row(&a, sample), row(&b, sample));
            let image = if of_a { &mut a } else { &mut b };
            image[k] += by;
            exact(&a, &b)
        };
        upstream[sample] * weight[sample] * (moved(STEP) - moved(-STEP)) / (2.0 * STEP)
    };
    let slope_error = |got: &[f32], of_a: bool| {
        let got: Vec<f32> = compared.iter().filter_map(|element| got.get(*element).copied()).collect();
        let expected: Vec<f64> = compared.iter().map(|element| central(element, of_a)).collect();
        max_relative_error(&got, &expected)
    };
    Errors {
        value: max_relative_error(&got, &expected),
        gradient: worse(slope_error(&got_a, true), slope_error(&got_b, false)),
    }
}

/// The same numbers, on the way that `arrival` says; every step is exact in f32.
fn arrive(arrival: Arrival, leaves: &[Tensor<4>; 2], weight: Tensor<1>) -> ([Tensor<4>; 2], Tensor<1>) {
    let [a, b] = leaves.clone();
    if arrival == Arrival::Plain {
        return ([a, b], weight);
    }
    let a = a.clone() * 2.0 - a;
    let b = (b.permute([0, 2, 3, 1]) * 0.5).permute([0, 3, 1, 2]) * 2.0;
    let samples = weight.dims()[0];
    let padded = Tensor::cat(vec![weight.clone(), weight.clone(), weight], 0);
    ([a, b], padded.slice(samples..2 * samples))
}

fn upload(values: &[f32], device: &Device) -> Tensor<1> {
    Tensor::from_data(TensorData::new(values.to_vec(), [values.len()]), device)
}

/// The elements of a tensor, or NaNs if it cannot be read: an infinite or NaN error, never a small one.
fn floats<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().try_to_vec().unwrap_or_else(|_| vec![f32::NAN])
}

fn wide(values: &[f32]) -> Vec<f64> {
    values.iter().copied().map(f64::from).collect()
}

#[cfg(test)]
mod tests {
    use super::super::{pseudo_huber_composed, weighted_squared_error_composed};
    use super::*;
    use burn::tensor::FloatDType;

    /// One value, an odd row, odd everything, and enough for several threads (the rayon path).
    const SHAPES: [[usize; 4]; 5] =
        [[1, 1, 1, 1], [1, 1, 1, 17], [5, 3, 9, 7], [1, 3, 16, 16], [48, 3, 16, 16]];
    const TOLERANCE: f64 = 2e-6;

    fn assert_small(errors: Errors, what: &str) {
        assert!(errors.value <= TOLERANCE, "{what}: {errors:?}");
        assert!(errors.gradient <= TOLERANCE, "{what}: {errors:?}");
    }

    #[test]
    fn the_cpu_twins_agree_with_f64() {
        for shape in SHAPES {
            for arrival in [Arrival::Plain, Arrival::Derived] {
                let flex = Device::flex();
                assert_small(squared_error(&flex, shape, arrival), &format!("loss {shape:?} {arrival:?}"));
                let errors = pseudo_huber_distance(&flex, shape, arrival);
                assert_small(errors, &format!("huber {shape:?} {arrival:?}"));
            }
        }
    }

    #[test]
    fn the_compositions_agree_with_f64() {
        for shape in SHAPES {
            let (flex, plain) = (Device::flex(), Arrival::Plain);
            let errors = measure(&flex, shape, plain, weighted_squared_error_composed, exact_squared_error);
            assert_small(errors, &format!("loss {shape:?}"));
            let huber = |a, b, weight| weight * pseudo_huber_composed(a, b, HUBER_C);
            assert_small(
                measure(&flex, shape, plain, huber, exact_pseudo_huber),
                &format!("huber {shape:?}"),
            );
        }
    }

    /// Double precision has no kernel: the same call must still work, in double precision.
    #[test]
    fn double_precision_is_composed() {
        let image = upload(&[1.0, 2.0, 3.0, 4.0], &Device::flex()).reshape([1, 1, 2, 2]);
        let wide = |tensor: Tensor<4>| tensor.cast(FloatDType::F64);
        let weight = upload(&[0.5], &Device::flex()).cast(FloatDType::F64);
        let loss = weighted_squared_error(wide(image.clone()), wide(image.clone() * 2.0), weight);
        assert_eq!(loss.into_data().iter::<f64>().collect::<Vec<_>>(), [15.0]);
        let distance = pseudo_huber(wide(image.clone()), wide(image), 1.0);
        assert_eq!(distance.into_data().iter::<f64>().collect::<Vec<_>>(), [0.0]);
    }

    /// Ones added up in half precision never get past 2048.
    #[test]
    fn half_precision_is_summed_in_single_precision() {
        let flex = Device::flex();
        let image = |value: f32| upload(&[value; 4096], &flex).reshape([1, 1, 64, 64]).cast(FloatDType::F16);
        let weight = upload(&[1.0], &flex).cast(FloatDType::F16);
        assert_eq!(floats(weighted_squared_error(image(1.0), image(0.0), weight)), [4096.0]);
        assert_eq!(floats(pseudo_huber(image(3.0), image(0.0), 256.0)), [(320.0 - 256.0) / 64.0]);
    }

    /// A constant target must not be given a gradient, and the loss of constants has none.
    #[test]
    fn only_images_that_ask_get_gradients() {
        let flex = Device::flex();
        let image = |value: f32| upload(&[value; 8], &flex).reshape([2, 1, 2, 2]);
        let prediction = Tensor::from_inner(image(1.0)).require_grad();
        let weight = upload(&[1.0, 3.0], &flex);
        let loss = weighted_squared_error(
            prediction.clone(),
            Tensor::from_inner(image(0.5)),
            Tensor::from_inner(weight.clone()),
        );
        let gradients = loss.sum().backward();
        let slope = floats(prediction.grad(&gradients).expect("the prediction asked"));
        assert_eq!(slope, [1.0, 1.0, 1.0, 1.0, 3.0, 3.0, 3.0, 3.0]);
        assert_eq!(floats(weighted_squared_error(image(1.0), image(0.5), weight)), [1.0, 3.0]);
    }

    #[test]
    #[should_panic(expected = "one shape")]
    fn images_of_different_shapes_are_a_mistake() {
        let flex = Device::flex();
        let (a, b) = (Tensor::<4>::zeros([1, 1, 2, 2], &flex), Tensor::zeros([1, 1, 2, 3], &flex));
        weighted_squared_error(a, b, Tensor::zeros([1], &flex));
    }
}
