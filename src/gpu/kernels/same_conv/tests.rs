//! The CPU twin against burn's own convolution in double precision, values and gradients.

use burn::tensor::{Device, FloatDType, Tensor, TensorData};

use super::same_conv;
use crate::gpu::compare::max_relative_error;
use crate::random::{Random, Stream};

/// Values, then gradients in images, weights and biases, of one sum of squares.
fn run(
    shape: [usize; 4],
    outputs: usize,
    [rows, columns]: [usize; 2],
    permuted: bool,
    dtype: FloatDType,
) -> [Vec<f64>; 4] {
    let device = Device::flex().autodiff();
    let normals = |step: u64, length: usize| {
        let values = Random::new(0, Stream::SelfTest).normals(step, 0, length);
        Tensor::<1>::from_data(TensorData::new(values, [length]), &device).cast(dtype).require_grad()
    };
    let [_, inputs, ..] = shape;
    let x = normals(0, shape.iter().product());
    let weight = normals(1, outputs * inputs * rows * columns);
    let bias = normals(2, outputs);
    let mut images = x.clone().reshape(shape);
    if permuted {
        images = (images.permute([0, 2, 3, 1]) * 0.5).permute([0, 3, 1, 2]);
    }
    let y = same_conv(images, weight.clone().reshape([outputs, inputs, rows, columns]), bias.clone());
    let gradients = (y.clone() * y.clone()).sum().backward();
    let numbers = |leaf: Tensor<1>| {
        let slope = leaf.grad(&gradients).expect("all three asked");
        slope.into_data().iter::<f64>().collect()
    };
    [y.into_data().iter::<f64>().collect(), numbers(x), numbers(weight), numbers(bias)]
}

#[test]
fn values_and_gradients_agree_with_double_precision() {
    // One pixel, odd sides, narrower than the kernel, 1×1 kernels, more samples than parts, rows and columns.
    for (shape, outputs, kernel) in [
        ([1, 4, 1, 1], 4, [3, 3]),
        ([2, 8, 3, 5], 3, [3, 3]),
        ([2, 3, 7, 2], 5, [5, 5]),
        ([1, 2, 9, 1], 2, [3, 3]),
        ([3, 24, 16, 16], 12, [3, 3]),
        ([2, 6, 5, 4], 7, [1, 1]),
        ([19, 3, 8, 8], 8, [3, 3]),
        ([2, 4, 9, 8], 5, [1, 7]),
        ([2, 4, 9, 8], 5, [7, 1]),
        ([1, 3, 3, 2], 2, [1, 7]),
        ([1, 3, 2, 3], 2, [7, 3]),
        // Tiles: one, a row of them, rows of every kind of run, pieces of several samples and of parts of one.
        ([1, 8, 2, 2], 8, [3, 3]),
        ([2, 8, 2, 8], 9, [3, 3]),
        ([9, 40, 4, 4], 8, [3, 3]),
        ([2, 8, 6, 38], 8, [3, 3]),
        ([1, 8, 64, 32], 16, [3, 3]),
        ([35, 16, 8, 8], 24, [3, 3]),
    ] {
        for permuted in [false, true] {
            let got = run(shape, outputs, kernel, permuted, FloatDType::F32);
            let expected = run(shape, outputs, kernel, permuted, FloatDType::F64);
            for ((got, expected), what) in got.iter().zip(&expected).zip(["y", "x", "weight", "bias"]) {
                let got: Vec<f32> = got.iter().map(|value| *value as f32).collect();
                let error = max_relative_error(&got, expected);
                assert!(error <= 2e-6, "{what} of {shape:?} to {outputs}, kernel {kernel:?}: {error:e}");
            }
        }
    }
}

/// Whatever the number of threads, the same bits.
#[test]
fn threads_do_not_change_the_result() {
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads start");
        pool.install(|| run([11, 5, 9, 7], 6, [3, 3], false, FloatDType::F32))
    };
    assert_eq!(on(1), on(3));
}

/// A frozen network passes gradients on and keeps none.
#[test]
fn only_inputs_that_ask_get_gradients() {
    let flex = Device::flex();
    let weight = Tensor::from_inner(Tensor::<4>::ones([2, 3, 3, 3], &flex));
    let bias = Tensor::from_inner(Tensor::<1>::ones([2], &flex));
    let x = Tensor::from_inner(Tensor::<4>::ones([1, 3, 3, 3], &flex)).require_grad();
    let gradients = same_conv(x.clone(), weight.clone(), bias.clone()).sum().backward();
    assert!(weight.grad(&gradients).is_none() && bias.grad(&gradients).is_none());
    let slope: Vec<f32> = x.grad(&gradients).expect("it asked").into_data().iter::<f32>().collect();
    // As many taps as an input pixel is under, times two outputs.
    assert_eq!(slope[..9], [8.0, 12.0, 8.0, 12.0, 18.0, 12.0, 8.0, 12.0, 8.0]);
}

#[test]
#[should_panic(expected = "channels of x")]
fn other_channels_are_a_mistake() {
    let flex = Device::flex();
    let (x, weight) = (Tensor::zeros([1, 2, 4, 4], &flex), Tensor::zeros([3, 4, 3, 3], &flex));
    same_conv(x, weight, Tensor::zeros([3], &flex));
}
