//! From images to transformed tiles and back, a row of tiles after another: neighbours in a row fill the vector
//! registers.

use super::super::matrices::Sizes;
use super::PLACES;
use super::pieces::Piece;
use crate::simd;

/// Tiles side by side that are transformed at once.
const RUN: usize = 16;

/// `B^T d B` of every 4×4 tile of `images`, `[samples, channels, height, width]`, with zeros around:
/// `[places, channels, tiles]`.
pub fn of_images(sizes: &Sizes, channels: usize, images: &[f32], piece: &Piece, out: &mut [f32]) {
    simd::dispatch(
        #[inline(always)]
        || {
            let tiles = piece.tiles(sizes);
            let mut places = split::<PLACES>(out, channels * tiles);
            let columns = sizes.width / 2;
            // One row with a zero before and some behind it, so that no run looks past the edge.
            let mut padded = [(); 4].map(|()| vec![0.0f32; 2 * columns.next_multiple_of(RUN) + 2]);
            for channel in 0..channels {
                for (n, row) in piece.rows.clone().enumerate() {
                    let (sample, row) = (row / (sizes.height / 2), row % (sizes.height / 2));
                    let image = &images[(sample * channels + channel) * sizes.pixels()..][..sizes.pixels()];
                    for (i, padded) in padded.iter_mut().enumerate() {
                        // Image row 2·row - 1 + i.
                        let inside = &mut padded[1..=sizes.width];
                        match (2 * row + i).checked_sub(1).filter(|y| *y < sizes.height) {
                            Some(y) => inside.copy_from_slice(&image[y * sizes.width..][..sizes.width]),
                            None => inside.fill(0.0),
                        }
                    }
                    let start = channel * tiles + n * columns;
                    for from in (0..columns).step_by(RUN) {
                        let run = RUN.min(columns - from);
                        let rows = padded.each_ref().map(|row| &row[2 * from..][..2 * RUN + 2]);
                        image_run(rows, run, start + from, &mut places);
                    }
                }
            }
        },
    );
}

/// One run of tiles: `rows` are four rows of pixels.
#[inline(always)]
fn image_run(rows: [&[f32]; 4], run: usize, at: usize, places: &mut [&mut [f32]; PLACES]) {
    // Along the rows.
    let along = rows.map(
        #[inline(always)]
        |row| {
            let mut out = [[0.0f32; RUN]; 4];
            for t in 0..RUN {
                let [a, b, c, d] = [row[2 * t], row[2 * t + 1], row[2 * t + 2], row[2 * t + 3]];
                out[0][t] = a - c;
                out[1][t] = b + c;
                out[2][t] = c - b;
                out[3][t] = b - d;
            }
            out
        },
    );
    // Down the columns.
    for j in 0..4 {
        let mut out = [[0.0f32; RUN]; 4];
        for t in 0..RUN {
            let [a, b, c, d] = [along[0][j][t], along[1][j][t], along[2][j][t], along[3][j][t]];
            out[0][t] = a - c;
            out[1][t] = b + c;
            out[2][t] = c - b;
            out[3][t] = b - d;
        }
        for i in 0..4 {
            store(&out[i], run, &mut places[4 * i + j][at..]);
        }
    }
}

/// `A e A^T` of every 2×2 tile of `gradients`, `[samples, outputs, height, width]`: `[places, outputs, tiles]`.
pub fn of_gradients(sizes: &Sizes, gradients: &[f32], piece: &Piece, out: &mut [f32]) {
    simd::dispatch(
        #[inline(always)]
        || {
            let tiles = piece.tiles(sizes);
            let mut places = split::<PLACES>(out, sizes.outputs * tiles);
            let columns = sizes.width / 2;
            let mut padded = [(); 2].map(|()| vec![0.0f32; 2 * columns.next_multiple_of(RUN)]);
            for channel in 0..sizes.outputs {
                for (n, row) in piece.rows.clone().enumerate() {
                    let (sample, row) = (row / (sizes.height / 2), row % (sizes.height / 2));
                    let image =
                        &gradients[(sample * sizes.outputs + channel) * sizes.pixels()..][..sizes.pixels()];
                    for (i, padded) in padded.iter_mut().enumerate() {
                        padded[..sizes.width]
                            .copy_from_slice(&image[(2 * row + i) * sizes.width..][..sizes.width]);
                    }
                    let start = channel * tiles + n * columns;
                    for from in (0..columns).step_by(RUN) {
                        let run = RUN.min(columns - from);
                        let rows = padded.each_ref().map(|row| &row[2 * from..][..2 * RUN]);
                        gradient_run(rows, run, start + from, &mut places);
                    }
                }
            }
        },
    );
}

