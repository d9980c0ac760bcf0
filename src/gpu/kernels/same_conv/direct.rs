//! The convolution as products of its weights with stretches of padded images: nothing is unfolded. The order of
//! additions does not depend on threads.

use rayon::prelude::*;

use super::super::products::{Dots, Factors, Place, Strips, block, dots, strips};
use super::super::{lanes, scratch};
use super::padded::Padded;
use super::sizes::Sizes;
use crate::simd::{self, Level};

/// The gradient of the weights is summed in so many parts of the batch, whatever the number of
/// threads: more keep more cores busy, each costs one more copy of the weights.
const PARTS: usize = 8;

/// Pixels that a sum of products runs over in one go, about: its vectors are summed up once each.
const PIXELS: usize = 1024;

/// `y = weight ∗ x + bias`.
pub fn forward(level: Level, sizes: &Sizes, x: &[f32], weight: &[f32], bias: &[f32]) -> Vec<f32> {
    let terms = sizes.inputs * sizes.taps();
    let factors = packed(level, sizes.outputs, terms, |row, term| weight[row * terms + term]);
    convolve(level, sizes, x, &factors, Some(bias))
}

/// Gradient in `x`: the same convolution of the result's gradient, with turned and transposed weights.
pub fn slope(level: Level, sizes: &Sizes, weight: &[f32], gradient: &[f32]) -> Vec<f32> {
    let (back, taps) = (sizes.back(), sizes.taps());
    let factors = packed(level, back.outputs, back.inputs * taps, |row, term| {
        let (output, tap) = (term / taps, term % taps);
        weight[(output * sizes.inputs + row) * taps + taps - 1 - tap]
    });
    convolve(level, &back, gradient, &factors, None)
}

/// Weights in the order of [`Factors`].
fn packed(level: Level, rows: usize, terms: usize, weight: impl Fn(usize, usize) -> f32 + Sync) -> Vec<f32> {
    let block = block(level);
    let mut values = vec![0.0; rows.div_ceil(block) * block * terms];
    values.par_chunks_mut(block * terms).enumerate().for_each(|(number, values)| {
        let first = number * block;
        for row in first..rows.min(first + block) {
            for term in 0..terms {
                values[term * block + row - first] = weight(row, term);
            }
        }
    });
    values
}

fn convolve(level: Level, sizes: &Sizes, x: &[f32], factors: &[f32], bias: Option<&[f32]>) -> Vec<f32> {
    let plain = Padded::none(level, sizes);
    let padded = plain.unwrap_or_else(|| Padded::of(level, sizes));
    let (places, sources) = (padded.places(sizes), padded.sources(sizes));
    let (image, pixels, result) = (sizes.inputs * sizes.pixels(), sizes.pixels(), padded.result(sizes));
    let factors = Factors { values: factors, stride: sources.len() * block(level) };
    let product = |input: &[f32], out: &mut [f32], stride: usize| {
        let (sources, places) = (&sources, &places);
        strips(
            level,
            Strips { rows: sizes.outputs, factors, sources, input, places, start: bias, out, stride },
        );
    };
    let mut y = vec![0.0; sizes.batch * sizes.outputs * pixels];
    y.par_chunks_mut(sizes.outputs * pixels).zip(x.par_chunks(image)).for_each(|(y, x)| {
        if plain.is_some() {
            return product(x, y, pixels);
        }
        let room = if padded.is_even() { 0 } else { sizes.outputs * result };
        scratch::with_two([sizes.inputs * padded.plane, room], |images, results| {
            padded.pad(sizes, x, images);
            if padded.is_even() {
                return product(images, y, pixels);
            }
            product(images, results, result);
            padded.join(sizes, results, y);
        });
    });
    y
}

