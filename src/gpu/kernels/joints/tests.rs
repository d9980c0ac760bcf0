//! The CPU twins against burn's own operations, values and gradients.

use burn::tensor::{Device, FloatDType, TensorData};

use super::*;
use crate::random::{Random, Stream};

fn normals(step: u64, shape: [usize; 4], device: &Device, dtype: FloatDType) -> Tensor<4> {
    let values = Random::new(0, Stream::SelfTest).normals(step, 0, shape.iter().product());
    Tensor::<4>::from_data(TensorData::new(values, shape), device).cast(dtype).require_grad()
}

fn numbers<const D: usize>(tensor: Tensor<D>) -> Vec<f64> {
    tensor.into_data().iter::<f64>().collect()
}

/// One image for one thread, several for more; channels that are no power of two.
const SHAPES: [[usize; 4]; 3] = [[1, 1, 1, 1], [2, 3, 5, 4], [5, 24, 32, 16]];

/// Values, and gradients of a sum of squares in both inputs.
type Work = fn(Tensor<4>, Tensor<4>) -> Tensor<4>;

fn run(shape: [usize; 4], dtype: FloatDType, work: Work) -> [Vec<f64>; 3] {
    let device = Device::flex().autodiff();
    let (a, b) = (normals(0, shape, &device, dtype), normals(1, shape, &device, dtype));
    let y = work(a.clone(), b.clone());
    let slopes = (y.clone() * y.clone()).sum().backward();
    let slope = |leaf: Tensor<4>| numbers(leaf.grad(&slopes).expect("it asked"));
    [numbers(y.inner()), slope(a), slope(b)]
}

#[test]
fn the_cpu_twins_agree_with_double_precision() {
    let works: [Work; 5] = [
        |a, b| scaled_sum(a, b, 0.5f64.sqrt()),
        // Memory that somebody else holds is not written over.
        |a, b| scaled_sum(a.clone(), b, 3.0) + a,
        |a, b| shifted(a, b.mean_dims(&[2, 3]).flatten(1, 3)),
        |a, b| joined(a, b),
        |a, b| joined(a.clone(), joined(b, a.permute([0, 1, 3, 2]).permute([0, 1, 3, 2]))),
    ];
    for (shape, (which, work)) in
        SHAPES.iter().flat_map(|shape| works.iter().enumerate().map(move |w| (shape, w)))
    {
        let (got, expected) = (run(*shape, FloatDType::F32, *work), run(*shape, FloatDType::F64, *work));
        for (got, expected) in got.iter().zip(&expected) {
            let most = expected.iter().fold(1.0f64, |most, value| most.max(value.abs()));
            let error =
                got.iter().zip(expected).fold(0.0f64, |worst, (got, value)| worst.max((got - value).abs()));
            assert!(got.len() == expected.len() && error <= 1e-6 * most, "{which} of {shape:?}: {error:e}");
        }
    }
}

#[test]
fn worked_by_hand() {
    let device = Device::flex();
    let x = Tensor::<4>::from_data([[[[1.0, 2.0]], [[3.0, 4.0]]]], &device);
    let doubled = scaled_sum(x.clone(), x.clone(), 0.25);
    assert_eq!(numbers(doubled), [0.5, 1.0, 1.5, 2.0]);
    assert_eq!(
        numbers(shifted(x.clone(), Tensor::from_data([[10.0, 20.0]], &device))),
        [11.0, 12.0, 23.0, 24.0]
    );
    let three = joined(x.clone().slice([0..1, 1..2, 0..1, 0..2]), x.clone());
    assert_eq!(numbers(three), [3.0, 4.0, 1.0, 2.0, 3.0, 4.0]);
    assert_eq!(numbers(x), [1.0, 2.0, 3.0, 4.0]);
}

#[test]
#[should_panic(expected = "images that differ")]
fn other_sizes_are_a_mistake() {
    let device = Device::flex();
    joined(Tensor::zeros([1, 2, 4, 4], &device), Tensor::zeros([1, 2, 4, 2], &device));
}
