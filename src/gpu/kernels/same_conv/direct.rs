//! The convolution as products of its weights with stretches of padded images: nothing is unfolded.

use rayon::prelude::*;

use super::super::fresh::{Unwritten, to_write, written};
use super::super::products::{Factors, Start, Strips, Term, Terms, block, fetch, strips};
use super::super::scratch;
use super::padded::Padded;
use super::sizes::Sizes;
use crate::simd::Level;

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
        let held = block.min(rows - first);
        for (term, values) in values.chunks_exact_mut(block).enumerate() {
            for (row, value) in values[..held].iter_mut().enumerate() {
                *value = weight(first + row, term);
            }
        }
    });
    values
}

fn convolve(level: Level, sizes: &Sizes, x: &[f32], factors: &[f32], bias: Option<&[f32]>) -> Vec<f32> {
    let plain = Padded::none(level, sizes);
    let padded = plain.unwrap_or_else(|| Padded::of(level, sizes));
    let (places, block) = (padded.places(sizes), block(level));
    let terms = padded.sources(sizes).into_iter().enumerate();
    let terms: Terms = terms.map(|(term, source)| Term { factor: term * block, source }).collect();
    let (image, pixels, result) = (sizes.inputs * sizes.pixels(), sizes.pixels(), padded.result(sizes));
    let factors = Factors { values: factors, stride: sizes.inputs * sizes.taps() * block };
    let start = bias.map_or(Start::Zero, Start::Rows);
    let product = |input: &[f32], out: &mut [Unwritten], stride: usize| {
        let (terms, places) = (&terms, &places);
        strips(level, Strips { rows: sizes.outputs, factors, terms, input, places, start, out, stride });
    };
    let convolve = |y: &mut [Unwritten]| {
        y.par_chunks_mut(sizes.outputs * pixels).zip(x.par_chunks(image)).for_each(|(y, x)| {
            if plain.is_some() {
                fetch(x);
                fetch(y);
                return product(x, y, pixels);
            }
            let room = if padded.is_even() { 0 } else { sizes.outputs * result };
            scratch::with([sizes.inputs * padded.plane, room], |[images, results]| {
                padded.pad(sizes, x, images);
                if padded.is_even() {
                    return product(images, y, pixels);
                }
                product(images, to_write(results), result);
                padded.join(sizes, results, y);
            });
        });
    };
    // SAFETY: each sample's part is written: all rows at all places, or the rows that are joined.
    unsafe { written(sizes.batch * sizes.outputs * pixels, convolve) }
}
