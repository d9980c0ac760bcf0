//! The CPU twins and the compositions against f64, and what is left out.

use std::time::Instant;

use burn::tensor::{Device, FloatDType, Tensor, TensorData};

use super::super::check::score_losses::{
    COMPOSED, MATCHING, SID, bits, measure, wrong_beside_numbers_that_are_not_finite,
};
use super::super::check::{Arrival, Errors};
use super::{
    distribution_matching, distribution_matching_composed, sid_generator_loss, sid_generator_loss_composed,
};

/// One value, an odd row, odd everything, and enough for several threads.
const SHAPES: [[usize; 4]; 5] = [[1, 1, 1, 1], [1, 1, 1, 17], [5, 3, 9, 7], [1, 3, 16, 16], [48, 3, 16, 16]];
const TOLERANCE: f64 = 4e-6;

fn assert_small(errors: Errors, what: &str) {
    assert!(errors.value <= TOLERANCE && errors.gradient <= TOLERANCE, "{what}: {errors:?}");
}

fn image(values: &[f32], device: &Device) -> Tensor<4> {
    Tensor::from_data(TensorData::new(values.to_vec(), [1, 1, 1, values.len()]), device)
}

fn numbers<const D: usize>(tensor: Tensor<D>) -> Vec<f64> {
    tensor.into_data().iter::<f64>().collect()
}

#[test]
fn the_cpu_twins_agree_with_f64() {
    for shape in SHAPES {
        for arrival in [Arrival::Plain, Arrival::Derived] {
            for loss in [SID, MATCHING] {
                assert_small(
                    measure(&Device::flex(), shape, arrival, &loss),
                    &format!("{loss:?} {shape:?} {arrival:?}"),
                );
            }
        }
    }
}

#[test]
fn the_compositions_agree_with_f64() {
    for shape in SHAPES {
        for loss in COMPOSED {
            assert_small(
                measure(&Device::flex(), shape, Arrival::Plain, &loss),
                &format!("{loss:?} {shape:?}"),
            );
        }
    }
}

#[test]
fn numbers_that_are_not_finite_are_left_out() {
    for loss in [SID, MATCHING] {
        assert_eq!(wrong_beside_numbers_that_are_not_finite(&Device::flex(), &loss), 0, "{loss:?}");
    }
    // The plain equations leave nothing out: the check sees a difference.
    for loss in COMPOSED {
        assert_ne!(wrong_beside_numbers_that_are_not_finite(&Device::flex(), &loss), 0, "{loss:?}");
    }
}

#[test]
fn the_same_bits_every_time() {
    for loss in [SID, MATCHING] {
        let run = || bits(&Device::flex(), [48, 3, 16, 16], &loss);
        assert_eq!(run(), run());
    }
}

/// Images that agree: the normaliser stays at its floor, and a constant loss has no slope of its own.
#[test]
fn the_normaliser_keeps_off_zero() {
    let device = Device::flex().autodiff();
    let y = image(&[0.5, -0.25], &device).require_grad();
    let fake = image(&[0.25, -0.25], &device);
    let loss = sid_generator_loss(y.clone(), y.clone().detach(), fake, 0.5);
    // gap = (0.25, 0), pull = 0: the loss is -0.5 · 0.25² / 1e-5.
    let value = numbers(loss.clone())[0];
    assert!((value / -3125.0 - 1.0).abs() < 1e-6, "{value}");
    let slope = numbers(y.grad(&loss.backward()).expect("y asked"));
    assert!((slope[0] / -25_000.0 - 1.0).abs() < 1e-6 && slope[1] == 0.0, "{slope:?}");
}