/// Gradients in `weight` and in `bias`.
pub fn slopes_affine(level: Level, sizes: &Sizes, x: &[f32], gradient: &[f32]) -> (Vec<f32>, Vec<f32>) {
    let (image, result) = (sizes.inputs * sizes.pixels(), sizes.outputs * sizes.pixels());
    let plan = Plan::new(level, sizes);
    let samples = sizes.batch.div_ceil(PARTS);
    let groups = x.par_chunks(samples * image).zip(gradient.par_chunks(samples * result));
    let parts: Vec<Vec<f32>> = groups.map(|(x, gradient)| plan.slope_of_part(x, gradient)).collect();
    let mut weight = vec![0.0; sizes.outputs * sizes.inputs * sizes.taps()];
    let chunk = weight.len().div_ceil(PARTS).max(1);
    weight.par_chunks_mut(chunk).enumerate().for_each(|(number, weight)| {
        for part in &parts {
            let part = &part[number * chunk..][..weight.len()];
            weight.iter_mut().zip(part).for_each(|(sum, value)| *sum += value);
        }
    });
    (weight, slope_of_bias(sizes, gradient))
}

/// Gradient in the bias: that in the result, summed over pixels and samples.
pub fn slope_of_bias(sizes: &Sizes, gradient: &[f32]) -> Vec<f32> {
    let pixels = sizes.pixels();
    let bias = (0..sizes.outputs).into_par_iter().map(|channel| {
        let images = gradient.chunks_exact(sizes.outputs * pixels);
        let channels = images.map(|image| &image[channel * pixels..][..pixels]);
        channels.fold(0.0, |bias, channel| {
            let sum = simd::dispatch(
                #[inline(always)]
                || lanes::sum(channel, channel, |value, _| value),
            );
            bias + sum
        })
    });
    bias.collect()
}

/// How the gradient of the weights is summed.
struct Plan<'a> {
    level: Level,
    sizes: &'a Sizes,
    padded: Padded,
    /// Nothing is padded.
    is_plain: bool,
    /// Samples of one sum.
    samples: usize,
    /// In the gradient, then in the images; all those of a sample, sample after sample.
    places: Vec<Place>,
    /// Where outputs begin in the gradient, and what taps of inputs see in the images.
    outputs: Vec<usize>,
    sources: Vec<usize>,
}

impl<'a> Plan<'a> {
    fn new(level: Level, sizes: &'a Sizes) -> Self {
        let plain = Padded::none(level, sizes);
        let padded = plain.unwrap_or_else(|| Padded::of(level, sizes));
        let samples = (PIXELS / sizes.pixels()).clamp(1, sizes.batch.div_ceil(PARTS));
        let (images, results) = (sizes.inputs * padded.plane, sizes.outputs * padded.result(sizes));
        let of_one = padded.places(sizes);
        let of_sample = |sample: usize| {
            of_one.iter().map(move |place| Place {
                from: sample * results + place.to,
                to: sample * images + place.from,
            })
        };
        Self {
            level,
            sizes,
            padded,
            is_plain: plain.is_some(),
            samples,
            places: (0..samples).flat_map(of_sample).collect(),
            outputs: (0..sizes.outputs).map(|output| output * padded.result(sizes)).collect(),
            sources: padded.sources(sizes),
        }
    }

    /// Of so many samples as there are.
    fn slope_of_part(&self, x: &[f32], gradient: &[f32]) -> Vec<f32> {
        let (sizes, padded) = (self.sizes, &self.padded);
        let (image, result) = (sizes.inputs * sizes.pixels(), sizes.outputs * sizes.pixels());
        let mut weight = vec![0.0; self.outputs.len() * self.sources.len()];
        for (x, gradient) in x.chunks(self.samples * image).zip(gradient.chunks(self.samples * result)) {
            let samples = x.len() / image;
            let places = &self.places[..self.places.len() / self.samples * samples];
            let mut add = |images: &[f32], gradients: &[f32]| {
                let (a, b) = (gradients, images);
                let (a_rows, b_rows) = (&self.outputs, &self.sources);
                dots(self.level, Dots { a, a_rows, b, b_rows, places, out: &mut weight });
            };
            if self.is_plain {
                add(x, gradient);
                continue;
            }
            let room = if padded.is_even() { 0 } else { samples * sizes.outputs * padded.result(sizes) };
            scratch::with_two([samples * sizes.inputs * padded.plane, room], |images, gradients| {
                padded.pad(sizes, x, images);
                if padded.is_even() {
                    return add(images, gradient);
                }
                padded.part(sizes, gradient, gradients);
                add(images, gradients);
            });
        }
        weight
    }
}
