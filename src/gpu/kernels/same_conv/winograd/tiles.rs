//! From images to transformed tiles and back, a channel at a time: first along the rows, where neighbours are pixels,
//! then down the columns, where they are tiles and a loop runs over all of them.
//!
//! Loops here are plain: what is not inlined into `simd::dispatch` is compiled for the oldest processor.

use super::super::super::scratch::stretch;
use super::super::sizes::Sizes;
use super::pieces::{Part, Piece};
use super::places::{PLACES, plane};
use crate::simd;

/// Calls a function with as many tiles at once as divide a row, and fill registers.
macro_rules! by_run {
    ($columns:expr, $work:ident($($argument:expr),*)) => {
        match $columns {
            columns if columns % 16 == 0 => $work::<16>($($argument),*),
            columns if columns % 8 == 0 => $work::<8>($($argument),*),
            columns if columns % 4 == 0 => $work::<4>($($argument),*),
            _ => $work::<1>($($argument),*),
        }
    };
}

/// What a channel needs on its way.
#[derive(Default)]
pub struct Scratch {
    padded: Vec<f32>,
    halves: Vec<f32>,
}

/// `B^T d B` of every 4×4 tile of one of `channels` of `images`, `[samples, channels, height, width]`, with zeros
/// around: `[places, tiles]`.
pub fn of_image(
    sizes: &Sizes,
    images: &[f32],
    (channel, channels): (usize, usize),
    piece: &Piece,
    scratch: &mut Scratch,
    out: &mut [f32],
) {
    let plane = plane(piece.tiles(sizes));
    for part in piece.parts(sizes) {
        let image = &images[(part.sample * channels + channel) * sizes.pixels()..][..sizes.pixels()];
        simd::dispatch(
            #[inline(always)]
            || by_run!(sizes.width / 2, image_by(sizes, image, &part, scratch, out, plane)),
        );
    }
}

#[inline(always)]
fn image_by<const RUN: usize>(
    sizes: &Sizes,
    image: &[f32],
    part: &Part,
    scratch: &mut Scratch,
    out: &mut [f32],
    plane: usize,
) {
    let (columns, stride, rows) = (sizes.width / 2, sizes.width + 2, part.rows.len());
    let padded = stretch(&mut scratch.padded, (2 * rows + 2) * stride);
    // Padded row i is the image's row 2 · (first row of tiles) - 1 + i.
    for i in 0..2 * rows + 2 {
        let row = &mut padded[i * stride..][..stride];
        let y = 2 * part.rows.start + i;
        if y > 0 && y <= sizes.height {
            row[0] = 0.0;
            copy::<RUN>(&image[(y - 1) * sizes.width..][..sizes.width], &mut row[1..=sizes.width]);
            row[stride - 1] = 0.0;
        } else {
            row.fill(0.0);
        }
    }
    // Along the rows: for each of four places in a row all even rows, then all odd ones.
    let half = (rows + 1) * columns;
    let halves = stretch(&mut scratch.halves, 8 * half);
    for i in 0..2 * rows + 2 {
        for from in (0..columns).step_by(RUN) {
            let row = &padded[i * stride + 2 * from..][..2 * RUN + 2];
            let ((a, b), (c, d)) = (apart::<RUN>(&row[..2 * RUN]), apart::<RUN>(&row[2..]));
            let mut along = [[0.0f32; RUN]; 4];
            for t in 0..RUN {
                along[0][t] = a[t] - c[t];
                along[1][t] = b[t] + c[t];
                along[2][t] = c[t] - b[t];
                along[3][t] = b[t] - d[t];
            }
            let start = (i % 2) * half + (i / 2) * columns + from;
            for j in 0..4 {
                halves[2 * j * half + start..][..RUN].copy_from_slice(&along[j]);
            }
        }
    }
    // Down the columns.
    let tiles = rows * columns;
    for j in 0..4 {
        let (even, odd) = (&halves[2 * j * half..][..half], &halves[(2 * j + 1) * half..][..half]);
        let (a, c) = (&even[..tiles], &even[columns..][..tiles]);
        let (b, d) = (&odd[..tiles], &odd[columns..][..tiles]);
        let mut to = |i: usize, work: fn(f32, f32) -> f32, p: &[f32], q: &[f32]| {
            let out = &mut out[(4 * i + j) * plane + part.start..][..tiles];
            for t in 0..tiles {
                out[t] = work(p[t], q[t]);
            }
        };
        to(0, |a, c| a - c, a, c);
        to(1, |b, c| b + c, b, c);
        to(2, |c, b| c - b, c, b);
        to(3, |b, d| b - d, b, d);
    }
}

/// `A e A^T` of every 2×2 tile of one output channel of `gradients`, `[samples, outputs, height, width]`:
/// `[places, tiles]`.
pub fn of_gradient(
    sizes: &Sizes,
    gradients: &[f32],
    channel: usize,
    piece: &Piece,
    scratch: &mut Scratch,
    out: &mut [f32],
) {
    let plane = plane(piece.tiles(sizes));
    for part in piece.parts(sizes) {
        let image = &gradients[(part.sample * sizes.outputs + channel) * sizes.pixels()..][..sizes.pixels()];
        simd::dispatch(
            #[inline(always)]
            || by_run!(sizes.width / 2, gradient_by(sizes, image, &part, scratch, out, plane)),
        );
    }
}

