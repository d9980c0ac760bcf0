//! Matrix products of the CPU twin, some queries of one head at a time: their weights fit a core's cache, and are
//! calculated anew in the backward pass instead of kept. The order of additions does not depend on threads.

use std::ops::Range;

use burn::backend::Shape;
use faer::linalg::matmul::matmul;
use faer::{Accum, MatMut, MatRef, Par};
use rayon::prelude::*;

use super::super::exp::exp;
use super::super::{lanes, scratch, strided};
use crate::gpu::tally::Cost;
use crate::simd;

/// Weights of a block of queries, about: 1 MiB, twice in the backward pass.
const WEIGHTS: usize = 1 << 18;

/// Shape of `qkv`.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    pub rows: usize,
    pub channels: usize,
    pub pixels: usize,
}

impl Plan {
    /// For `[rows, channels, 3, pixels]`.
    pub fn of(qkv: &Shape) -> Self {
        Self { rows: qkv[0], channels: qkv[1], pixels: qkv[3] }
    }

    /// Of so many products between pixels, and so many numbers read and written for each number of a result.
    pub fn cost(&self, products: usize, numbers: usize) -> Cost {
        let Self { rows, channels, pixels } = *self;
        Cost::new(2 * products * rows * channels * pixels * pixels, numbers * rows * channels * pixels)
    }

    /// 1 / sqrt(channels).
    fn scale(&self) -> f32 {
        (self.channels as f64).powf(-0.5) as f32
    }

    /// Numbers of one row of a result.
    fn len(&self) -> usize {
        self.channels * self.pixels
    }

    /// Blocks of queries.
    fn blocks(&self) -> impl Iterator<Item = Range<usize>> {
        let (pixels, step) = (self.pixels, (WEIGHTS / self.pixels).max(1));
        (0..pixels).step_by(step).map(move |from| from..(from + step).min(pixels))
    }

    /// Queries (0), keys (1) or values (2) of a row: `[channels, pixels]`.
    fn part<'a>(&self, row: &'a [f32], part: usize) -> MatRef<'a, f32> {
        strided::matrix(&row[part * self.pixels..], [self.channels, self.pixels], 3 * self.pixels)
    }

    /// The same to be written.
    fn part_mut<'a>(&self, row: &'a mut [f32], part: usize) -> MatMut<'a, f32> {
        strided::matrix_mut(&mut row[part * self.pixels..], [self.channels, self.pixels], 3 * self.pixels)
    }

    /// `[channels, pixels]` of a result.
    fn whole<'a>(&self, row: &'a [f32]) -> MatRef<'a, f32> {
        MatRef::from_row_major_slice(row, self.channels, self.pixels)
    }
}

/// `y = v w^T` with `w = softmax_k(q^T k / sqrt(channels))`, and for each query the logarithm of the sum that its
/// weights were divided by.
pub fn forward(plan: &Plan, qkv: &[f32]) -> (Vec<f32>, Vec<f32>) {
    let mut y = vec![0.0; plan.rows * plan.len()];
    let mut sums = vec![0.0; plan.rows * plan.pixels];
    let rows = y.par_chunks_mut(plan.len()).zip(sums.par_chunks_mut(plan.pixels));
    rows.zip(qkv.par_chunks(3 * plan.len())).for_each(|((y, sums), qkv)| {
        for block in plan.blocks() {
            scratch::with_two([block.len() * plan.pixels; 2], |weights, _| {
                scores(plan, qkv, &block, weights);
                let queries = weights.chunks_exact_mut(plan.pixels).zip(&mut sums[block.clone()]);
                for (weights, sum) in queries {
                    *sum = simd::dispatch(
                        #[inline(always)]
                        || softmax(weights, plan.scale()),
                    );
                }
                let y = MatMut::from_row_major_slice_mut(y, plan.channels, plan.pixels);
                let y = y.subcols_mut(block.start, block.len());
                let weights = MatRef::from_row_major_slice(weights, block.len(), plan.pixels);
                matmul(y, Accum::Replace, plan.part(qkv, 2), weights.transpose(), 1.0, Par::Seq);
            });
        }
    });
    (y, sums)
}

