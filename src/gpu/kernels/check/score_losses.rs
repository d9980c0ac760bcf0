//! The score losses against their formulas in f64, and their gradients against central differences.

use burn::tensor::{Device, Tensor};

use super::super::{
    distribution_matching, distribution_matching_composed, sid_generator_loss, sid_generator_loss_composed,
};
use super::{Arrival, Errors, MAX_COMPARED, SEED, STEP, floats, upload};
use crate::gpu::compare::{max_relative_error, worse};
use crate::random::{Random, Stream};

/// SiD's over-relaxation in the checks.
const ALPHA: f64 = 1.2;

/// A loss of three images `y`, `real` and `fake`, and what it ought to be.
#[derive(Clone, Copy, Debug)]
pub struct Loss {
    operation: fn([Tensor<4>; 3]) -> Tensor<1>,
    /// The loss of one sample from its images and its normaliser, which is a constant to gradients.
    exact: fn([&[f64]; 3], f64) -> f64,
    /// Whether gradients reach each image.
    reached: [bool; 3],
    /// Whether one number of `fake` that is not finite spoils its sample, or only its element.
    fake_spoils: bool,
}

pub const SID: Loss = Loss {
    operation: |[y, real, fake]| sid_generator_loss(y, real, fake, ALPHA),
    exact: exact_sid,
    reached: [true; 3],
    fake_spoils: true,
};
pub const MATCHING: Loss = Loss {
    operation: |[y, real, fake]| distribution_matching(y, real, fake),
    exact: exact_matching,
    reached: [true, false, false],
    fake_spoils: false,
};
/// The same losses from burn's own operations.
pub const COMPOSED: [Loss; 2] = [
    Loss { operation: |[y, real, fake]| sid_generator_loss_composed(y, real, fake, ALPHA), ..SID },
    Loss { operation: |[y, real, fake]| distribution_matching_composed(y, real, fake), ..MATCHING },
];

/// Errors of [`sid_generator_loss`] on images of this shape.
pub fn sid_generator(device: &Device, shape: [usize; 4], arrival: Arrival) -> Errors {
    measure(device, shape, arrival, &SID)
}

/// Errors of [`distribution_matching`] on images of this shape.
pub fn matching(device: &Device, shape: [usize; 4], arrival: Arrival) -> Errors {
    measure(device, shape, arrival, &MATCHING)
}

fn exact_sid([y, real, fake]: [&[f64]; 3], normaliser: f64) -> f64 {
    let term = |k: usize| (real[k] - fake[k]) * ((real[k] - y[k]) - ALPHA * (real[k] - fake[k]));
    (0..y.len()).map(term).sum::<f64>() / normaliser
}

fn exact_matching([y, real, fake]: [&[f64]; 3], normaliser: f64) -> f64 {
    (0..y.len()).map(|k| (fake[k] - real[k]) * y[k]).sum::<f64>() / normaliser
}

/// Images `[y, real, fake]` of a batch, row-major.
type Images = [Vec<f32>; 3];

/// What a device makes of a loss: values, and slopes of their weighted sum in each image, empty where
/// none arrived.
struct Outcome {
    values: Vec<f32>,
    slopes: Images,
}

fn draw(shape: [usize; 4]) -> (Images, Vec<f32>) {
    let random = Random::new(SEED, Stream::SelfTest);
    let length = shape[1..].iter().product();
    let images = [0, 1, 2].map(|step| random.normal_batch(step, 0, shape[0], length));
    (images, random.normal_batch(3, 0, shape[0], 1))
}

fn calculate(
    device: &Device,
    shape: [usize; 4],
    arrival: Arrival,
    loss: &Loss,
    images: &Images,
    upstream: &[f32],
) -> Outcome {
    let device = device.clone().autodiff();
    let leaves = images.each_ref().map(|values| upload(values, &device).reshape(shape).require_grad());
    let values = (loss.operation)(arrive(arrival, leaves.clone()));
    let read = floats(values.clone());
    let gradients = (values * upload(upstream, &device)).sum().backward();
    let slopes = leaves.map(|leaf| leaf.grad(&gradients).map(floats).unwrap_or_default());
    Outcome { values: read, slopes }
}

