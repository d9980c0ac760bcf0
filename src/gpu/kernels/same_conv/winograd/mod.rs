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
mod tiles;

use std::cell::RefCell;

use faer::linalg::matmul::matmul;
use faer::{Accum, MatMut, MatRef, Par};
use rayon::prelude::*;

use super::super::lanes;
use super::matrices::Sizes;
use crate::simd;
use kernels::Kernels;
use pieces::{Piece, Pieces};

/// Places in a tile of 4×4 pixels.
const PLACES: usize = 16;

/// Below so many channels on either side the transforms cost more than the products spare.
const LEAST_CHANNELS: usize = 8;

/// The gradient of the kernels is summed in so many parts of the batch at most, whatever the number of threads.
const PARTS: usize = 8;

/// Whether this route takes such a convolution.
pub fn takes(sizes: &Sizes) -> bool {
    let [height, width] = [sizes.height, sizes.width];
    let is_even = height.is_multiple_of(2) && width.is_multiple_of(2) && height > 0 && width > 0;
    sizes.kernel == [3, 3] && is_even && sizes.inputs.min(sizes.outputs) >= LEAST_CHANNELS
}

thread_local! {
    /// Transformed tiles before and after the products. Kept, for fresh memory costs the system's page faults.
    static SCRATCH: RefCell<[Vec<f32>; 2]> = const { RefCell::new([Vec::new(), Vec::new()]) };
}

/// Gives `work` two stretches of so many numbers, of any content.
fn with_scratch(lens: [usize; 2], work: impl FnOnce(&mut [f32], &mut [f32])) {
    // The thread does nothing else meanwhile: `product` starts no work that it could wait for.
    SCRATCH.with_borrow_mut(|[a, b]| {
        for (stretch, len) in [&mut *a, &mut *b].into_iter().zip(lens) {
            if stretch.len() < len {
                stretch.resize(len, 0.0);
            }
        }
        work(&mut a[..lens[0]], &mut b[..lens[1]]);
    });
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
    let (image, result) = (sizes.inputs * sizes.pixels(), sizes.outputs * sizes.pixels());
    let mut y = vec![0.0; sizes.batch * result];
    let pieces = Pieces::of(sizes);
    let groups = y.par_chunks_mut(pieces.samples * result).zip(x.par_chunks(pieces.samples * image));
    groups.for_each(|(y, x)| {
        for piece in pieces.within(x.len() / image) {
            let tiles = piece.tiles(sizes);
            with_scratch([PLACES * sizes.inputs * tiles, PLACES * sizes.outputs * tiles], |seen, made| {
                tiles::of_images(sizes, sizes.inputs, x, &piece, seen);
                for (place, made) in made.chunks_exact_mut(sizes.outputs * tiles).enumerate() {
                    let seen = &seen[place * sizes.inputs * tiles..][..sizes.inputs * tiles];
                    let seen = MatRef::from_row_major_slice(seen, sizes.inputs, tiles);
                    let made = MatMut::from_row_major_slice_mut(made, sizes.outputs, tiles);
                    matmul(made, Accum::Replace, kernels.at(place), seen, 1.0, Par::Seq);
                }
                tiles::to_results(sizes, made, bias, &piece, y);
            });
        }
    });
    y
}

/// Gradients in the kernels, `[outputs, inputs, 3, 3]`, and in the bias.
pub fn slopes_affine(sizes: &Sizes, x: &[f32], gradient: &[f32]) -> (Vec<f32>, Vec<f32>) {
    let mut bias = vec![0.0; sizes.outputs];
    for image in gradient.chunks_exact(sizes.outputs * sizes.pixels()) {
        for (bias, channel) in bias.iter_mut().zip(image.chunks_exact(sizes.pixels())) {
            *bias += simd::dispatch(
                #[inline(always)]
                || lanes::sum(channel, channel, |value, _| value),
            );
        }
    }
    (slope_of_kernels(sizes, x, gradient), bias)
}

/// Gradient in the kernels, `[outputs, inputs, 3, 3]`.
fn slope_of_kernels(sizes: &Sizes, x: &[f32], gradient: &[f32]) -> Vec<f32> {
    let (image, result) = (sizes.inputs * sizes.pixels(), sizes.outputs * sizes.pixels());
    let pieces = Pieces::of(sizes);
    let samples = sizes.batch.div_ceil(PARTS).max(pieces.samples);
    let plane = sizes.outputs * sizes.inputs;
    let parts = x.par_chunks(samples * image).zip(gradient.par_chunks(samples * result));
    let parts: Vec<Vec<f32>> = parts
        .map(|(x, gradient)| {
            let mut sums = vec![0.0; PLACES * plane];
            for piece in pieces.within(x.len() / image) {
                let tiles = piece.tiles(sizes);
                with_scratch(
                    [PLACES * sizes.inputs * tiles, PLACES * sizes.outputs * tiles],
                    |seen, asked| {
                        tiles::of_images(sizes, sizes.inputs, x, &piece, seen);
                        tiles::of_gradients(sizes, gradient, &piece, asked);
                        let places =
                            sums.chunks_exact_mut(plane).zip(seen.chunks_exact(sizes.inputs * tiles));
                        for ((sums, seen), asked) in places.zip(asked.chunks_exact(sizes.outputs * tiles)) {
                            let sums = MatMut::from_row_major_slice_mut(sums, sizes.outputs, sizes.inputs);
                            let seen = MatRef::from_row_major_slice(seen, sizes.inputs, tiles);
                            let asked = MatRef::from_row_major_slice(asked, sizes.outputs, tiles);
                            matmul(sums, Accum::Add, asked, seen.transpose(), 1.0, Par::Seq);
                        }
                    },
                );
            }
            sums
        })
        .collect();
    let mut parts = parts.into_iter();
    let first = parts.next().unwrap_or_else(|| vec![0.0; PLACES * plane]);
    let sums = parts.fold(first, |mut sums, part| {
        sums.iter_mut().zip(part).for_each(|(sum, value)| *sum += value);
        sums
    });
    kernels::slopes(&sums, plane)
}
