//! The convolution as matrix products, one sample after another: an unfolded image fits a core's
//! cache. The order of additions does not depend on threads.

use std::cell::RefCell;

use burn::backend::Shape;
use faer::linalg::matmul::matmul;
use faer::{Accum, MatMut, MatRef, Par};
use rayon::prelude::*;

use super::super::lanes;

/// The gradient of the weights is summed in so many parts of the batch, whatever the number of
/// threads: more keep more cores busy, each costs one more copy of the weights.
const PARTS: usize = 8;

/// Shape of a convolution.
#[derive(Clone, Copy, Debug)]
pub struct Sizes {
    pub batch: usize,
    pub inputs: usize,
    pub outputs: usize,
    pub height: usize,
    pub width: usize,
    /// Rows and columns.
    pub kernel: [usize; 2],
}

impl Sizes {
    /// For images `[batch, inputs, height, width]` and weights `[outputs, inputs, rows, columns]`.
    pub fn of(images: &Shape, weight: &Shape) -> Self {
        let [batch, height, width] = [images[0], images[2], images[3]];
        Self { batch, inputs: weight[1], outputs: weight[0], height, width, kernel: [weight[2], weight[3]] }
    }

    pub fn pixels(&self) -> usize {
        self.height * self.width
    }

    /// Taps of the kernel.
    fn taps(&self) -> usize {
        let [rows, columns] = self.kernel;
        rows * columns
    }
}

thread_local! {
    /// An unfolded image. Kept, for a fresh allocation of its size costs the system's page faults.
    static COLUMNS: RefCell<Vec<f32>> = const { RefCell::new(Vec::new()) };
}

/// `y = weight · unfolded(x) + bias`.
pub fn forward(sizes: &Sizes, x: &[f32], weight: &[f32], bias: &[f32]) -> Vec<f32> {
    let (pixels, patch) = (sizes.pixels(), sizes.inputs * sizes.taps());
    let mut y = Vec::with_capacity(sizes.batch * sizes.outputs * pixels);
    for _sample in 0..sizes.batch {
        bias.iter().for_each(|bias| y.extend(std::iter::repeat_n(*bias, pixels)));
    }
    let samples = y.par_chunks_mut(sizes.outputs * pixels).zip(x.par_chunks(sizes.inputs * pixels));
    samples.for_each(|(y, x)| {
        unfolded(sizes, x, |columns| {
            product(y, Accum::Add, rows(weight, sizes.outputs), rows(columns, patch));
        });
    });
    y
}

/// Gradient in `x`: the same convolution of the result's gradient, with turned and transposed weights.
pub fn slope(sizes: &Sizes, weight: &[f32], gradient: &[f32]) -> Vec<f32> {
    let (pixels, patch) = (sizes.pixels(), sizes.outputs * sizes.taps());
    let turned = turned(sizes, weight);
    let mut slope = vec![0.0; sizes.batch * sizes.inputs * pixels];
    let samples = slope.par_chunks_mut(sizes.inputs * pixels);
    samples.zip(gradient.par_chunks(sizes.outputs * pixels)).for_each(|(slope, gradient)| {
        unfolded(sizes, gradient, |columns| {
            product(slope, Accum::Replace, rows(&turned, sizes.inputs), rows(columns, patch));
        });
    });
    slope
}

