//! The gradients in weights and bias. Each tap's is a product of the result's gradient with the image as that tap saw
//! it, summed over pixels: with channels side by side, a row of it is a stretch of weights.

use rayon::prelude::*;

use super::super::fresh::to_write;
use super::super::products::{
    Factors, Place, Rows, Start, Strips, Term, Terms, block, run_of, strips, transpose,
};
use super::super::{lanes, scratch};
use super::sizes::Sizes;
use crate::simd::Level;
use crate::simd::vector::{self, LINE};

/// The gradient of the weights is summed in so many parts of the batch, whatever the number of
/// threads: more keep more cores busy, each costs one more copy of the weights.
const PARTS: usize = 8;

/// Pixels whose channels stay in a core's nearest cache while all taps look at them.
const PIXELS: usize = 128;

/// Gradients in the weights, `[outputs, inputs, rows, columns]`, and in the bias. The order of additions does not depend
/// on threads.
pub fn slopes(level: Level, sizes: &Sizes, x: &[f32], gradient: &[f32]) -> (Vec<f32>, Vec<f32>) {
    let plan = Plan::new(level, sizes);
    let (image, result) = (sizes.inputs * sizes.pixels(), sizes.outputs * sizes.pixels());
    let samples = sizes.batch.div_ceil(PARTS);
    let groups = x.par_chunks(samples * image).zip(gradient.par_chunks(samples * result));
    let parts: Vec<Vec<f32>> = groups.map(|(x, gradient)| plan.sums_of_part(x, gradient)).collect();
    (plan.joined(&parts), slope_of_bias(sizes, gradient))
}

/// Gradient in the bias: that in the result, summed over pixels and samples.
fn slope_of_bias(sizes: &Sizes, gradient: &[f32]) -> Vec<f32> {
    let pixels = sizes.pixels();
    let bias = (0..sizes.outputs).into_par_iter().map(|channel| {
        let images = gradient.chunks_exact(sizes.outputs * pixels);
        let channels = images.map(|image| &image[channel * pixels..][..pixels]);
        channels.fold(0.0, |bias, channel| bias + lanes::total(channel))
    });
    bias.collect()
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
    /// For some pixels, and each tap, the pixels of the result that see one of the image, and which: `[pixels, taps]`.
    terms: Vec<Terms>,
}

impl<'a> Plan<'a> {
    fn new(level: Level, sizes: &'a Sizes) -> Self {
        let [inputs, outputs] = [sizes.inputs, sizes.outputs].map(|channels| channels.next_multiple_of(LINE));
        let stretches =
            (0..sizes.pixels()).step_by(PIXELS).map(|from| from..(from + PIXELS).min(sizes.pixels()));
        let term = |pixel: usize, tap: usize| {
            let seen = seen(sizes, pixel, tap)?;
            Some(Term { factor: pixel * outputs, source: seen * inputs })
        };
        let of_tap = |pixels: &std::ops::Range<usize>, tap: usize| {
            pixels.clone().filter_map(|pixel| term(pixel, tap)).collect()
        };
        let terms =
            stretches.flat_map(|pixels| (0..sizes.taps()).map(move |tap| of_tap(&pixels, tap))).collect();
        let places = run_of(sizes.inputs, vector::lanes(level));
        Self { level, sizes, inputs, outputs, places, terms }
    }

    /// `[taps, outputs, inputs]`, of some samples.
    fn sums_of_part(&self, x: &[f32], gradient: &[f32]) -> Vec<f32> {
        let (level, sizes) = (self.level, self.sizes);
        let (pixels, plane) = (sizes.pixels(), sizes.outputs * self.inputs);
        let mut sums = vec![0.0; sizes.taps() * plane];
        let samples =
            x.chunks_exact(sizes.inputs * pixels).zip(gradient.chunks_exact(sizes.outputs * pixels));
        for (x, gradient) in samples {
            // The last block of rows may reach beyond the last pixel's outputs.
            let room = pixels * self.outputs + LINE;
            scratch::with([pixels * self.inputs, room], |[images, gradients]| {
                let rows = |values, rows| Rows { values, rows, columns: pixels, stride: pixels };
                transpose(level, rows(x, sizes.inputs), images, self.inputs);
                transpose(level, rows(gradient, sizes.outputs), gradients, self.outputs);
                for (number, terms) in self.terms.iter().enumerate() {
                    let out = &mut sums[number % sizes.taps() * plane..][..plane];
                    let product = Strips {
                        rows: sizes.outputs,
                        factors: Factors { values: gradients, stride: block(level) },
                        terms,
                        input: images,
                        places: &self.places,
                        start: Start::Result,
                        out: to_write(out),
                        stride: self.inputs,
                    };
                    strips(level, product);
                }
            });
        }
        sums
    }

    /// The sum of all parts, in the order of the weights.
    fn joined(&self, parts: &[Vec<f32>]) -> Vec<f32> {
        let (taps, inputs) = (self.sizes.taps(), self.sizes.inputs);
        let mut weight = vec![0.0; self.sizes.outputs * inputs * taps];
        weight.par_chunks_mut(inputs * taps).enumerate().for_each(|(output, weight)| {
            for part in parts {
                for tap in 0..taps {
                    let sums = &part[(tap * self.sizes.outputs + output) * self.inputs..][..inputs];
                    let weight = weight.iter_mut().skip(tap).step_by(taps);
                    weight.zip(sums).for_each(|(sum, value)| *sum += value);
                }
            }
        });
        weight
    }
}

/// The pixel of the image that a tap sees from a pixel of the result, if any.
fn seen(sizes: &Sizes, pixel: usize, tap: usize) -> Option<usize> {
    let [rows, columns] = sizes.kernel;
    let row = (pixel / sizes.width + tap / columns).checked_sub(rows / 2)?;
    let column = (pixel % sizes.width + tap % columns).checked_sub(columns / 2)?;
    (row < sizes.height && column < sizes.width).then_some(row * sizes.width + column)
}
