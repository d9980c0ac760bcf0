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

use faer::linalg::matmul::matmul;
use faer::{Accum, MatMut, Par};
use rayon::prelude::*;

use super::super::{lanes, scratch};
use super::matrices::Sizes;
use crate::simd;
use kernels::Kernels;
use places::PLACES;
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
pub fn forward(sizes: &Sizes, x: &[f32], weight: &[f32], bias: &[f32]) -> Vec<f32> {
    let kernels = Kernels::new(weight, sizes.outputs, sizes.inputs);
    convolve(sizes, x, &kernels, Some(bias))
}

/// Gradient in the images, `[batch, inputs, height, width]`.
pub fn slope(sizes: &Sizes, weight: &[f32], gradient: &[f32]) -> Vec<f32> {
    let kernels = Kernels::turned(weight, sizes.outputs, sizes.inputs);
    let back = Sizes { inputs: sizes.outputs, outputs: sizes.inputs, ..*sizes };
    convolve(&back, gradient, &kernels, None)
}

fn convolve(sizes: &Sizes, x: &[f32], kernels: &Kernels, bias: Option<&[f32]>) -> Vec<f32> {
    let Sizes { inputs, outputs, .. } = *sizes;
    let (image, result) = (inputs * sizes.pixels(), outputs * sizes.pixels());
    let mut y = vec![0.0; sizes.batch * result];
    let samples = pieces::samples(sizes);
    let groups = y.par_chunks_mut(samples * result).zip(x.par_chunks(samples * image));
    groups.for_each(|(y, x)| {
        for piece in pieces::of(sizes, x.len() / image, TILES) {
            let tiles = piece.tiles(sizes);
            let stride = places::stride(tiles);
            scratch::with_two([inputs * stride, outputs * stride], |seen, made| {
                SCRATCH.with_borrow_mut(|scratch| {
                    for (channel, seen) in seen.chunks_exact_mut(stride).enumerate() {
                        tiles::of_image(sizes, x, (channel, inputs), &piece, scratch, seen);
                    }
                });
                for place in 0..PLACES {
                    let seen = places::place(seen, inputs, tiles, place);
                    let made = places::place_mut(made, outputs, tiles, place);
                    matmul(made, Accum::Replace, kernels.at(place), seen, 1.0, Par::Seq);
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
pub fn slopes_affine(sizes: &Sizes, x: &[f32], gradient: &[f32]) -> (Vec<f32>, Vec<f32>) {
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
    let bias = bias.collect();
    (slope_of_kernels(sizes, x, gradient), bias)
}

/// Gradient in the kernels, `[outputs, inputs, 3, 3]`. All threads work on one piece: nothing is summed twice, and
/// the order of additions does not depend on them.
fn slope_of_kernels(sizes: &Sizes, x: &[f32], gradient: &[f32]) -> Vec<f32> {
    let Sizes { inputs, outputs, .. } = *sizes;
    let plane = outputs * inputs;
    let mut sums = vec![0.0; PLACES * plane];
    let (mut seen, mut asked) = (Vec::new(), Vec::new());
    for piece in pieces::of(sizes, sizes.batch, TILES_OF_SLOPES) {
        let tiles = piece.tiles(sizes);
        let stride = places::stride(tiles);
        seen.resize(inputs * stride, 0.0);
        asked.resize(outputs * stride, 0.0);
        let channels = seen.par_chunks_exact_mut(stride).chain(asked.par_chunks_exact_mut(stride));
        channels.enumerate().for_each(|(channel, out)| {
            SCRATCH.with_borrow_mut(|scratch| match channel.checked_sub(inputs) {
                None => tiles::of_image(sizes, x, (channel, inputs), &piece, scratch, out),
                Some(channel) => tiles::of_gradient(sizes, gradient, channel, &piece, scratch, out),
            });
        });
        sums.par_chunks_exact_mut(plane).enumerate().for_each(|(place, sums)| {
            let sums = MatMut::from_row_major_slice_mut(sums, outputs, inputs);
            let seen = places::place(&seen, inputs, tiles, place);
            let asked = places::place(&asked, outputs, tiles, place);
            matmul(sums, Accum::Add, asked, seen.transpose(), 1.0, Par::Seq);
        });
    }
    kernels::slopes(&sums, plane)
}