/// Gradients in `weight` (that of the result times the unfolded image, transposed) and `bias`.
pub fn slopes_affine(sizes: &Sizes, x: &[f32], gradient: &[f32]) -> (Vec<f32>, Vec<f32>) {
    let (pixels, patch) = (sizes.pixels(), sizes.inputs * sizes.taps());
    let samples = sizes.batch.div_ceil(PARTS);
    let images = x.par_chunks(samples * sizes.inputs * pixels);
    let parts: Vec<_> = images
        .zip(gradient.par_chunks(samples * sizes.outputs * pixels))
        .map(|(x, gradient)| {
            let mut weight = vec![0.0; sizes.outputs * patch];
            let mut bias = vec![0.0; sizes.outputs];
            let x = x.chunks_exact(sizes.inputs * pixels);
            for (x, gradient) in x.zip(gradient.chunks_exact(sizes.outputs * pixels)) {
                unfolded(sizes, x, |columns| {
                    let columns = rows(columns, patch).transpose();
                    product(&mut weight, Accum::Add, rows(gradient, sizes.outputs), columns);
                });
                for (bias, channel) in bias.iter_mut().zip(gradient.chunks_exact(pixels)) {
                    *bias += lanes::sum(channel, channel, |value, _| value);
                }
            }
            (weight, bias)
        })
        .collect();
    let mut parts = parts.into_iter();
    // `takes` lets no empty batch through; of none, zeros would be right.
    let start = (vec![0.0; sizes.outputs * patch], vec![0.0; sizes.outputs]);
    let first = parts.next().unwrap_or(start);
    parts.fold(first, |(mut weight, mut bias), part| {
        weight.iter_mut().zip(part.0).for_each(|(sum, value)| *sum += value);
        bias.iter_mut().zip(part.1).for_each(|(sum, value)| *sum += value);
        (weight, bias)
    })
}

/// A row-major matrix.
fn rows(values: &[f32], rows: usize) -> MatRef<'_, f32> {
    MatRef::from_row_major_slice(values, rows, values.len() / rows)
}

/// `out = a · b`, or added to it; `out` is row-major. One thread: the samples share the others.
fn product(out: &mut [f32], accumulate: Accum, a: MatRef<'_, f32>, b: MatRef<'_, f32>) {
    let out = MatMut::from_row_major_slice_mut(out, a.nrows(), b.ncols());
    matmul(out, accumulate, a, b, 1.0, Par::Seq);
}

/// Gives `work` what each tap of the kernel sees of an image `[channels, height, width]`:
/// `[channels · taps, height · width]`.
fn unfolded(sizes: &Sizes, image: &[f32], work: impl FnOnce(&[f32])) {
    if sizes.kernel == [1, 1] {
        return work(image);
    }
    let (pixels, taps) = (sizes.pixels(), sizes.taps());
    // The thread does nothing else meanwhile: `product` starts no work that it could wait for.
    COLUMNS.with_borrow_mut(|columns| {
        columns.resize(image.len() * taps, 0.0);
        let channels = image.chunks_exact(pixels).zip(columns.chunks_exact_mut(pixels * taps));
        for (channel, columns) in channels {
            for (tap, seen) in columns.chunks_exact_mut(pixels).enumerate() {
                shift(sizes, channel, tap, seen);
            }
        }
        work(columns);
    });
}

/// One channel as one tap sees it: moved, with zeros where it would look past the edge.
fn shift(sizes: &Sizes, channel: &[f32], tap: usize, seen: &mut [f32]) {
    let (pixels, width, [rows, columns]) = (sizes.pixels(), sizes.width, sizes.kernel);
    let (above, left) = (rows / 2, columns / 2);
    let (down, right) = (tap / columns, tap % columns);
    // In flat order the whole move is by one distance; rows then run over their ends …
    let (ahead, behind) = (down * width + right, above * width + left);
    let length = pixels.saturating_sub(ahead.abs_diff(behind));
    if ahead >= behind {
        seen[..length].copy_from_slice(&channel[pixels - length..]);
        seen[length..].fill(0.0);
    } else {
        seen[pixels - length..].copy_from_slice(&channel[..length]);
        seen[..pixels - length].fill(0.0);
    }
    // … where the edge columns are overwritten.
    let beyond = right.abs_diff(left).min(width);
    let edge = if right < left { 0..beyond } else { width - beyond..width };
    for column in edge {
        seen.iter_mut().skip(column).step_by(width).for_each(|value| *value = 0.0);
    }
}

/// Weights `[outputs, inputs, taps]` as `[inputs, outputs, taps]`, each kernel turned by 180°.
fn turned(sizes: &Sizes, weight: &[f32]) -> Vec<f32> {
    let taps = sizes.taps();
    let mut turned = Vec::with_capacity(weight.len());
    for input in 0..sizes.inputs {
        for output in 0..sizes.outputs {
            let start = (output * sizes.inputs + input) * taps;
            turned.extend(weight[start..start + taps].iter().rev());
        }
    }
    turned
}
