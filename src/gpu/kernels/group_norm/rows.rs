//! Loops of the CPU twin, one row (a group of a sample) after another. A row fits a core's cache, so
//! that its passes cost arithmetic, not memory. The order of additions does not depend on threads.

use rayon::prelude::*;

use super::super::cpu::PARALLEL_ELEMENTS;
use super::super::exp::sigmoid;
use super::super::fresh::{Unwritten, written};
use super::super::lanes::sum;
use super::super::scratch;
use super::{Activation, Plan};
use crate::simd;

/// One weight and one bias a channel.
#[derive(Clone, Copy)]
pub struct Affine<'a> {
    pub weight: &'a [f32],
    pub bias: &'a [f32],
}

/// Gradient in `x`, in its shape, and what the others are sums of: for each channel of each sample the sums of g and of
/// g x̂ over its pixels (see [`backward`]).
pub struct Slopes {
    pub x: Vec<f32>,
    pub sums: Vec<[f32; 2]>,
}

/// Mean and 1 / sqrt(variance + eps) of a row.
#[derive(Clone, Copy)]
struct Statistics {
    mean: f32,
    factor: f32,
}

/// `y`, and the statistics of each row (mean, factor).
pub fn forward(plan: &Plan, x: &[f32], affine: Affine) -> (Vec<f32>, Vec<f32>) {
    let mut statistics = vec![0.0; 2 * plan.rows()];
    let row = |(i, (y, numbers)): (usize, (&mut [Unwritten], &mut [f32]))| {
        let x = &x[i * plan.row()..][..plan.row()];
        simd::dispatch(
            #[inline(always)]
            || {
                let found = measure(x, plan.eps);
                numbers.copy_from_slice(&[found.mean, found.factor]);
                for ((x, y), c) in channels(plan, x).zip(y.chunks_exact_mut(plan.pixels)).zip(of_row(plan, i))
                {
                    normalise(x, y, found, affine.weight[c], affine.bias[c], plan.activation);
                }
            },
        );
    };
    let all = |y: &mut [Unwritten]| {
        if x.len() >= PARALLEL_ELEMENTS {
            y.par_chunks_mut(plan.row()).zip(statistics.par_chunks_mut(2)).enumerate().for_each(row);
        } else {
            y.chunks_mut(plan.row()).zip(statistics.chunks_mut(2)).enumerate().for_each(row);
        }
    };
    // SAFETY: every row is, and all channels of it.
    let y = unsafe { written(x.len(), all) };
    (y, statistics)
}

/// Gradients from that in `y`, in one pass. With n values in a row, x̂ = (x - mean) · factor, z = weight x̂ + bias
/// and g = gradient · act'(z):
///
/// - bias: sum over batch and pixels of g; weight: that of g x̂;
/// - x: factor · (weight g - mean over the row of (weight g) - x̂ · mean over the row of (weight g x̂)).
pub fn backward(plan: &Plan, x: &[f32], affine: Affine, statistics: &[f32], gradient: &[f32]) -> Slopes {
    let mut sums = vec![[0.0; 2]; plan.batch * plan.all_channels()];
    let row = |(i, (slope, sums)): (usize, (&mut [Unwritten], &mut [[f32; 2]]))| {
        let range = i * plan.row()..(i + 1) * plan.row();
        let found = Statistics { mean: statistics[2 * i], factor: statistics[2 * i + 1] };
        let (x, gradient) = (&x[range.clone()], &gradient[range]);
        scratch::with([plan.row()], |[g]| {
            simd::dispatch(
                #[inline(always)]
                || backward_row(plan, i, x, gradient, affine, found, g, slope, sums),
            );
        });
    };
    let all = |slope: &mut [Unwritten]| {
        let (row_len, channels) = (plan.row(), plan.channels);
        if x.len() >= PARALLEL_ELEMENTS {
            slope.par_chunks_mut(row_len).zip(sums.par_chunks_mut(channels)).enumerate().for_each(row);
        } else {
            slope.chunks_mut(row_len).zip(sums.chunks_mut(channels)).enumerate().for_each(row);
        }
    };
    // SAFETY: every row is, and all channels of it.
    let slope = unsafe { written(x.len(), all) };
    Slopes { x: slope, sums }
}