/// The same images, on the way that `arrival` says; every step is exact in f32.
fn arrive(arrival: Arrival, [y, real, fake]: [Tensor<4>; 3]) -> [Tensor<4>; 3] {
    if arrival == Arrival::Plain {
        return [y, real, fake];
    }
    let samples = fake.dims()[0];
    let padded = Tensor::cat(vec![fake.clone() * 3.0, fake.clone(), fake * 2.0], 0);
    [
        y.clone() * 2.0 - y,
        (real.permute([0, 2, 3, 1]) * 0.5).permute([0, 3, 1, 2]) * 2.0,
        padded.narrow(0, samples, samples),
    ]
}

/// Errors of a loss on images of this shape.
pub fn measure(device: &Device, shape: [usize; 4], arrival: Arrival, loss: &Loss) -> Errors {
    let (images, upstream) = draw(shape);
    let got = calculate(device, shape, arrival, loss, &images, &upstream);

    let length: usize = shape[1..].iter().product();
    let wide = images.each_ref().map(|values| super::wide(values));
    let rows = |sample: usize| wide.each_ref().map(|values| &values[sample * length..][..length]);
    let normaliser = |sample: usize| {
        let [y, real, _] = rows(sample);
        y.iter().zip(real).map(|(y, real)| (y - real).abs()).sum::<f64>() / length as f64
    };
    let values: Vec<f64> =
        (0..shape[0]).map(|sample| (loss.exact)(rows(sample), normaliser(sample))).collect();
    let compared: Vec<usize> =
        (0..shape[0] * length).step_by((shape[0] * length).div_ceil(MAX_COMPARED)).collect();
    let slope_error = |image: usize| {
        if !loss.reached[image] {
            return if got.slopes[image].is_empty() { 0.0 } else { f64::INFINITY };
        }
        let central = |element: &usize| {
            let sample = element / length;
            let moved = |by: f64| {
                let mut row = rows(sample)[image].to_vec();
                row[element % length] += by;
                let mut images = rows(sample);
                images[image] = &row;
                (loss.exact)(images, normaliser(sample))
            };
            f64::from(upstream[sample]) * (moved(STEP) - moved(-STEP)) / (2.0 * STEP)
        };
        // A gradient that is missing is an infinite error.
        let seen: Vec<f32> = compared.iter().filter_map(|at| got.slopes[image].get(*at).copied()).collect();
        max_relative_error(&seen, &compared.iter().map(central).collect::<Vec<_>>())
    };
    Errors {
        value: max_relative_error(&got.values, &values),
        gradient: (0..3).map(slope_error).fold(0.0, worse),
    }
}

/// How many values and slopes are wrong where numbers that are not finite have to be left out: a NaN in
/// `y`, an infinity in `real`, a NaN in `fake`, each in a sample of its own beside one without.
pub fn wrong_beside_numbers_that_are_not_finite(device: &Device, loss: &Loss) -> usize {
    let shape = [4, 1, 3, 3];
    let (images, upstream) = draw(shape);
    let (mut spoilt, mut replaced) = (images.clone(), images);
    let element = |sample: usize| sample * 9 + 5;
    for (sample, image, value) in [(1, 0, f32::NAN), (2, 1, f32::INFINITY), (3, 2, f32::NAN)] {
        spoilt[image][element(sample)] = value;
    }
    // An element of `fake` that says what `real` does has no part in distribution matching.
    replaced[2][element(3)] = replaced[1][element(3)];
    let run = |images| calculate(device, shape, Arrival::Plain, loss, images, &upstream);
    let (got, expected) = (run(&spoilt), run(&replaced));
    let left_out = |sample: usize| matches!(sample, 1 | 2) || (sample == 3 && loss.fake_spoils);
    let differing = |got: &[f32], expected: &[f32], length: usize| {
        let expected = expected.iter().enumerate().map(|(k, v)| if left_out(k / length) { 0.0 } else { *v });
        got.len().abs_diff(expected.len()) + got.iter().zip(expected).filter(|(a, b)| **a != *b).count()
    };
    let slopes = got.slopes.iter().zip(&expected.slopes);
    differing(&got.values, &expected.values, 1) + slopes.map(|(a, b)| differing(a, b, 9)).sum::<usize>()
}

/// The bits of values and slopes, to compare runs.
pub fn bits(device: &Device, shape: [usize; 4], loss: &Loss) -> Vec<u32> {
    let (images, upstream) = draw(shape);
    let Outcome { values, slopes } = calculate(device, shape, Arrival::Plain, loss, &images, &upstream);
    values.into_iter().chain(slopes.into_iter().flatten()).map(f32::to_bits).collect()
}
