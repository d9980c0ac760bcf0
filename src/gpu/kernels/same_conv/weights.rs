//! The gradients in weights and bias. Each tap's is a product of the result's gradient with the image as that tap saw
//! it, summed over pixels: with channels side by side, a row of it is a stretch of weights.

use std::ops::Range;

use rayon::prelude::*;

use super::super::fresh::to_write;
use super::super::products::{
    Factors, Place, Rows, Start, Strips, Term, Terms, block, run_of, strips, transpose,
};
use super::super::scratch;
use super::sizes::Sizes;
use crate::simd::Level;
use crate::simd::vector::{self, LINE, Sweep, Vector, sweep};

/// The gradient of the weights is summed in so many parts of the batch, whatever the number of
/// threads: more keep more cores busy, each costs one more copy of the weights.
const PARTS: usize = 8;

/// Pixels whose channels stay in a core's nearest cache while all taps look at them.
const PIXELS: usize = 128;

/// Outputs that are worth a share of their own.
const OUTPUTS: usize = 16;

/// Lines of channels that one pass reads whole, or nearly.
const FEW_LINES: usize = 4;

/// Gradients in the weights, `[outputs, inputs, rows, columns]`, and in the bias. The order of additions does not depend
/// on threads.
pub fn slopes(level: Level, sizes: &Sizes, x: &[f32], gradient: &[f32]) -> (Vec<f32>, Vec<f32>) {
    let (image, result) = (sizes.inputs * sizes.pixels(), sizes.outputs * sizes.pixels());
    let samples = sizes.batch.div_ceil(PARTS);
    let plan = Plan::new(level, sizes, samples, rayon::current_num_threads());
    let groups = x.par_chunks(samples * image).zip(gradient.par_chunks(samples * result));
    let parts: Vec<Sums> = groups.map(|(x, gradient)| plan.sums_of_part(x, gradient)).collect();
    plan.joined(&parts)
}

/// Gradients from some samples.
struct Sums {
    /// For each share of the outputs `[taps, outputs, inputs]`, inputs in whole lines.
    weight: Vec<f32>,
    /// `[outputs]`, in whole lines.
    bias: Vec<f32>,
}

/// How the gradient of the weights is summed.
struct Plan<'a> {
    level: Level,
    sizes: &'a Sizes,
    /// Numbers of a pixel's inputs, and of its outputs.
    inputs: usize,
    outputs: usize,
    /// Vectors of a pixel's inputs.
    places: Vec<Place>,
    /// Samples whose pixels are summed as if they were one's.
    samples: usize,
    /// Outputs of a share: all, where each thread has samples of its own.
    share: usize,
    terms: Vec<Terms>,
}

impl<'a> Plan<'a> {
    /// For parts of so many samples, on so many threads.
    fn new(level: Level, sizes: &'a Sizes, samples: usize, threads: usize) -> Self {
        let [inputs, outputs] = [sizes.inputs, sizes.outputs].map(stride);
        let places = run_of(sizes.inputs, vector::lanes(level));
        let sharers = threads.div_ceil(sizes.batch.div_ceil(samples)).min(sizes.outputs.div_ceil(OUTPUTS));
        let share = sizes.outputs.div_ceil(sharers).next_multiple_of(block(level));
        let samples = samples.min(PIXELS.div_ceil(sizes.pixels()));
        let plan = Self { level, sizes, inputs, outputs, places, samples, share, terms: Vec::new() };
        Self { terms: plan.terms(samples), ..plan }
    }

    /// For some pixels of so many samples, and each tap: the pixels of the result that see one of the image, and
    /// which, `[pixels, taps]`.
    fn terms(&self, samples: usize) -> Vec<Terms> {
        let (pixels, all) = (self.sizes.pixels(), samples * self.sizes.pixels());
        let term = |pixel: usize, tap: usize| {
            let seen = pixel / pixels * pixels + seen(self.sizes, pixel % pixels, tap)?;
            Some(Term { factor: pixel * self.outputs, source: seen * self.inputs })
        };
        let stretches = (0..all).step_by(PIXELS).map(|from| from..(from + PIXELS).min(all));
        let of_tap =
            |pixels: Range<usize>, tap: usize| pixels.filter_map(|pixel| term(pixel, tap)).collect::<Terms>();
        let taps = self.sizes.taps();
        stretches
            .flat_map(|pixels| (0..taps).map(move |tap| (pixels.clone(), tap)))
            .map(|(pixels, tap)| of_tap(pixels, tap))
            .collect()
    }

    fn sums_of_part(&self, x: &[f32], gradient: &[f32]) -> Sums {
        let (image, result) =
            (self.sizes.inputs * self.sizes.pixels(), self.sizes.outputs * self.sizes.pixels());
        let weight = vec![0.0; self.sizes.taps() * self.sizes.outputs * self.inputs];
        let mut sums = Sums { weight, bias: vec![0.0; self.outputs] };
        for (x, gradient) in x.chunks(self.samples * image).zip(gradient.chunks(self.samples * result)) {
            let samples = x.len() / image;
            if samples == self.samples {
                self.add(x, gradient, &self.terms, &mut sums);
            } else {
                self.add(x, gradient, &self.terms(samples), &mut sums);
            }
        }
        sums
    }

