//! Matrix products of the CPU twin, some queries of one head at a time: their weights fit a core's cache, and are
//! calculated anew in the backward pass instead of kept. The order of additions does not depend on threads.
//!
//! Weights lie by keys, `[keys, queries]`: queries side by side fill vectors, and none has to sum one up.

use std::ops::Range;

use burn::backend::Shape;
use rayon::prelude::*;

use super::super::exp::exp;
use super::super::fresh::{Unwritten, to_write, written};
use super::super::products::{Factors, Rows, Start, Strips, Term, Terms, block, run_of, strips, transpose};
use super::super::scratch;
use crate::gpu::tally::Cost;
use crate::simd::vector::{self, LINE};
use crate::simd::{self, Level};

/// Weights of a block of queries, about: 256 KiB, four times in the backward pass.
const WEIGHTS: usize = 1 << 16;

/// Keys whose exponentials are added up one after another; such sums are then added up.
const SUM: usize = 64;

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
    pub fn scale(&self) -> f32 {
        (self.channels as f64).powf(-0.5) as f32
    }

    /// Numbers of one row of a result.
    fn len(&self) -> usize {
        self.channels * self.pixels
    }

    /// Queries of a block.
    fn queries(&self) -> usize {
        (WEIGHTS / self.pixels).next_multiple_of(LINE).min(self.pixels)
    }

    /// Blocks of queries.
    fn blocks(&self) -> impl Iterator<Item = Range<usize>> {
        let (pixels, step) = (self.pixels, self.queries());
        (0..pixels).step_by(step).map(move |from| from..(from + step).min(pixels))
    }

    /// Channels and pixels in whole lines.
    fn whole(&self) -> [usize; 2] {
        [self.channels, self.pixels].map(|count| count.next_multiple_of(LINE))
    }
}

/// Queries, keys or values of a row, or a row of a result: `[channels, stride]`.
#[derive(Clone, Copy)]
struct Part<'a> {
    values: &'a [f32],
    stride: usize,
}

impl<'a> Part<'a> {
    /// The queries, keys and values of a row of `qkv`, `[channels, 3, pixels]`.
    fn three(row: &'a [f32], pixels: usize) -> [Self; 3] {
        [0, 1, 2].map(|part| Self { values: &row[part * pixels..], stride: 3 * pixels })
    }

    /// The pixels from `range` on, as many as there are in whole vectors: `[channels, pixels]`.
    fn copied(&self, plan: &Plan, range: &Range<usize>, out: &mut [f32]) {
        let stride = range.len().next_multiple_of(LINE);
        for (channel, out) in out.chunks_exact_mut(stride).enumerate().take(plan.channels) {
            out[..range.len()].copy_from_slice(&self.values[channel * self.stride..][range.clone()]);
            out[range.len()..].fill(0.0);
        }
    }

    /// `[pixels, channels]`, channels in whole vectors.
    fn turned(&self, level: Level, plan: &Plan, range: &Range<usize>, out: &mut [f32]) {
        let (values, stride) = (&self.values[range.start..], self.stride);
        let rows = Rows { values, rows: plan.channels, columns: range.len(), stride };
        transpose(level, rows, out, plan.whole()[0]);
    }
}

/// One product of factors `[terms, rows]` and numbers `[terms, columns]`, each with their numbers from term to term:
/// into `[rows, stride]`.
struct Product<'a> {
    rows: usize,
    columns: usize,
    terms: usize,
    factors: (&'a [f32], usize),
    input: (&'a [f32], usize),
    start: Start<'a>,
}

impl Product<'_> {
    fn run(self, level: Level, out: &mut [f32], stride: usize) {
        let term = |term| Term { factor: term * self.factors.1, source: term * self.input.1 };
        let product = Strips {
            rows: self.rows,
            factors: Factors { values: self.factors.0, stride: block(level) },
            terms: &(0..self.terms).map(term).collect::<Terms>(),
            input: self.input.0,
            places: &run_of(self.columns, vector::lanes(level)),
            start: self.start,
            out: to_write(out),
            stride,
        };
        strips(level, product);
    }
}

