//! The CPU twin and the composition against f64, values and gradients.

use burn::tensor::{Device, FloatDType, Tensor, TensorData};

use super::super::check::group_norm::{Case, measure};
use super::super::check::{Arrival, Errors};
use super::{Activation, group_norm, group_norm_composed};

const TOLERANCE: f64 = 4e-6;

fn assert_small(errors: Errors, what: &str) {
    assert!(errors.value <= TOLERANCE && errors.gradient <= TOLERANCE, "{what}: {errors:?}");
}

/// One value a channel, odd sides, whole chunks, and enough for several threads.
fn cases() -> impl Iterator<Item = Case> {
    let shapes =
        [([1, 4, 1, 1], 1), ([2, 8, 3, 5], 1), ([2, 8, 3, 5], 2), ([3, 24, 16, 16], 6), ([8, 24, 16, 16], 6)];
    shapes.into_iter().flat_map(|(shape, groups)| {
        let activations = [Activation::None, Activation::Silu];
        activations.map(|activation| Case { shape, groups, activation })
    })
}

#[test]
fn the_cpu_twin_agrees_with_f64() {
    for case in cases() {
        for arrival in [Arrival::Plain, Arrival::Derived] {
            let errors = measure(&Device::flex(), case, arrival, group_norm);
            assert_small(errors, &format!("{case:?} {arrival:?}"));
        }
    }
}

#[test]
fn the_composition_agrees_with_f64() {
    for case in cases() {
        let errors = measure(&Device::flex(), case, Arrival::Plain, group_norm_composed);
        assert_small(errors, &format!("{case:?}"));
    }
}

/// Double precision has no kernel: forward and backward are composed, and agree with it.
#[test]
fn other_precisions_are_composed() {
    let device = Device::flex().autodiff();
    let run = |dtype: FloatDType| {
        let numbers = |length: usize| {
            let values: Vec<f32> = (0..length).map(|k| ((k * 7 + 3) % 11) as f32 / 5.0 - 1.0).collect();
            Tensor::<1>::from_data(TensorData::new(values, [length]), &device).cast(dtype)
        };
        let inputs =
            [numbers(2 * 8 * 9).require_grad(), numbers(8).require_grad(), numbers(8).require_grad()];
        let [x, weight, bias] = inputs.clone();
        let y = group_norm(x.reshape([2, 8, 3, 3]), weight, bias, 2, 1e-5, Activation::Silu);
        let gradients = (y.clone() * y.clone()).sum().backward();
        let mut all: Vec<f64> = y.into_data().iter::<f64>().collect();
        for input in inputs {
            all.extend(input.grad(&gradients).expect("it asked").into_data().iter::<f64>());
        }
        all
    };
    let (single, double) = (run(FloatDType::F32), run(FloatDType::F64));
    assert_eq!(double.len(), 2 * (2 * 8 * 9) + 8 + 8);
    let largest = double.iter().fold(0.0f64, |most, value| most.max(value.abs()));
    for (single, double) in single.iter().zip(&double) {
        assert!((single - double).abs() <= 2e-6 * largest, "{single} is not {double}");
    }
}

/// A frozen norm's slope comes without the others', and a learning norm's may come without that of its images.
#[test]
fn slopes_do_not_depend_on_what_else_is_asked_for() {
    let device = Device::flex().autodiff();
    let run = |dtype: FloatDType, asked: [bool; 3]| {
        let leaf = |step: usize, length: usize| {
            let values: Vec<f32> =
                (0..length).map(|k| ((k * 5 + step * 3 + 2) % 13) as f32 / 6.0 - 1.0).collect();
            let leaf = Tensor::<1>::from_data(TensorData::new(values, [length]), &device).cast(dtype);
            if asked[step] { leaf.require_grad() } else { leaf }
        };
        let leaves = [leaf(0, 3 * 8 * 15), leaf(1, 8), leaf(2, 8)];
        let [x, weight, bias] = leaves.clone();
        let y = group_norm(x.reshape([3, 8, 3, 5]), weight, bias, 2, 1e-5, Activation::Silu);
        let gradients = (y.clone() * y).sum().backward();
        leaves.map(|leaf| {
            leaf.grad(&gradients).map(|slope| slope.into_data().iter::<f64>().collect::<Vec<_>>())
        })
    };
    for dtype in [FloatDType::F32, FloatDType::F64] {
        let all = run(dtype, [true; 3]);
        for asked in [[true, false, false], [false, true, true], [true, false, true], [false, false, true]] {
            let expected: [Option<Vec<f64>>; 3] =
                std::array::from_fn(|input| all[input].clone().filter(|_| asked[input]));
            assert_eq!(run(dtype, asked), expected, "{dtype:?} {asked:?}");
        }
    }
}

/// A frozen norm passes gradients on to the images and keeps none for itself.
#[test]
fn only_inputs_that_ask_get_gradients() {
    let flex = Device::flex();
    let numbers =
        |length: usize| Tensor::<1>::from_data(TensorData::new(vec![1.0f32; length], [length]), &flex);
    let weight = Tensor::from_inner(numbers(4));
    let x = Tensor::from_inner(numbers(16).reshape([1, 4, 2, 2])).require_grad();
    let y = group_norm(x.clone(), weight.clone(), weight.clone(), 1, 1e-5, Activation::None);
    let gradients = y.sum().backward();
    assert!(weight.grad(&gradients).is_none());
    assert_eq!(x.grad(&gradients).expect("it asked").into_data().iter::<f32>().count(), 16);
}

/// A NaN must be seen by the guard of the training step, and stay within its own group.
#[test]
fn nan_stays_in_its_group() {
    let flex = Device::flex();
    let mut values = vec![0.5f32; 2 * 8 * 4];
    values[0] = f32::NAN;
    let x = Tensor::<1>::from_data(TensorData::new(values, [64]), &flex).reshape([2, 8, 2, 2]);
    let ones = Tensor::<1>::ones([8], &flex);
    let y = group_norm(x, ones.clone(), ones, 2, 1e-5, Activation::Silu);
    let y: Vec<f32> = y.into_data().iter::<f32>().collect();
    assert!(y[..16].iter().all(|value| value.is_nan()) && y[16..].iter().all(|value| value.is_finite()));
}

#[test]
#[should_panic(expected = "8 channels in 3 groups")]
fn groups_that_do_not_divide_the_channels_are_a_mistake() {
    let ones = Tensor::<1>::ones([8], &Device::flex());
    let x = Tensor::zeros([1, 8, 2, 2], &Device::flex());
    group_norm(x, ones.clone(), ones, 3, 1e-5, Activation::None);
}