/// Gradients in weight and bias from the sums of [`backward`].
pub fn affine_slopes(plan: &Plan, sums: &[[f32; 2]]) -> [Vec<f32>; 2] {
    [1, 0].map(|which: usize| {
        let mut total = vec![0.0; plan.all_channels()];
        for sample in sums.chunks_exact(plan.all_channels()) {
            total.iter_mut().zip(sample).for_each(|(total, sums)| *total += sums[which]);
        }
        total
    })
}

/// Numbers of the channels in row `i`.
#[inline(always)]
fn of_row(plan: &Plan, i: usize) -> std::ops::Range<usize> {
    let group = i % plan.groups;
    group * plan.channels..(group + 1) * plan.channels
}

/// The channels of a row.
#[inline(always)]
fn channels<'a>(plan: &Plan, row: &'a [f32]) -> std::slice::ChunksExact<'a, f32> {
    row.chunks_exact(plan.pixels)
}

#[inline(always)]
fn measure(x: &[f32], eps: f32) -> Statistics {
    let n = x.len() as f32;
    let mean = sum(x, x, |x, _| x) / n;
    let variance = sum(x, x, |x, _| (x - mean) * (x - mean)) / n;
    Statistics { mean, factor: 1.0 / (variance + eps).sqrt() }
}

#[inline(always)]
fn normalise(x: &[f32], y: &mut [Unwritten], s: Statistics, weight: f32, bias: f32, activation: Activation) {
    let scale = weight * s.factor;
    let pairs = y.iter_mut().zip(x);
    match activation {
        Activation::None => pairs.for_each(|(y, x)| {
            y.write((x - s.mean) * scale + bias);
        }),
        Activation::Silu => pairs.for_each(|(y, x)| {
            let z = (x - s.mean) * scale + bias;
            y.write(z * sigmoid(z));
        }),
    }
}

#[inline(always)]
#[expect(clippy::too_many_arguments, reason = "one loop body; each argument is one slice of it")]
fn backward_row(
    plan: &Plan,
    i: usize,
    x: &[f32],
    gradient: &[f32],
    affine: Affine,
    s: Statistics,
    all_g: &mut [f32],
    slope: &mut [Unwritten],
    sums: &mut [[f32; 2]],
) {
    let weights = &affine.weight[of_row(plan, i)];
    let biases = &affine.bias[of_row(plan, i)];
    let centred = |x: f32| x - s.mean;
    let mut means = [0.0; 2];
    for (c, (x, sums)) in channels(plan, x).zip(sums).enumerate() {
        let part = c * plan.pixels..(c + 1) * plan.pixels;
        let (gradient, g) = (&gradient[part.clone()], &mut all_g[part]);
        let (scale, bias) = (weights[c] * s.factor, biases[c]);
        match plan.activation {
            Activation::None => g.copy_from_slice(gradient),
            Activation::Silu => {
                for ((g, x), gradient) in g.iter_mut().zip(x).zip(gradient) {
                    let z = centred(*x) * scale + bias;
                    let sigmoid = sigmoid(z);
                    *g = gradient * (sigmoid * (1.0 + z * (1.0 - sigmoid)));
                }
            }
        }
        *sums = [sum(g, x, |g, _| g), sum(g, x, |g, x| g * centred(x)) * s.factor];
        means[0] += weights[c] * sums[0];
        means[1] += weights[c] * sums[1];
    }
    let [across, along] = means.map(|sum| sum / plan.row() as f32);
    let (base, tilt) = (across * s.factor, along * s.factor * s.factor);
    let slopes = slope.chunks_exact_mut(plan.pixels).zip(channels(plan, all_g));
    for (c, (x, (slope, g))) in channels(plan, x).zip(slopes).enumerate() {
        let scale = weights[c] * s.factor;
        for ((slope, g), x) in slope.iter_mut().zip(g).zip(x) {
            slope.write(g * scale - base - centred(*x) * tilt);
        }
    }
}