/// `y = v w^T` with `w = softmax_k(q^T k / sqrt(channels))`, and for each query the logarithm of the sum that its
/// weights were divided by.
pub fn forward(level: Level, plan: &Plan, qkv: &[f32]) -> (Vec<f32>, Vec<f32>) {
    let ([channels, keys], queries) = (plan.whole(), plan.queries().next_multiple_of(LINE));
    let mut sums = vec![0.0; plan.rows * plan.pixels];
    let all = |y: &mut [Unwritten]| {
        let rows = y.par_chunks_mut(plan.len()).zip(sums.par_chunks_mut(plan.pixels));
        rows.zip(qkv.par_chunks(3 * plan.len())).for_each(|((y, sums), qkv)| {
            let [q, k, v] = Part::three(qkv, plan.pixels);
            // The last block of rows may reach beyond the last term's.
            let lens = [plan.channels * queries, plan.channels * keys + LINE, plan.pixels * channels + LINE];
            let [q_len, k_len, v_len] = lens;
            let lens =
                [q_len, k_len, v_len, plan.pixels * queries, plan.channels * queries, queries, queries];
            scratch::with(lens, |[q_block, k_rows, v_turned, weights, made, most, total]| {
                k.copied(plan, &(0..plan.pixels), k_rows);
                v.turned(level, plan, &(0..plan.pixels), v_turned);
                for block in plan.blocks() {
                    let stride = block.len().next_multiple_of(LINE);
                    q.copied(plan, &block, q_block);
                    scores(level, plan, (k_rows, keys), (q_block, stride), weights);
                    let weights = &mut weights[..plan.pixels * stride];
                    let (most, total) = (&mut most[..stride], &mut total[..stride]);
                    simd::dispatch(
                        #[inline(always)]
                        || exponentials(weights, most, total, plan.scale()),
                    );
                    over_keys(level, plan, v_turned, (weights, stride), made);
                    for (channel, made) in made.chunks_exact(stride).enumerate().take(plan.channels) {
                        let y = &mut y[channel * plan.pixels..][block.clone()];
                        let made = y.iter_mut().zip(made).zip(&*total);
                        made.for_each(|((y, made), total)| {
                            y.write(made / total);
                        });
                    }
                    for ((sum, most), total) in sums[block].iter_mut().zip(most).zip(total) {
                        *sum = *most * plan.scale() + total.ln();
                    }
                }
            });
        });
    };
    // SAFETY: of each row all channels are, block by block.
    let y = unsafe { written(plan.rows * plan.len(), all) };
    (y, sums)
}

/// Gradient in `qkv` from `g`, that in `y`. With D = w ⊙ (g^T v - its row sums of w ⊙ g^T v):
///
/// - values: g w;
/// - queries: k D^T / sqrt(channels); keys: q D / sqrt(channels).
pub fn backward(level: Level, plan: &Plan, qkv: &[f32], sums: &[f32], gradient: &[f32]) -> Vec<f32> {
    let ([channels, keys], queries) = (plan.whole(), plan.queries().next_multiple_of(LINE));
    let all = |slope: &mut [Unwritten]| {
        let rows = slope.par_chunks_mut(3 * plan.len()).zip(qkv.par_chunks(3 * plan.len()));
        let rows = rows.zip(sums.par_chunks(plan.pixels)).zip(gradient.par_chunks(plan.len()));
        rows.for_each(|(((slope, qkv), sums), gradient)| {
            let [q, k, v] = Part::three(qkv, plan.pixels);
            let gradient = Part { values: gradient, stride: plan.pixels };
            // The last block of rows may reach beyond the last term's.
            let (by_channel, by_query) = (plan.channels * keys + LINE, plan.channels * queries);
            let turned = plan.pixels.max(queries) * channels + LINE;
            let matrix = plan.pixels * queries;
            let of_keys = [by_channel, by_channel, turned, by_channel, by_channel];
            let of_queries = [by_query, by_query, turned, by_query, queries];
            let of_both = [matrix, matrix, queries * keys + LINE];
            scratch::with(
                [of_keys.iter().sum(), of_queries.iter().sum(), of_both.iter().sum()],
                |[a, b, c]| {
                    let [k_rows, v_rows, k_turned, of_k, of_v] = scratch::cut(a, of_keys);
                    let [q_block, g_block, turned, of_q, along] = scratch::cut(b, of_queries);
                    let [weights, slopes, by_queries] = scratch::cut(c, of_both);
                    k.copied(plan, &(0..plan.pixels), k_rows);
                    v.copied(plan, &(0..plan.pixels), v_rows);
                    k.turned(level, plan, &(0..plan.pixels), k_turned);
                    for block in plan.blocks() {
                        let stride = block.len().next_multiple_of(LINE);
                        let start = if block.start == 0 { Start::Zero } else { Start::Result };
                        q.copied(plan, &block, q_block);
                        gradient.copied(plan, &block, g_block);
                        scores(level, plan, (k_rows, keys), (q_block, stride), weights);
                        scores(level, plan, (v_rows, keys), (g_block, stride), slopes);
                        let (weights, slopes) =
                            (&mut weights[..plan.pixels * stride], &mut slopes[..plan.pixels * stride]);
                        let along = &mut along[..stride];
                        simd::dispatch(
                            #[inline(always)]
                            || slopes_of_scores(weights, slopes, along, &sums[block.clone()], plan.scale()),
                        );
                        // Sums over queries, of which the first block begins them.
                        let rows = |values| Rows { values, rows: plan.pixels, columns: block.len(), stride };
                        for (matrix, part, out) in
                            [(&*weights, &gradient, &mut *of_v), (&*slopes, &q, &mut *of_k)]
                        {
                            transpose(level, rows(matrix), by_queries, keys);
                            part.turned(level, plan, &block, turned);
                            let product = Product {
                                rows: plan.channels,
                                columns: keys,
                                terms: block.len(),
                                factors: (turned, channels),
                                input: (by_queries, keys),
                                start,
                            };
                            product.run(level, out, keys);
                        }
                        over_keys(level, plan, k_turned, (slopes, stride), of_q);
                        write(plan, 0, &block, (of_q, stride), slope);
                    }
                    let whole = 0..plan.pixels;
                    write(plan, 1, &whole, (of_k, keys), slope);
                    write(plan, 2, &whole, (of_v, keys), slope);
                },
            );
        });
    };
    // SAFETY: of each row all channels of queries, block by block, of keys and of values are.
    unsafe { written(qkv.len(), all) }
}

