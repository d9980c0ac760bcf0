//! Steps of Adam with the verdict on their gradients, good and bad, against the paper's lines in f64.

use burn::tensor::{Device, Tensor};

use super::super::{AdamNumbers, BadStep, adam_step, adam_step_averaged, gradient_verdict};
use super::{Arrival, Errors, SEED, floats, upload, wide};
use crate::gpu::compare::{max_relative_error, worse};
use crate::random::{Random, Stream};

/// Share of the average that a step keeps.
const KEEP: f64 = 0.75;

/// Of the steps below, the one whose gradients are not all finite; and the one that moves no average.
const BAD: u64 = 1;
const BARE: u64 = 2;
const STEPS: u64 = 3;

/// Weights, mean, square and average.
type Blocks = [Tensor<1>; 4];
type Exact = [Vec<f64>; 4];

/// Errors of a few steps on blocks of as many numbers as this shape has, for both ways with bad steps; infinite if a
/// step that is left out changes a bit, or one of blocks that somebody else holds (those of [`Arrival::Derived`])
/// theirs. There is no gradient to err.
pub fn adam(device: &Device, shape: [usize; 4], arrival: Arrival) -> Errors {
    let length = shape.iter().product();
    let [kept, mended] = [BadStep::Keep, BadStep::Mend].map(|bad| error(device, length, arrival, bad));
    Errors { value: worse(kept, mended), gradient: 0.0 }
}

fn error(device: &Device, length: usize, arrival: Arrival, bad: BadStep) -> f64 {
    let random = Random::new(SEED, Stream::SelfTest);
    let draw = |number: u64| random.normals(number, 0, length);
    let start = [draw(0), vec![0.0; length], vec![0.0; length], draw(1)];
    let mut blocks = start.each_ref().map(|values| upload(values, device));
    let mut exact = start.map(|values| wide(&values));
    for step in 0..STEPS {
        let mut gradient = draw(2 + step);
        if step == BAD {
            let not_finite = [f32::NAN, f32::INFINITY, f32::NEG_INFINITY];
            for (place, value) in [0, length / 2, length - 1].into_iter().zip(not_finite) {
                gradient[place] = value;
            }
        }
        let before = bits(&blocks);
        let held = (arrival == Arrival::Derived).then(|| blocks.clone());
        blocks = moved(blocks, arrive(arrival, &gradient, device), step, bad);
        if held.is_some_and(|held| bits(&held) != before) {
            return f64::INFINITY;
        }
        if step != BAD || bad == BadStep::Mend {
            exact = exactly(exact, &gradient, step);
        } else if bits(&blocks) != before {
            return f64::INFINITY;
        }
    }
    let errors = blocks.into_iter().zip(exact).map(|(got, exact)| max_relative_error(&floats(got), &exact));
    errors.fold(0.0, worse)
}

fn numbers(step: u64, bad: BadStep) -> AdamNumbers {
    let (beta1, beta2, t) = (0.9f64, 0.999f64, (step + 1) as f64);
    // So large that a step shows in the weights.
    let rate = 0.5 / (1.0 - beta1.powf(t));
    AdamNumbers { beta1, beta2, eps: 1e-8, rate, correction2: 1.0 - beta2.powf(t), bad }
}

fn moved(blocks: Blocks, gradient: Tensor<1>, step: u64, bad: BadStep) -> Blocks {
    let verdict = gradient_verdict(std::slice::from_ref(&gradient));
    if step != BARE {
        return adam_step_averaged(blocks, gradient, verdict, numbers(step, bad), KEEP);
    }
    let [w, m, v, a] = blocks;
    let [w, m, v] = adam_step([w, m, v], gradient, verdict, numbers(step, bad));
    [w, m, v, a]
}

/// The same in f64, with bad gradients mended.
fn exactly([mut w, mut m, mut v, mut a]: Exact, gradient: &[f32], step: u64) -> Exact {
    let AdamNumbers { beta1, beta2, eps, rate, correction2, .. } = numbers(step, BadStep::Mend);
    for (k, g) in gradient.iter().enumerate() {
        let g = match *g {
            g if g.is_nan() => 0.0,
            g if g.is_infinite() => 1e5f64.copysign(f64::from(g)),
            g => f64::from(g),
        };
        m[k] = beta1 * m[k] + (1.0 - beta1) * g;
        v[k] = beta2 * v[k] + (1.0 - beta2) * g * g;
        w[k] -= rate * m[k] / ((v[k] / correction2).sqrt() + eps);
        if step != BARE {
            a[k] = KEEP * a[k] + (1.0 - KEEP) * w[k];
        }
    }
    [w, m, v, a]
}

/// The gradient, from the middle of a longer tensor if it is derived.
fn arrive(arrival: Arrival, gradient: &[f32], device: &Device) -> Tensor<1> {
    match arrival {
        Arrival::Plain => upload(gradient, device),
        Arrival::Derived => {
            let padded =
                Tensor::cat(vec![upload(&[1.0; 3], device), upload(gradient, device) * 2.0], 0) * 0.5;
            padded.narrow(0, 3, gradient.len())
        }
    }
}

fn bits(blocks: &Blocks) -> [Vec<u32>; 4] {
    blocks.each_ref().map(|block| floats(block.clone()).into_iter().map(f32::to_bits).collect())
}
