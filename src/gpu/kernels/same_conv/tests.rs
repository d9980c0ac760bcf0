//! The CPU twin against burn's own convolution in double precision, values and gradients.

use burn::backend::TensorMetadata;
use burn::tensor::{Device, FloatDType, Tensor, TensorData};

use super::sizes::Sizes;
use super::{direct, same_conv, weights, winograd};
use crate::gpu::compare::max_relative_error;
use crate::random::{Random, Stream};
use crate::simd::Level;

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
        // Where Winograd's filtering pays.
        ([3, 32, 32, 32], 40, [3, 3]),
        ([19, 34, 8, 18], 33, [3, 3]),
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

/// Result and gradients of an image, kernels and the result's gradient, by definition.
fn in_f64(sizes: &Sizes, x: &[f32], weight: &[f32], gradient: &[f32]) -> [Vec<f64>; 3] {
    let Sizes { batch, inputs, outputs, height, width, .. } = *sizes;
    let mut all = [batch * outputs, batch * inputs].map(|planes| vec![0.0; planes * height * width]);
    let mut of_weight = vec![0.0; weight.len()];
    let [y, of_x] = &mut all;
    for (b, o, c) in triples(batch, outputs, inputs) {
        for (v, u, tap) in triples(height, width, 9) {
            let (Some(row), Some(column)) = ((v + tap / 3).checked_sub(1), (u + tap % 3).checked_sub(1))
            else {
                continue;
            };
            if row >= height || column >= width {
                continue;
            }
            let at_x = ((b * inputs + c) * height + row) * width + column;
            let at_y = ((b * outputs + o) * height + v) * width + u;
            let at_w = (o * inputs + c) * 9 + tap;
            y[at_y] += f64::from(x[at_x]) * f64::from(weight[at_w]);
            of_x[at_x] += f64::from(gradient[at_y]) * f64::from(weight[at_w]);
            of_weight[at_w] += f64::from(gradient[at_y]) * f64::from(x[at_x]);
        }
    }
    let [y, of_x] = all;
    [y, of_x, of_weight]
}

fn triples(a: usize, b: usize, c: usize) -> impl Iterator<Item = (usize, usize, usize)> {
    (0..a).flat_map(move |i| (0..b).flat_map(move |j| (0..c).map(move |k| (i, j, k))))
}

/// Every way to convolve 3×3, by itself, with each kind of vectors that this processor has: as far from double
/// precision as is said here, of the largest value.
#[test]
fn each_route_has_its_bound() {
    type Route = fn(Level, &Sizes, [&[f32]; 4]) -> Vec<Vec<f32>>;
    let directly: Route = |level, sizes, [x, weight, bias, gradient]| {
        let y = direct::forward(level, sizes, x, weight, bias);
        let of_x = direct::slope(level, sizes, weight, gradient);
        vec![y, of_x, weights::slopes(level, sizes, x, gradient).0]
    };
    let by_winograd: Route = |level, sizes, [x, weight, bias, gradient]| {
        let y = winograd::forward(level, sizes, x, weight, bias);
        let of_x = winograd::slope(level, sizes, weight, gradient);
        vec![y, of_x]
    };
    // One tile, a row of them, runs of 1, 4, 8 and 16, pieces of several samples and of parts of one, many channels.
    for (batch, inputs, outputs, height, width) in [
        (1, 1, 1, 2, 2),
        (2, 3, 5, 2, 8),
        (9, 20, 8, 4, 4),
        (2, 8, 3, 6, 38),
        (1, 4, 6, 64, 32),
        (35, 6, 4, 8, 8),
        (2, 5, 7, 10, 16),
        (1, 256, 8, 16, 16),
    ] {
        let sizes = Sizes { batch, inputs, outputs, height, width, kernel: [3, 3] };
        let normals = |step, len| Random::new(0, Stream::SelfTest).normals(step, 0, len);
        let (x, weight) = (normals(0, batch * inputs * height * width), normals(1, outputs * inputs * 9));
        let (gradient, bias) = (normals(2, batch * outputs * height * width), vec![0.0; outputs]);
        let expected = in_f64(&sizes, &x, &weight, &gradient);
        for level in Level::all() {
            for (route, name, bound) in [(directly, "direct", 1e-6), (by_winograd, "Winograd", 2e-6)] {
                let got = route(level, &sizes, [&x, &weight, &bias, &gradient]);
                for ((got, expected), what) in got.iter().zip(&expected).zip(["y", "x", "weight"]) {
                    let error = max_relative_error(got, expected);
                    assert!(error <= bound, "{what} of {sizes:?} by {name}, {level:?}: {error:e}");
                }
            }
        }
    }
}

/// Vectors of any width give the same bits, where products are added without rounding between. (A processor with one
/// such width has nothing to compare.)
#[test]
fn processors_with_fused_products_agree_in_every_bit() {
    let levels: Vec<Level> = Level::all().into_iter().filter(|level| *level > Level::Oldest).collect();
    let sizes = Sizes { batch: 3, inputs: 40, outputs: 21, height: 12, width: 16, kernel: [3, 3] };
    let normals = |step, len| Random::new(0, Stream::SelfTest).normals(step, 0, len);
    let (x, weight) = (normals(0, 3 * 40 * 192), normals(1, 21 * 40 * 9));
    let (gradient, bias) = (normals(2, 3 * 21 * 192), normals(3, 21));
    let all = |level: Level| {
        [
            direct::forward(level, &sizes, &x, &weight, &bias),
            direct::slope(level, &sizes, &weight, &gradient),
            winograd::forward(level, &sizes, &x, &weight, &bias),
            winograd::slope(level, &sizes, &weight, &gradient),
            weights::slopes(level, &sizes, &x, &gradient).0,
        ]
    };
    for pair in levels.windows(2) {
        assert!(all(pair[0]) == all(pair[1]), "{pair:?}");
    }
}

/// Whatever the number of threads, the same bits.
#[test]
fn threads_do_not_change_the_result() {
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads start");
        let run = |shape, outputs| run(shape, outputs, [3, 3], false, FloatDType::F32);
        // Directly, and by Winograd's filtering: samples shared out, and outputs of one and of few.
        pool.install(|| {
            [
                run([11, 5, 9, 7], 6),
                run([11, 32, 16, 16], 33),
                run([1, 24, 16, 16], 130),
                run([3, 24, 8, 8], 130),
            ]
        })
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

/// What a frozen network has seen is not kept for its way back.
#[test]
fn only_weights_that_learn_keep_images() {
    let flex = Device::flex();
    for learns in [false, true] {
        let leaf = |shape: [usize; 4]| Tensor::from_inner(Tensor::<4>::ones(shape, &flex));
        let (weight, x) = (leaf([2, 3, 3, 3]), leaf([1, 3, 3, 3]).require_grad());
        let weight = if learns { weight.require_grad() } else { weight };
        let bias = Tensor::from_inner(Tensor::<1>::ones([2], &flex));
        let y = same_conv(x.clone(), weight, bias);
        // Whose memory nobody else holds may be changed.
        assert_eq!(x.into_dispatch().can_mut(), !learns);
        drop(y);
    }
}

#[test]
#[should_panic(expected = "channels of x")]
fn other_channels_are_a_mistake() {
    let flex = Device::flex();
    let (x, weight) = (Tensor::zeros([1, 2, 4, 4], &flex), Tensor::zeros([3, 4, 3, 3], &flex));
    same_conv(x, weight, Tensor::zeros([3], &flex));
}
