//! 3×3 convolutions by Winograd's minimal filtering (Lavin and Gray, 2015): an output tile of 2×2 pixels costs
//! 16 products in place of 36, and an unfolded image 4 numbers a pixel in place of 9.
//!
//! For one tile d of 4×4 pixels, one kernel g and, in the backward pass, the result's gradient e of 2×2 pixels:
//!
//! - result: A^T ((G g G^T) ⊙ (B^T d B)) A, summed over the input channels;
//! - gradient in the image: the same of e, with turned kernels;
//! - gradient in the kernel: G^T ((A e A^T) ⊙ (B^T d B)) G, summed over all tiles.
//!
//! The sums over channels or tiles are 16 matrix products, one for each place in a tile.

mod kernels;
mod pieces;
mod places;
mod tiles;

use std::cell::RefCell;

use rayon::prelude::*;

use super::super::products::{Dots, Strips, dots, run_of, strips};
use super::super::scratch;
use super::direct::slope_of_bias;
use super::sizes::Sizes;
use crate::simd::Level;
use crate::simd::vector::lanes;
use kernels::Kernels;
use places::{PLACES, plane};
use tiles::Scratch;

/// Below so many channels on either side the transforms cost more than the products spare.
const LEAST_CHANNELS: usize = 32;
/// Nor does it pay for narrower images, or for fewer tiles in a batch: kernels have to be transformed too.
const LEAST_WIDTH: usize = 16;
const LEAST_TILES: usize = 512;

/// Tiles of a piece, about: products of fewer columns are slow, those of many more leave a core's cache.
const TILES: usize = 128;
/// The same where kernels have their gradients: the sums that every piece is added to are read and written once each.
const TILES_OF_SLOPES: usize = 256;

/// Whether this route is right for such a convolution, and the faster one.
pub fn pays(sizes: &Sizes) -> bool {
    let is_right = sizes.kernel == [3, 3] && sizes.height.is_multiple_of(2) && sizes.width.is_multiple_of(2);
    let is_wide = sizes.inputs.min(sizes.outputs) >= LEAST_CHANNELS && sizes.width >= LEAST_WIDTH;
    is_right && is_wide && sizes.batch * sizes.pixels() / 4 >= LEAST_TILES
}

thread_local! {
    static SCRATCH: RefCell<Scratch> = RefCell::new(Scratch::default());
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
    let Sizes { inputs, outputs, .. } = *sizes;
    let (image, result) = (inputs * sizes.pixels(), outputs * sizes.pixels());
    let mut y = vec![0.0; sizes.batch * result];
    let samples = pieces::samples(sizes);
    let groups = y.par_chunks_mut(samples * result).zip(x.par_chunks(samples * image));
    groups.for_each(|(y, x)| {
        for piece in pieces::of(sizes, x.len() / image, TILES) {
            let tiles = piece.tiles(sizes);
            let (stride, places) = (places::stride(tiles), run_of(tiles, lanes(level)));
            let sources: Vec<usize> = (0..inputs).map(|input| input * stride).collect();
            scratch::with_two([inputs * stride, outputs * stride], |seen, made| {
                SCRATCH.with_borrow_mut(|scratch| {
                    for (channel, seen) in seen.chunks_exact_mut(stride).enumerate() {
                        tiles::of_image(sizes, x, (channel, inputs), &piece, scratch, seen);
                    }
                });
                for place in 0..PLACES {
                    let from = place * plane(tiles);
                    let product = Strips {
                        rows: outputs,
                        factors: kernels.at(place),
                        sources: &sources,
                        input: &seen[from..],
                        places: &places,
                        start: None,
                        out: &mut made[from..],
                        stride,
                    };
                    strips(level, product);
                }
                SCRATCH.with_borrow_mut(|scratch| {
                    for (channel, made) in made.chunks_exact(stride).enumerate() {
                        let bias = bias.map_or(0.0, |bias| bias[channel]);
                        tiles::to_result(sizes, made, (channel, bias), &piece, scratch, y);
                    }
                });
            });
        }
    });
    y
}

/// Gradients in the kernels, `[outputs, inputs, 3, 3]`, and in the bias.
pub fn slopes_affine(level: Level, sizes: &Sizes, x: &[f32], gradient: &[f32]) -> (Vec<f32>, Vec<f32>) {
    (slope_of_kernels(level, sizes, x, gradient), slope_of_bias(sizes, gradient))
}

/// Gradient in the kernels, `[outputs, inputs, 3, 3]`. All threads work on one piece: nothing is summed twice, and
/// the order of additions does not depend on them.
fn slope_of_kernels(level: Level, sizes: &Sizes, x: &[f32], gradient: &[f32]) -> Vec<f32> {
    let Sizes { inputs, outputs, .. } = *sizes;
    let mut sums = vec![0.0; PLACES * outputs * inputs];
    let (mut seen, mut asked) = (Vec::new(), Vec::new());
    for piece in pieces::of(sizes, sizes.batch, TILES_OF_SLOPES) {
        let tiles = piece.tiles(sizes);
        let (stride, places) = (places::stride(tiles), run_of(tiles, lanes(level)));
        seen.resize(inputs * stride, 0.0);
        asked.resize(outputs * stride, 0.0);
        let channels = seen.par_chunks_exact_mut(stride).chain(asked.par_chunks_exact_mut(stride));
        channels.enumerate().for_each(|(channel, out)| {
            SCRATCH.with_borrow_mut(|scratch| match channel.checked_sub(inputs) {
                None => tiles::of_image(sizes, x, (channel, inputs), &piece, scratch, out),
                Some(channel) => tiles::of_gradient(sizes, gradient, channel, &piece, scratch, out),
            });
            // The last vector of a place looks at them.
            for place in 0..PLACES {
                out[place * plane(tiles) + tiles..(place + 1) * plane(tiles)].fill(0.0);
            }
        });
        let rows = |channels: usize| (0..channels).map(|channel| channel * stride).collect::<Vec<_>>();
        let (a_rows, b_rows) = (rows(outputs), rows(inputs));
        sums.par_chunks_exact_mut(outputs * inputs).enumerate().for_each(|(place, out)| {
            let (a, b) = (&asked[place * plane(tiles)..], &seen[place * plane(tiles)..]);
            dots(level, Dots { a, a_rows: &a_rows, b, b_rows: &b_rows, places: &places, out });
        });
    }
    kernels::slopes(&sums, outputs * inputs)
}
