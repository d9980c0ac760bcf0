//! The group norm against its formula in f64, and its gradients against central differences.

use burn::tensor::{Device, Tensor};

use super::super::Activation;
use super::{Arrival, Errors, MAX_COMPARED, SEED, STEP, floats, upload, wide};
use crate::gpu::compare::{max_relative_error, worse};
use crate::random::{Random, Stream};

/// One use of the norm.
#[derive(Clone, Copy, Debug)]
pub struct Case {
    /// `[batch, channels, height, width]`.
    pub shape: [usize; 4],
    pub groups: usize,
    pub activation: Activation,
}

const EPS: f32 = 1e-5;

/// Inputs of the norm and the weight of each of its values in a sum, all row-major.
struct Inputs {
    case: Case,
    x: Vec<f64>,
    weight: Vec<f64>,
    bias: Vec<f64>,
    upstream: Vec<f64>,
}

/// Errors of `operation(x, weight, bias, groups, eps, activation)`: values, and gradients in all three.
pub fn measure(
    device: &Device,
    case: Case,
    arrival: Arrival,
    operation: impl Fn(Tensor<4>, Tensor<1>, Tensor<1>, usize, f32, Activation) -> Tensor<4>,
) -> Errors {
    let (length, channels) = (case.shape.iter().product(), case.shape[1]);
    let random = Random::new(SEED, Stream::SelfTest);
    // A mean that is not 0 and weights around 1, as they are in a network.
    let moved = |step, length, by: f32| -> Vec<f32> {
        random.normals(step, 0, length).into_iter().map(|value| value + by).collect()
    };
    let [x, upstream] = [moved(0, length, 0.5), moved(1, length, 0.0)];
    let [weight, bias] = [moved(2, channels, 1.0), moved(3, channels, 0.0)];

    let device = device.clone().autodiff();
    let leaf = |values: &[f32]| upload(values, &device).require_grad();
    let (x_leaf, weight_leaf, bias_leaf) = (leaf(&x), leaf(&weight), leaf(&bias));
    let images = arrive(arrival, x_leaf.clone().reshape(case.shape));
    let [seen_weight, seen_bias] = [&weight_leaf, &bias_leaf].map(|leaf| middle(arrival, leaf.clone()));
    let y = operation(images, seen_weight, seen_bias, case.groups, EPS, case.activation);
    let got = floats(y.clone());
    let gradients = (y * upload(&upstream, &device).reshape(case.shape)).sum().backward();

    let [x, weight, bias, upstream] = [x, weight, bias, upstream].map(|values| wide(&values));
    let inputs = Inputs { case, x, weight, bias, upstream };
    // A gradient that is missing is empty here, and an infinite error below.
    let slope_error = |leaf: Tensor<1>, of: fn(&mut Inputs) -> &mut Vec<f64>| {
        let got = leaf.grad(&gradients).map(floats).unwrap_or_default();
        let compared: Vec<usize> = (0..got.len()).step_by(got.len().div_ceil(MAX_COMPARED).max(1)).collect();
        let seen: Vec<f32> = compared.iter().map(|element| got[*element]).collect();
        max_relative_error(&seen, &inputs.central_differences(of, &compared))
    };
    Errors {
        value: max_relative_error(&got, &inputs.values(0..case.shape[0] * case.groups)),
        gradient: worse(
            slope_error(x_leaf, |inputs| &mut inputs.x),
            worse(
                slope_error(weight_leaf, |inputs| &mut inputs.weight),
                slope_error(bias_leaf, |inputs| &mut inputs.bias),
            ),
        ),
    }
}

impl Inputs {
    /// Values of one group of one sample.
    fn row(&self) -> usize {
        let [_, channels, height, width] = self.case.shape;
        channels / self.case.groups * height * width
    }

    /// The norm of these rows (groups of samples) in f64.
    fn values(&self, rows: std::ops::Range<usize>) -> Vec<f64> {
        let [_, channels, height, width] = self.case.shape;
        let mut values = Vec::with_capacity(rows.len() * self.row());
        for row in rows {
            let x = &self.x[row * self.row()..][..self.row()];
            let mean = x.iter().sum::<f64>() / x.len() as f64;
            let variance = x.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / x.len() as f64;
            let deviation = (variance + f64::from(EPS)).sqrt();
            values.extend(x.iter().enumerate().map(|(k, x)| {
                let channel = (row * self.row() + k) / (height * width) % channels;
                let z = (x - mean) / deviation * self.weight[channel] + self.bias[channel];
                match self.case.activation {
                    Activation::None => z,
                    Activation::Silu => z / (1.0 + (-z).exp()),
                }
            }));
        }
        values
    }

    /// Slopes of the weighted sum of all values in some elements of one of the inputs.
    fn central_differences(&self, of: fn(&mut Inputs) -> &mut Vec<f64>, elements: &[usize]) -> Vec<f64> {
        let Self { case, x, weight, bias, upstream } = self;
        let (x, weight, bias, upstream) = (x.clone(), weight.clone(), bias.clone(), upstream.clone());
        let mut moved = Self { case: *case, x, weight, bias, upstream };
        let is_x = of(&mut moved).len() == self.x.len();
        let slope = |element: &usize| {
            // A value of x only moves its own row.
            let all = 0..case.shape[0] * case.groups;
            let rows = if is_x { element / self.row()..element / self.row() + 1 } else { all };
            let start = of(&mut moved)[*element];
            let mut sum = |by: f64| -> f64 {
                of(&mut moved)[*element] = start + by;
                let upstream = &moved.upstream[rows.start * self.row()..];
                moved.values(rows.clone()).iter().zip(upstream).map(|(value, weight)| value * weight).sum()
            };
            let difference = sum(STEP) - sum(-STEP);
            of(&mut moved)[*element] = start;
            difference / (2.0 * STEP)
        };
        elements.iter().map(slope).collect()
    }
}

/// The same images, on the way that `arrival` says; every step is exact in f32.
fn arrive(arrival: Arrival, images: Tensor<4>) -> Tensor<4> {
    match arrival {
        Arrival::Plain => images,
        Arrival::Derived => (images.permute([0, 2, 3, 1]) * 0.5).permute([0, 3, 1, 2]) * 2.0,
    }
}

/// The same numbers, derived: from the middle of a longer tensor.
fn middle(arrival: Arrival, numbers: Tensor<1>) -> Tensor<1> {
    let length = numbers.dims()[0];
    match arrival {
        Arrival::Plain => numbers,
        Arrival::Derived => Tensor::cat(vec![numbers.clone() * 3.0, numbers.clone(), numbers * 2.0], 0)
            .slice(length..2 * length),
    }
}
