//! The CPU twin and the composition against double precision, values and gradients.

use burn::tensor::{Device, FloatDType, Tensor, TensorData};

use super::attention;
use super::rows::{self, Plan};
use crate::gpu::compare::max_relative_error;
use crate::random::{Random, Stream};
use crate::simd::Level;

/// Values, then gradients in queries, keys and values, of one sum of squares.
fn run(shape: [usize; 4], dtype: FloatDType) -> [Vec<f64>; 2] {
    let values = Random::new(0, Stream::SelfTest).normals(0, 0, shape.iter().product());
    let device = Device::flex().autodiff();
    let len = values.len();
    let qkv = Tensor::<1>::from_data(TensorData::new(values, [len]), &device).cast(dtype).require_grad();
    let y = attention(qkv.clone().reshape(shape));
    let gradients = (y.clone() * y.clone()).sum().backward();
    let slope = qkv.grad(&gradients).expect("it asked");
    [y.into_data().iter::<f64>().collect(), slope.into_data().iter::<f64>().collect()]
}

/// One pixel, odd counts, several blocks of queries, scores of every size.
const SHAPES: [[usize; 4]; 5] =
    [[1, 1, 3, 1], [3, 5, 3, 7], [2, 16, 3, 64], [4, 64, 3, 256], [1, 8, 3, 1024]];

#[test]
fn the_cpu_twin_agrees_with_double_precision() {
    for shape in SHAPES {
        let (got, expected) = (run(shape, FloatDType::F32), run(shape, FloatDType::F64));
        for ((got, expected), what) in got.iter().zip(&expected).zip(["y", "qkv"]) {
            let got: Vec<f32> = got.iter().map(|value| *value as f32).collect();
            let error = max_relative_error(&got, expected);
            assert!(error <= 4e-6, "{what} of {shape:?}: {error:e}");
        }
    }
}

/// With each kind of vectors that this processor has: as far from the widest as rounding goes.
#[test]
fn all_vectors_agree() {
    for [rows, channels, _, pixels] in SHAPES {
        let plan = Plan { rows, channels, pixels };
        let normals = |step, len| Random::new(0, Stream::SelfTest).normals(step, 0, len);
        let (qkv, gradient) =
            (normals(0, 3 * rows * channels * pixels), normals(1, rows * channels * pixels));
        let all = |level: Level| {
            let (y, sums) = rows::forward(level, &plan, &qkv);
            [rows::backward(level, &plan, &qkv, &sums, &gradient), y, sums]
        };
        let widest = all(Level::here()).map(|all| all.into_iter().map(f64::from).collect::<Vec<_>>());
        for level in Level::all() {
            for (got, expected) in all(level).iter().zip(&widest) {
                let error = max_relative_error(got, expected);
                assert!(error <= 4e-6, "{level:?}, {plan:?}: {error:e}");
            }
        }
    }
}

/// Double precision has no twin: against the definition, and gradients against differences.
#[test]
fn the_composition_is_attention() {
    let [rows, channels, _, pixels] = [2usize, 3, 3, 5];
    let shape = [rows, channels, 3, pixels];
    let values: Vec<f64> = Random::new(0, Stream::SelfTest)
        .normals(0, 0, shape.iter().product())
        .into_iter()
        .map(f64::from)
        .collect();
    let define = |qkv: &[f64]| -> Vec<f64> {
        let at = |row: usize, channel: usize, part: usize, pixel: usize| {
            qkv[((row * channels + channel) * 3 + part) * pixels + pixel]
        };
        let mut y = vec![0.0; rows * channels * pixels];
        for row in 0..rows {
            for query in 0..pixels {
                let score = |key: usize| -> f64 {
                    let dot: f64 = (0..channels).map(|c| at(row, c, 0, query) * at(row, c, 1, key)).sum();
                    (dot / (channels as f64).sqrt()).exp()
                };
                let all: f64 = (0..pixels).map(score).sum();
                for c in 0..channels {
                    y[(row * channels + c) * pixels + query] =
                        (0..pixels).map(|key| score(key) / all * at(row, c, 2, key)).sum();
                }
            }
        }
        y
    };
    let [y, slope] = run(shape, FloatDType::F64);
    let expected = define(&values);
    assert!(y.iter().zip(&expected).all(|(y, expected)| (y - expected).abs() < 1e-6), "{y:?}");
    let squares = |qkv: &[f64]| define(qkv).into_iter().map(|y| y * y).sum::<f64>();
    for (i, slope) in slope.iter().enumerate() {
        let (mut above, mut below) = (values.clone(), values.clone());
        above[i] += 1e-4;
        below[i] -= 1e-4;
        let expected = (squares(&above) - squares(&below)) / 2e-4;
        assert!((slope - expected).abs() < 1e-5, "{i}: {slope} is not {expected}");
    }
}

/// Whatever the number of threads, the same bits.
#[test]
fn threads_do_not_change_the_result() {
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().expect("threads start");
        pool.install(|| run([5, 8, 3, 1024], FloatDType::F32))
    };
    assert_eq!(on(1), on(3));
}