/// Double precision has no kernel: values, slopes and what is left out are composed, and agree.
#[test]
fn other_precisions_are_composed() {
    let device = Device::flex().autodiff();
    let run = |dtype: FloatDType, matching: bool| {
        let values = |seed: usize| -> Vec<f32> {
            (0..36).map(|k| ((k * 7 + seed * 5 + 3) % 23) as f32 / 8.0 - 1.0).collect()
        };
        let mut images = [values(0), values(1), values(2)];
        images[1][12] = f32::NAN;
        images[2][25] = f32::INFINITY;
        let leaves =
            images.map(|values| image(&values, &device).reshape([3, 3, 2, 2]).cast(dtype).require_grad());
        let [y, real, fake] = leaves.clone();
        let loss = match matching {
            true => distribution_matching(y, real, fake),
            false => sid_generator_loss(y, real, fake, 1.2),
        };
        let gradients = (loss.clone() * loss.clone()).sum().backward();
        let slopes = leaves.into_iter().filter_map(|leaf| leaf.grad(&gradients)).flat_map(numbers);
        numbers(loss).into_iter().chain(slopes).collect::<Vec<f64>>()
    };
    for matching in [true, false] {
        let single = run(FloatDType::F32, matching);
        let double = run(FloatDType::F64, matching);
        assert_eq!((double.len(), double[1]), (if matching { 39 } else { 111 }, 0.0));
        let largest = double.iter().fold(0.0f64, |most, value| most.max(value.abs()));
        assert_eq!(single.len(), double.len());
        for (single, double) in single.iter().zip(&double) {
            assert!((single - double).abs() <= 4e-6 * largest, "{single} is not {double}");
        }
    }
}

/// A frozen score gets no gradient, and the loss of constants has none.
#[test]
fn only_images_that_ask_get_gradients() {
    let device = Device::flex().autodiff();
    let [real, fake] = [[0.1, 0.4], [0.25, 0.1]].map(|values| image(&values, &device));
    let y = image(&[0.3, -0.2], &device).require_grad();
    let gradients = sid_generator_loss(y.clone(), real.clone(), fake.clone(), 1.0).backward();
    assert!(y.grad(&gradients).is_some() && real.grad(&gradients).is_none());
    let constant = sid_generator_loss(y.inner(), real.inner(), fake.inner(), 1.0);
    assert_eq!(constant.dims(), [1]);
}

#[test]
#[should_panic(expected = "one shape")]
fn images_of_different_shapes_are_a_mistake() {
    let flex = Device::flex();
    distribution_matching(image(&[0.0; 4], &flex), image(&[0.0; 4], &flex), image(&[0.0; 3], &flex));
}

/// Milliseconds of forward and backward, kernel and composition in turns (the best of each).
#[test]
#[ignore = "a measurement: cargo test --release --lib time_against -- --ignored --nocapture"]
fn time_against_the_compositions() {
    type Operation = fn([Tensor<4>; 3]) -> Tensor<1>;
    let pairs: [(&str, Operation, Operation); 2] = [
        (
            "SiD generator loss",
            |[y, real, fake]| sid_generator_loss(y, real, fake, 1.2),
            |[y, real, fake]| sid_generator_loss_composed(y, real, fake, 1.2),
        ),
        (
            "distribution matching",
            |[y, real, fake]| distribution_matching(y, real, fake),
            |[y, real, fake]| distribution_matching_composed(y, real, fake),
        ),
    ];
    let device = Device::flex().autodiff();
    let images = [0.1, 0.2, 0.3].map(|seed: f32| {
        let values: Vec<f32> = (0..64 * 3 * 32 * 32).map(|k| (k as f32 * seed).sin()).collect();
        image(&values, &device).reshape([64, 3, 32, 32])
    });
    for (name, fused, composed) in pairs {
        let time = |operation: Operation| {
            let leaves = images.clone().map(Tensor::require_grad);
            let started = Instant::now();
            let gradients = operation(leaves.clone()).mean().backward();
            let slopes = leaves.map(|leaf| leaf.grad(&gradients));
            let seconds = started.elapsed().as_secs_f64();
            assert!(slopes[0].is_some());
            1e3 * seconds
        };
        let mut best = [f64::INFINITY; 2];
        for _ in 0..40 {
            for (best, operation) in best.iter_mut().zip([fused, composed]) {
                *best = best.min(time(operation));
            }
        }
        println!("{name}: fused {:.2} ms, composed {:.2} ms, {:.1}x", best[0], best[1], best[1] / best[0]);
    }
}
