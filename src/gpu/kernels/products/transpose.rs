//! Channels side by side: from `[rows, columns]` to `[columns, rows]`.

#![expect(clippy::needless_range_loop, reason = "indices that the compiler knows keep arrays in registers")]

use crate::simd::Level;
use crate::simd::vector::{LINE, Vector, Work, at_level, lanes};

/// A matrix by rows, in something larger.
#[derive(Clone, Copy, Debug)]
pub struct Rows<'a> {
    pub values: &'a [f32],
    pub rows: usize,
    pub columns: usize,
    /// Numbers from row to row.
    pub stride: usize,
}

/// Writes `input`, `[rows, columns]`, to `out`, `[columns, stride]`, where `stride` holds the rows in whole vectors of
/// `level`. What is left of a row of `out` has no meaning.
///
/// # Panics
/// If a slice or `stride` is too short, or the processor has no such level.
pub fn transpose(level: Level, input: Rows, out: &mut [f32], stride: usize) {
    assert!(level <= Level::here(), "this processor has no {level:?}");
    let Rows { values, rows, columns, stride: from_row } = input;
    assert!(rows.saturating_sub(1) * from_row + columns <= values.len(), "transpose: beyond the input");
    assert!(rows.next_multiple_of(lanes(level)) <= stride, "transpose: rows are no whole vectors");
    assert!(columns * stride <= out.len(), "transpose: beyond the result");
    // SAFETY: the processor has this level, and the slices are long enough.
    unsafe { at_level(level, Transpose { input, out, stride }) }
}

struct Transpose<'a> {
    input: Rows<'a>,
    out: &'a mut [f32],
    stride: usize,
}

impl Work for Transpose<'_> {
    #[inline(always)]
    unsafe fn run<V: Vector, const ROWS: usize, const RUN: usize>(self) {
        let Rows { values, rows, columns, stride: from_row } = self.input;
        let whole = columns / V::LANES * V::LANES;
        for row in (0..rows).step_by(V::LANES) {
            let held = V::LANES.min(rows - row);
            for column in (0..whole).step_by(V::LANES) {
                // SAFETY: `held` rows are there; so are the vectors of the result, for its rows hold whole ones.
                unsafe {
                    let mut square = [V::splat(0.0); LINE];
                    for k in 0..V::LANES {
                        if k < held {
                            square[k] = V::load(values.as_ptr().add((row + k) * from_row + column));
                        }
                    }
                    let square = turned(square);
                    for k in 0..V::LANES {
                        square[k].store(self.out.as_mut_ptr().add((column + k) * self.stride + row));
                    }
                }
            }
            for column in whole..columns {
                for k in 0..held {
                    self.out[column * self.stride + row + k] = values[(row + k) * from_row + column];
                }
            }
        }
    }
}

/// A square of as many rows as a vector has numbers: rows of its two halves are shuffled together until each has come
/// by all others.
///
/// # Safety
/// The processor has vectors of this kind.
#[inline(always)]
unsafe fn turned<V: Vector>(mut square: [V; LINE]) -> [V; LINE] {
    let half = V::LANES / 2;
    for _stage in 0..V::LANES.ilog2() {
        let old = square;
        for k in 0..half {
            // SAFETY: as the caller promised.
            (square[2 * k], square[2 * k + 1]) = unsafe { V::together(old[k], old[k + half]) };
        }
    }
    square
}