#[inline(always)]
fn gradient_by<const RUN: usize>(
    sizes: &Sizes,
    image: &[f32],
    part: &Part,
    scratch: &mut Scratch,
    out: &mut [f32],
    plane: usize,
) {
    let (columns, rows) = (sizes.width / 2, part.rows.len());
    let tiles = rows * columns;
    // Along the rows: for each of four places in a row all upper rows, then all lower ones.
    let halves = stretch(&mut scratch.halves, 8 * tiles);
    for i in 0..2 * rows {
        for from in (0..columns).step_by(RUN) {
            let row = &image[(2 * part.rows.start + i) * sizes.width + 2 * from..][..2 * RUN];
            let (a, b) = apart::<RUN>(row);
            let mut along = [a, b, a, b];
            for t in 0..RUN {
                along[1][t] = a[t] + b[t];
                along[2][t] = a[t] - b[t];
                along[3][t] = -b[t];
            }
            let start = (i % 2) * tiles + (i / 2) * columns + from;
            for j in 0..4 {
                halves[2 * j * tiles + start..][..RUN].copy_from_slice(&along[j]);
            }
        }
    }
    for j in 0..4 {
        let (a, b) = (&halves[2 * j * tiles..][..tiles], &halves[(2 * j + 1) * tiles..][..tiles]);
        let mut to = |i: usize, work: fn(f32, f32) -> f32| {
            let out = &mut out[(4 * i + j) * plane + part.start..][..tiles];
            for t in 0..tiles {
                out[t] = work(a[t], b[t]);
            }
        };
        to(0, |a, _| a);
        to(1, |a, b| a + b);
        to(2, |a, b| a - b);
        to(3, |_, b| -b);
    }
}

/// `A^T m A` of every tile of one channel's `made`, `[places, tiles]`, and its bias: into `results`,
/// `[samples, outputs, height, width]`.
pub fn to_result(
    sizes: &Sizes,
    made: &[f32],
    (channel, bias): (usize, f32),
    piece: &Piece,
    scratch: &mut Scratch,
    results: &mut [f32],
) {
    let tiles = piece.tiles(sizes);
    let halves = stretch(&mut scratch.halves, 4 * tiles);
    simd::dispatch(
        #[inline(always)]
        || down(&made[..PLACES * plane(tiles)], bias, tiles, halves),
    );
    for part in piece.parts(sizes) {
        let image =
            &mut results[(part.sample * sizes.outputs + channel) * sizes.pixels()..][..sizes.pixels()];
        simd::dispatch(
            #[inline(always)]
            || by_run!(sizes.width / 2, result_by(sizes, halves, &part, image, tiles)),
        );
    }
}

/// Left and right pixels of the upper rows, then of the lower ones.
#[inline(always)]
fn down(made: &[f32], bias: f32, tiles: usize, halves: &mut [f32]) {
    let (upper, lower) = halves.split_at_mut(2 * tiles);
    for (side, (upper, lower)) in upper.chunks_exact_mut(tiles).zip(lower.chunks_exact_mut(tiles)).enumerate()
    {
        let of = |i: usize, j: usize| &made[(4 * i + j) * plane(tiles)..][..tiles];
        // Left: the first three of a row; right: the second less the two behind it.
        let at = side;
        let (a0, b0, c0) = (of(0, at), of(0, at + 1), of(0, at + 2));
        let (a1, b1, c1) = (of(1, at), of(1, at + 1), of(1, at + 2));
        let (a2, b2, c2) = (of(2, at), of(2, at + 1), of(2, at + 2));
        let (a3, b3, c3) = (of(3, at), of(3, at + 1), of(3, at + 2));
        let (upper, lower) = (&mut upper[..tiles], &mut lower[..tiles]);
        let sign = if side == 0 { 1.0 } else { -1.0 };
        for t in 0..tiles {
            let first = a0[t] + sign * (b0[t] + c0[t]);
            let second = a1[t] + sign * (b1[t] + c1[t]);
            let third = a2[t] + sign * (b2[t] + c2[t]);
            let fourth = a3[t] + sign * (b3[t] + c3[t]);
            upper[t] = first + second + third + bias;
            lower[t] = second - third - fourth + bias;
        }
    }
}

#[inline(always)]
fn result_by<const RUN: usize>(sizes: &Sizes, halves: &[f32], part: &Part, image: &mut [f32], plane: usize) {
    let columns = sizes.width / 2;
    for i in 0..2 * part.rows.len() {
        let pixels = &mut image[(2 * part.rows.start + i) * sizes.width..][..sizes.width];
        let start = (i % 2) * 2 * plane + part.start + (i / 2) * columns;
        let (left, right) = (&halves[start..][..columns], &halves[start + plane..][..columns]);
        for from in (0..columns).step_by(RUN) {
            let (left, right) = (&left[from..][..RUN], &right[from..][..RUN]);
            let pixels = &mut pixels[2 * from..][..2 * RUN];
            for t in 0..RUN {
                pixels[2 * t] = left[t];
                pixels[2 * t + 1] = right[t];
            }
        }
    }
}

/// Left and right pixels of so many pairs.
#[inline(always)]
fn apart<const RUN: usize>(row: &[f32]) -> ([f32; RUN], [f32; RUN]) {
    let (mut left, mut right) = ([0.0; RUN], [0.0; RUN]);
    let row = &row[..2 * RUN];
    for t in 0..RUN {
        left[t] = row[2 * t];
        right[t] = row[2 * t + 1];
    }
    (left, right)
}

/// A row, in copies of a known length: those are single instructions.
#[inline(always)]
fn copy<const RUN: usize>(from: &[f32], to: &mut [f32]) {
    for (from, to) in from.as_chunks::<RUN>().0.iter().zip(to.as_chunks_mut::<RUN>().0) {
        *to = *from;
    }
}
