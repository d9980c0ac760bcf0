//! 3×3 convolutions by Winograd's minimal filtering (Lavin and Gray, 2015): an output tile of 2×2 pixels costs
//! 16 products in place of 36.
//!
//! For one tile d of 4×4 pixels and one kernel g the result is A^T ((G g G^T) ⊙ (B^T d B)) A, summed over the input
//! channels: 16 matrix products, one for each place in a tile. The gradient in the image is the same of the result's
//! gradient, with turned kernels.

mod kernels;
mod pieces;
mod places;
mod tiles;

use std::cell::RefCell;
use std::ops::Range;

use rayon::prelude::*;

use super::super::fresh::{Unwritten, to_write, written};
use super::super::products::{Start, Strips, Term, Terms, block, run_of, strips};
use super::super::scratch;
use super::sizes::Sizes;
use crate::simd::Level;
use crate::simd::vector::lanes;
use kernels::Kernels;
use pieces::Task;
use places::{PLACES, plane};
use tiles::Channel;

/// Below so many channels on either side the transforms cost more than the products spare.
const LEAST_CHANNELS: usize = 24;
/// Nor does it pay for narrower images: vectors are not filled.
const LEAST_WIDTH: usize = 8;
/// Nor for fewer tiles: kernels have to be transformed, too.
const LEAST_TILES: usize = 32;

/// Tiles of a piece, about: products of fewer columns are slow, those of many more leave a core's cache.
const TILES: usize = 128;

/// Whether this route is right for such a convolution, and the faster one.
pub fn pays(sizes: &Sizes) -> bool {
    let is_right = sizes.kernel == [3, 3] && sizes.height.is_multiple_of(2) && sizes.width.is_multiple_of(2);
    let is_wide = sizes.inputs.min(sizes.outputs) >= LEAST_CHANNELS && sizes.width >= LEAST_WIDTH;
    is_right && is_wide && sizes.batch * sizes.pixels() / 4 >= LEAST_TILES
}

thread_local! {
    /// Some rows of an image, with zeros around.
    static PADDED: RefCell<Vec<f32>> = const { RefCell::new(Vec::new()) };
}

/// `y`: `[batch, outputs, height, width]`.
pub fn forward(level: Level, sizes: &Sizes, x: &[f32], weight: &[f32], bias: &[f32]) -> Vec<f32> {
    let kernels = Kernels::new(level, weight, sizes.outputs, sizes.inputs);
    convolve(level, sizes, x, &kernels, Some(bias))
}

/// Gradient in the images, `[batch, inputs, height, width]`.
pub fn slope(level: Level, sizes: &Sizes, weight: &[f32], gradient: &[f32]) -> Vec<f32> {
    let kernels = Kernels::turned(level, weight, sizes.outputs, sizes.inputs);
    convolve(level, &sizes.back(), gradient, &kernels, None)
}

fn convolve(level: Level, sizes: &Sizes, x: &[f32], kernels: &Kernels, bias: Option<&[f32]>) -> Vec<f32> {
    let (image, result) = (sizes.inputs * sizes.pixels(), sizes.outputs * sizes.pixels());
    let task = Task::new(sizes, rayon::current_num_threads());
    let outputs = task.outputs.next_multiple_of(block(level));
    let all = |y: &mut [Unwritten]| {
        let groups = y.par_chunks_mut(task.samples * result).zip(x.par_chunks(task.samples * image));
        groups.for_each(|(y, x)| {
            let images: Vec<&[f32]> = x.chunks_exact(image).collect();
            // For each task its outputs of every sample.
            let mut tasks: Vec<Vec<&mut [Unwritten]>> = Vec::new();
            tasks.resize_with(sizes.outputs.div_ceil(outputs), Vec::new);
            for y in y.chunks_exact_mut(result) {
                let parts = y.chunks_mut(outputs * sizes.pixels());
                tasks.iter_mut().zip(parts).for_each(|(task, part)| task.push(part));
            }
            tasks.into_par_iter().enumerate().for_each(|(number, mut results)| {
                let first = number * outputs;
                let outputs = first..sizes.outputs.min(first + outputs);
                some(level, sizes, &images, kernels, bias, outputs, &mut results);
            });
        });
    };
    // SAFETY: the pieces of a group hold all rows of all its samples' tiles, and every output of them is written.
    unsafe { written(sizes.batch * result, all) }
}

/// Some outputs of some samples.
fn some(
    level: Level,
    sizes: &Sizes,
    images: &[&[f32]],
    kernels: &Kernels,
    bias: Option<&[f32]>,
    outputs: Range<usize>,
    results: &mut [&mut [Unwritten]],
) {
    let Sizes { inputs, .. } = *sizes;
    for piece in pieces::of(sizes, images.len(), TILES) {
        let tiles = piece.tiles(sizes);
        let (stride, places) = (places::stride(tiles), run_of(tiles, lanes(level)));
        let term = |input| Term { factor: input * block(level), source: input * stride };
        let terms: Terms = (0..inputs).map(term).collect();
        scratch::with([inputs * stride, outputs.len() * stride], |[seen, made]| {
            PADDED.with_borrow_mut(|padded| {
                for (number, seen) in seen.chunks_exact_mut(stride).enumerate() {
                    let channel = Channel { sizes, piece: &piece, number };
                    tiles::of_image(level, channel, images, padded, seen);
                }
            });
            for place in 0..PLACES {
                let from = place * plane(tiles);
                let product = Strips {
                    rows: outputs.len(),
                    factors: kernels.at(place, outputs.start),
                    terms: &terms,
                    input: &seen[from..],
                    places: &places,
                    start: Start::Zero,
                    out: to_write(&mut made[from..]),
                    stride,
                };
                strips(level, product);
            }
            for (number, made) in made.chunks_exact(stride).enumerate() {
                let channel = Channel { sizes, piece: &piece, number };
                let bias = bias.map_or(0.0, |bias| bias[outputs.start + number]);
                tiles::to_result(level, channel, made, bias, results);
            }
        });
    }
}