/// Some pixels of queries (0), keys (1) or values (2) of a row: from `[channels, stride]`.
fn write(
    plan: &Plan,
    part: usize,
    range: &Range<usize>,
    (values, stride): (&[f32], usize),
    out: &mut [Unwritten],
) {
    for (channel, values) in values.chunks_exact(stride).enumerate().take(plan.channels) {
        let out = &mut out[(3 * channel + part) * plan.pixels..][range.clone()];
        out.write_copy_of_slice(&values[..range.len()]);
    }
}

/// `k^T q` of a block of queries: `[keys, queries]`.
fn scores(level: Level, plan: &Plan, k: (&[f32], usize), q: (&[f32], usize), out: &mut [f32]) {
    let (rows, columns, terms) = (plan.pixels, q.1, plan.channels);
    Product { rows, columns, terms, factors: k, input: q, start: Start::Zero }.run(level, out, q.1);
}

/// Sums over keys of their numbers, `[keys, channels]`, times those of a block of queries, `[keys, queries]`:
/// `[channels, queries]`.
fn over_keys(level: Level, plan: &Plan, turned: &[f32], queries: (&[f32], usize), out: &mut [f32]) {
    let (rows, columns, terms) = (plan.channels, queries.1, plan.pixels);
    let factors = (turned, plan.whole()[0]);
    Product { rows, columns, terms, factors, input: queries, start: Start::Zero }.run(level, out, queries.1);
}

/// Scores, `[keys, queries]`, become exponentials of their distance to each query's largest, and those are summed up.
#[inline(always)]
fn exponentials(scores: &mut [f32], most: &mut [f32], total: &mut [f32], scale: f32) {
    let queries = most.len();
    most.fill(f32::NEG_INFINITY);
    for scores in scores.chunks_exact(queries) {
        for (most, score) in most.iter_mut().zip(scores) {
            // A NaN is not lost: its exponential is NaN again.
            *most = if *score > *most { *score } else { *most };
        }
    }
    total.fill(0.0);
    for keys in scores.chunks_mut(SUM * queries) {
        for from in (0..queries).step_by(LINE) {
            let mut sum = [0.0f32; LINE];
            let most = &most[from..from + LINE];
            for scores in keys.chunks_exact_mut(queries) {
                let scores = &mut scores[from..from + LINE];
                for lane in 0..LINE {
                    scores[lane] = exp((scores[lane] - most[lane]) * scale);
                    sum[lane] += scores[lane];
                }
            }
            total[from..from + LINE].iter_mut().zip(sum).for_each(|(total, sum)| *total += sum);
        }
    }
}

/// Scores, `[keys, queries]`, become weights again, and gradients in the weights those in k^T q.
#[inline(always)]
fn slopes_of_scores(scores: &mut [f32], slopes: &mut [f32], along: &mut [f32], sums: &[f32], scale: f32) {
    let queries = along.len();
    along.fill(0.0);
    for (scores, slopes) in scores.chunks_mut(SUM * queries).zip(slopes.chunks(SUM * queries)) {
        for from in (0..queries).step_by(LINE) {
            let (mut sum, mut log_sums) = ([0.0f32; LINE], [0.0f32; LINE]);
            // Beyond the last query is nothing that anybody reads.
            let known = &sums[from.min(sums.len())..(from + LINE).min(sums.len())];
            log_sums[..known.len()].copy_from_slice(known);
            for (scores, slopes) in scores.chunks_exact_mut(queries).zip(slopes.chunks_exact(queries)) {
                let (scores, slopes) = (&mut scores[from..from + LINE], &slopes[from..from + LINE]);
                for lane in 0..LINE {
                    scores[lane] = exp(scores[lane] * scale - log_sums[lane]);
                    sum[lane] += scores[lane] * slopes[lane];
                }
            }
            along[from..from + LINE].iter_mut().zip(sum).for_each(|(along, sum)| *along += sum);
        }
    }
    for (scores, slopes) in scores.chunks_exact(queries).zip(slopes.chunks_exact_mut(queries)) {
        for ((slope, weight), along) in slopes.iter_mut().zip(scores).zip(&*along) {
            *slope = *weight * (*slope - along) * scale;
        }
    }
}