    /// Adds those of some samples.
    fn add(&self, x: &[f32], gradient: &[f32], terms: &[Terms], sums: &mut Sums) {
        let pixels = x.len() / self.sizes.inputs;
        // The last block of rows may reach beyond the last pixel's outputs.
        let rooms = [pixels * self.inputs, pixels * self.outputs + LINE];
        if self.share >= self.sizes.outputs {
            scratch::with(rooms, |rooms| self.add_in(rooms, x, gradient, terms, sums));
        } else {
            let mut rooms = rooms.map(|len| vec![0.0; len]);
            self.add_in(rooms.each_mut().map(Vec::as_mut_slice), x, gradient, terms, sums);
        }
    }

    /// The same, with room for images and gradients whose channels lie side by side.
    fn add_in(
        &self,
        [images, gradients]: [&mut [f32]; 2],
        x: &[f32],
        gradient: &[f32],
        terms: &[Terms],
        sums: &mut Sums,
    ) {
        let (level, sizes, pixels, taps) = (self.level, self.sizes, self.sizes.pixels(), self.sizes.taps());
        let turn = |values: &[f32], channels: usize, out: &mut [f32], stride: usize| {
            let samples = values.chunks_exact(channels * pixels).zip(out.chunks_mut(pixels * stride));
            samples.for_each(|(values, out)| {
                let rows = Rows { values, rows: channels, columns: pixels, stride: pixels };
                transpose(level, rows, out, stride);
            });
        };
        turn(x, sizes.inputs, images, self.inputs);
        turn(gradient, sizes.outputs, gradients, self.outputs);
        let all = gradients.len() - LINE;
        let total = OverPixels { pixels: &gradients[..all], sums: &mut sums.bias };
        // SAFETY: the processor has this level, and channels are whole lines.
        unsafe { sweep(level, self.outputs, total) }
        let add = |(number, sums): (usize, &mut [f32])| {
            let (first, plane) = (number * self.share, sums.len() / taps);
            for (number, terms) in terms.iter().enumerate() {
                let product = Strips {
                    rows: plane / self.inputs,
                    factors: Factors { values: &gradients[first..], stride: block(level) },
                    terms,
                    input: images,
                    places: &self.places,
                    start: Start::Result,
                    out: to_write(&mut sums[number % taps * plane..][..plane]),
                    stride: self.inputs,
                };
                strips(level, product);
            }
        };
        let shares = self.share * taps * self.inputs;
        if shares >= sums.weight.len() {
            add((0, &mut sums.weight));
        } else {
            sums.weight.par_chunks_mut(shares).enumerate().for_each(add);
        }
    }

    /// The sum of all parts, weights in their order.
    fn joined(&self, parts: &[Sums]) -> (Vec<f32>, Vec<f32>) {
        let (taps, inputs) = (self.sizes.taps(), self.sizes.inputs);
        let mut weight = vec![0.0; self.sizes.outputs * inputs * taps];
        weight.par_chunks_mut(inputs * taps).enumerate().for_each(|(output, weight)| {
            let mut sum = vec![0.0; inputs];
            let first = output / self.share * self.share;
            let share = self.share.min(self.sizes.outputs - first);
            for tap in 0..taps {
                sum.fill(0.0);
                for part in parts {
                    let part = &part.weight[first * taps * self.inputs..];
                    let part = &part[(tap * share + output - first) * self.inputs..];
                    sum.iter_mut().zip(part).for_each(|(sum, value)| *sum += value);
                }
                let weight = weight.iter_mut().skip(tap).step_by(taps);
                weight.zip(&sum).for_each(|(weight, sum)| *weight = *sum);
            }
        });
        let mut bias = vec![0.0; self.sizes.outputs];
        for part in parts {
            bias.iter_mut().zip(&part.bias).for_each(|(bias, value)| *bias += value);
        }
        (weight, bias)
    }
}

/// Adds pixels, `[pixels, channels]`, to `sums`, `[channels]`, both in whole lines.
struct OverPixels<'a> {
    pixels: &'a [f32],
    sums: &'a mut [f32],
}

impl Sweep for OverPixels<'_> {
    #[inline(always)]
    unsafe fn run<V: Vector>(self) {
        let channels = self.sums.len();
        for stretch in self.pixels.chunks(PIXELS * channels) {
            for from in (0..channels).step_by(V::LANES) {
                // SAFETY: a vector of channels of each pixel, and of the sums, lies in its slice; the caller promised
                // the processor.
                unsafe {
                    // Two sums side by side: an addition need not wait for the one before.
                    let (mut even, mut odd) = (V::splat(0.0), V::splat(0.0));
                    for pixels in stretch.chunks(2 * channels) {
                        even = even.plus(V::load(pixels.as_ptr().add(from)));
                        if pixels.len() > channels {
                            odd = odd.plus(V::load(pixels.as_ptr().add(channels + from)));
                        }
                    }
                    let sum = self.sums.as_mut_ptr().add(from);
                    V::load(sum).plus(even.plus(odd)).store(sum);
                }
            }
        }
    }
}

/// Numbers from pixel to pixel, for so many channels: whole lines and, of many, an odd number, so that pixels do not
/// compete for the same few lines of a cache.
fn stride(channels: usize) -> usize {
    let lines = channels.div_ceil(LINE);
    LINE * if lines > FEW_LINES { lines | 1 } else { lines }
}

/// The pixel of the image that a tap sees from a pixel of the result, if any.
fn seen(sizes: &Sizes, pixel: usize, tap: usize) -> Option<usize> {
    let [rows, columns] = sizes.kernel;
    let row = (pixel / sizes.width + tap / columns).checked_sub(rows / 2)?;
    let column = (pixel % sizes.width + tap % columns).checked_sub(columns / 2)?;
    (row < sizes.height && column < sizes.width).then_some(row * sizes.width + column)
}