/// Gradient in `qkv` from `g`, that in `y`. With D = w ⊙ (g^T v - its row sums of w ⊙ g^T v):
///
/// - values: g w;
/// - queries: k D^T / sqrt(channels); keys: q D / sqrt(channels).
pub fn backward(plan: &Plan, qkv: &[f32], sums: &[f32], gradient: &[f32]) -> Vec<f32> {
    let mut slope = vec![0.0; qkv.len()];
    let rows = slope.par_chunks_mut(3 * plan.len()).zip(qkv.par_chunks(3 * plan.len()));
    let rows = rows.zip(sums.par_chunks(plan.pixels)).zip(gradient.par_chunks(plan.len()));
    rows.for_each(|(((slope, qkv), sums), gradient)| {
        for block in plan.blocks() {
            // Sums over queries begin with the first block.
            let accumulate = if block.start == 0 { Accum::Replace } else { Accum::Add };
            scratch::with_two([block.len() * plan.pixels; 2], |weights, slopes| {
                scores(plan, qkv, &block, weights);
                let gradient = plan.whole(gradient).subcols(block.start, block.len());
                let out = MatMut::from_row_major_slice_mut(&mut *slopes, block.len(), plan.pixels);
                matmul(out, Accum::Replace, gradient.transpose(), plan.part(qkv, 2), 1.0, Par::Seq);
                let queries = weights.chunks_exact_mut(plan.pixels).zip(slopes.chunks_exact_mut(plan.pixels));
                for ((weights, slopes), sum) in queries.zip(&sums[block.clone()]) {
                    simd::dispatch(
                        #[inline(always)]
                        || slopes_of_scores(weights, slopes, *sum, plan.scale()),
                    );
                }
                let weights = MatRef::from_row_major_slice(weights, block.len(), plan.pixels);
                let slopes = MatRef::from_row_major_slice(slopes, block.len(), plan.pixels);
                matmul(plan.part_mut(slope, 2), accumulate, gradient, weights, 1.0, Par::Seq);
                let q = plan.part(qkv, 0).subcols(block.start, block.len());
                matmul(plan.part_mut(slope, 1), accumulate, q, slopes, 1.0, Par::Seq);
                let of_q = plan.part_mut(slope, 0).subcols_mut(block.start, block.len());
                matmul(of_q, Accum::Replace, plan.part(qkv, 1), slopes.transpose(), 1.0, Par::Seq);
            });
        }
    });
    slope
}

/// q^T k of a block of queries: `[queries, pixels]`.
fn scores(plan: &Plan, qkv: &[f32], block: &Range<usize>, out: &mut [f32]) {
    let q = plan.part(qkv, 0).subcols(block.start, block.len());
    let out = MatMut::from_row_major_slice_mut(out, block.len(), plan.pixels);
    matmul(out, Accum::Replace, q.transpose(), plan.part(qkv, 1), 1.0, Par::Seq);
}

/// Scores of one query become its weights; gives the logarithm of the sum of their exponentials.
#[inline(always)]
fn softmax(scores: &mut [f32], scale: f32) -> f32 {
    let mut most = f32::NEG_INFINITY;
    for score in scores.iter() {
        // A NaN is not lost: its exponential is NaN again.
        most = if *score > most { *score } else { most };
    }
    for score in scores.iter_mut() {
        *score = exp((*score - most) * scale);
    }
    let sum = lanes::sum(scores, scores, |weight, _| weight);
    let factor = 1.0 / sum;
    for weight in scores.iter_mut() {
        *weight *= factor;
    }
    most * scale + sum.ln()
}

/// Scores become weights again, and gradients in the weights those in q^T k.
#[inline(always)]
fn slopes_of_scores(scores: &mut [f32], slopes: &mut [f32], log_sum: f32, scale: f32) {
    for score in scores.iter_mut() {
        *score = exp(*score * scale - log_sum);
    }
    let along = lanes::sum(scores, slopes, |weight, slope| weight * slope);
    for (slope, weight) in slopes.iter_mut().zip(scores) {
        *slope = *weight * (*slope - along) * scale;
    }
}