#[inline(always)]
fn gradient_run(rows: [&[f32]; 2], run: usize, at: usize, places: &mut [&mut [f32]; PLACES]) {
    let along = rows.map(
        #[inline(always)]
        |row| {
            let mut out = [[0.0f32; RUN]; 4];
            for t in 0..RUN {
                let [a, b] = [row[2 * t], row[2 * t + 1]];
                out[0][t] = a;
                out[1][t] = a + b;
                out[2][t] = a - b;
                out[3][t] = -b;
            }
            out
        },
    );
    for j in 0..4 {
        let mut out = [[0.0f32; RUN]; 4];
        for t in 0..RUN {
            let [a, b] = [along[0][j][t], along[1][j][t]];
            out[0][t] = a;
            out[1][t] = a + b;
            out[2][t] = a - b;
            out[3][t] = -b;
        }
        for i in 0..4 {
            store(&out[i], run, &mut places[4 * i + j][at..]);
        }
    }
}

/// `A^T m A` of every tile of `made`, `[places, outputs, tiles]`, and the bias: into `results`,
/// `[samples, outputs, height, width]`.
pub fn to_results(sizes: &Sizes, made: &[f32], bias: Option<&[f32]>, piece: &Piece, results: &mut [f32]) {
    simd::dispatch(
        #[inline(always)]
        || {
            let tiles = piece.tiles(sizes);
            let columns = sizes.width / 2;
            for channel in 0..sizes.outputs {
                let bias = bias.map_or(0.0, |bias| bias[channel]);
                for (n, row) in piece.rows.clone().enumerate() {
                    let (sample, row) = (row / (sizes.height / 2), row % (sizes.height / 2));
                    let pixels = sizes.pixels();
                    let image = &mut results[(sample * sizes.outputs + channel) * pixels..][..pixels];
                    let (upper, lower) =
                        image[2 * row * sizes.width..][..2 * sizes.width].split_at_mut(sizes.width);
                    let start = channel * tiles + n * columns;
                    for from in (0..columns).step_by(RUN) {
                        let run = RUN.min(columns - from);
                        let pair = [&mut upper[2 * from..][..2 * run], &mut lower[2 * from..][..2 * run]];
                        result_run(made, sizes.outputs * tiles, start + from, bias, pair);
                    }
                }
            }
        },
    );
}

#[inline(always)]
fn result_run(made: &[f32], plane: usize, at: usize, bias: f32, pair: [&mut [f32]; 2]) {
    let run = pair[0].len() / 2;
    // Along the rows of each tile.
    let mut along = [[[0.0f32; RUN]; 2]; 4];
    for (i, along) in along.iter_mut().enumerate() {
        let m: [[f32; RUN]; 4] = std::array::from_fn(
            #[inline(always)]
            |j| load(&made[(4 * i + j) * plane + at..], run),
        );
        for t in 0..RUN {
            along[0][t] = m[0][t] + m[1][t] + m[2][t];
            along[1][t] = m[1][t] - m[2][t] - m[3][t];
        }
    }
    let mut upper = [0.0f32; 2 * RUN];
    let mut lower = [0.0f32; 2 * RUN];
    for t in 0..RUN {
        for j in 0..2 {
            upper[2 * t + j] = along[0][j][t] + along[1][j][t] + along[2][j][t] + bias;
            lower[2 * t + j] = along[1][j][t] - along[2][j][t] - along[3][j][t] + bias;
        }
    }
    for (out, made) in pair.into_iter().zip([upper, lower]) {
        let len = out.len();
        if len == 2 * RUN {
            out.copy_from_slice(&made);
        } else {
            out.copy_from_slice(&made[..len]);
        }
    }
}

#[inline(always)]
fn load(from: &[f32], run: usize) -> [f32; RUN] {
    let mut out = [0.0; RUN];
    if run == RUN {
        out.copy_from_slice(&from[..RUN]);
    } else if run == RUN / 2 {
        out[..RUN / 2].copy_from_slice(&from[..RUN / 2]);
    } else {
        out[..run].copy_from_slice(&from[..run]);
    }
    out
}

#[inline(always)]
fn store(values: &[f32; RUN], run: usize, to: &mut [f32]) {
    // Copies of a known length are single instructions.
    if run == RUN {
        to[..RUN].copy_from_slice(values);
    } else if run == RUN / 2 {
        to[..RUN / 2].copy_from_slice(&values[..RUN / 2]);
    } else {
        to[..run].copy_from_slice(&values[..run]);
    }
}

/// Stretches of one length.
fn split<const COUNT: usize>(all: &mut [f32], len: usize) -> [&mut [f32]; COUNT] {
    let mut parts = all.chunks_exact_mut(len);
    std::array::from_fn(|_| parts.next().unwrap_or_default())
}
