//! Transformed kernels.

use std::ops::Range;

use rayon::prelude::*;

use super::super::super::fresh::{Unwritten, written};
use super::super::super::products::{Factors, block, fetch};
use super::places::PLACES;
use crate::simd::Level;
use crate::simd::vector::{LINE, Vector, Work, at_level};

/// Numbers of a kernel.
const TAPS: usize = 9;

/// Columns whose kernels are put side by side before they are transformed.
const COLUMNS: usize = 16;

/// `G g G^T` of all kernels: for each block of rows `[places, columns, rows of a block]`, with a gap behind each place.
pub struct Kernels {
    block: usize,
    /// Numbers from place to place.
    stride: usize,
    values: Vec<f32>,
}

impl Kernels {
    /// Of `weight`: `[outputs, inputs, 3, 3]`; rows are outputs.
    pub fn new(level: Level, weight: &[f32], outputs: usize, inputs: usize) -> Self {
        let tap = |output, input, tap| weight[(output * inputs + input) * TAPS + tap];
        let row = inputs * TAPS;
        Self::of(level, outputs, inputs, tap, |rows| fetch(&weight[rows.start * row..rows.end * row]))
    }

    /// The same turned by 180°; rows are inputs.
    pub fn turned(level: Level, weight: &[f32], outputs: usize, inputs: usize) -> Self {
        let tap = |input, output, tap| weight[(output * inputs + input) * TAPS + TAPS - 1 - tap];
        let of_output = |output: usize, rows: &Range<usize>| {
            fetch(&weight[(output * inputs + rows.start) * TAPS..(output * inputs + rows.end) * TAPS]);
        };
        let ahead = |rows: Range<usize>| (0..outputs).for_each(|output| of_output(output, &rows));
        Self::of(level, inputs, outputs, tap, ahead)
    }

    fn of(
        level: Level,
        rows: usize,
        columns: usize,
        tap: impl Fn(usize, usize, usize) -> f32 + Sync,
        ahead: impl Fn(Range<usize>) + Sync,
    ) -> Self {
        let block = block(level);
        // An odd number of lines: else the places of one kernel would compete for the same few lines of a cache.
        let stride = (columns * block).next_multiple_of(2 * LINE) + LINE;
        let of_block = |(number, out): (usize, &mut [Unwritten])| {
            let (first, mut taps) = (number * block, [0.0; COLUMNS * TAPS * LINE]);
            let held = block.min(rows - first);
            ahead(first..first + held);
            for from in (0..columns).step_by(COLUMNS) {
                let columns = COLUMNS.min(columns - from);
                for (column, taps) in taps.chunks_exact_mut(TAPS * block).take(columns).enumerate() {
                    for row in 0..held {
                        for i in 0..TAPS {
                            taps[i * block + row] = tap(first + row, from + column, i);
                        }
                    }
                }
                let transform = Transform { taps: &taps, columns, out: &mut out[from * block..], stride };
                // SAFETY: the processor has this level.
                unsafe { at_level(level, transform) }
            }
            for place in out.chunks_exact_mut(stride) {
                place[columns * block..].fill(Unwritten::new(0.0));
            }
        };
        let all = |values: &mut [Unwritten]| {
            values.par_chunks_mut(PLACES * stride).enumerate().for_each(of_block);
        };
        // SAFETY: of each block all columns are written at all places, and the gaps behind them.
        let values = unsafe { written(rows.div_ceil(block) * PLACES * stride, all) };
        Self { block, stride, values }
    }

    /// The factors of one place, from a row on with which a block begins: `[rows, columns]`.
    pub fn at(&self, place: usize, row: usize) -> Factors<'_> {
        let values = &self.values[(row / self.block * PLACES + place) * self.stride..];
        Factors { values, stride: PLACES * self.stride }
    }
}

/// `G g G^T`, G = [[1, 0, 0], [½, ½, ½], [½, -½, ½], [0, 0, 1]]: from `[columns, taps, rows of a block]` to
/// `[places, columns, rows of a block]`.
struct Transform<'a> {
    taps: &'a [f32],
    columns: usize,
    out: &'a mut [Unwritten],
    /// Numbers from place to place.
    stride: usize,
}

impl Work for Transform<'_> {
    #[inline(always)]
    unsafe fn run<V: Vector, const ROWS: usize, const RUN: usize>(self) {
        let columns = self.taps.as_chunks::<ROWS>().0.chunks_exact(TAPS).take(self.columns);
        for (column, taps) in columns.enumerate() {
            // Down the columns of the kernels, then along their rows.
            let mut down = [[[0.0; ROWS]; 3]; 4];
            for j in 0..3 {
                let four = four([taps[j], taps[3 + j], taps[6 + j]]);
                for (down, value) in down.iter_mut().zip(four) {
                    down[j] = value;
                }
            }
            for (i, row) in down.into_iter().enumerate() {
                for (j, value) in four(row).into_iter().enumerate() {
                    let at = (4 * i + j) * self.stride + column * ROWS;
                    self.out[at..at + ROWS].write_copy_of_slice(&value);
                }
            }
        }
    }
}

/// `G v` of the kernels of a block.
#[inline(always)]
fn four<const ROWS: usize>([a, b, c]: [[f32; ROWS]; 3]) -> [[f32; ROWS]; 4] {
    let (mut sum, mut difference) = (a, a);
    for row in 0..ROWS {
        let (outer, inner) = (0.5 * (a[row] + c[row]), 0.5 * b[row]);
        (sum[row], difference[row]) = (outer + inner, outer - inner);
    }
    [a, sum, difference, c]
}
