//! Transformed kernels.

use rayon::prelude::*;

use super::super::super::products::{Factors, block};
use super::places::PLACES;
use crate::simd::{self, Level};

/// Numbers of a kernel.
const TAPS: usize = 9;

/// `G g G^T` of all kernels: for each block of rows `[places, columns, rows of a block]`.
pub struct Kernels {
    columns: usize,
    block: usize,
    values: Vec<f32>,
}

impl Kernels {
    /// Of `weight`: `[outputs, inputs, 3, 3]`; rows are outputs.
    pub fn new(level: Level, weight: &[f32], outputs: usize, inputs: usize) -> Self {
        let tap = |output, input, tap| weight[(output * inputs + input) * TAPS + tap];
        Self::of(block(level), outputs, inputs, tap)
    }

    /// The same turned by 180°; rows are inputs.
    pub fn turned(level: Level, weight: &[f32], outputs: usize, inputs: usize) -> Self {
        let tap = |input, output, tap| weight[(output * inputs + input) * TAPS + TAPS - 1 - tap];
        Self::of(block(level), inputs, outputs, tap)
    }

    fn of(
        block: usize,
        rows: usize,
        columns: usize,
        tap: impl Fn(usize, usize, usize) -> f32 + Sync,
    ) -> Self {
        let kernels = columns * block;
        let mut values = vec![0.0; rows.div_ceil(block) * PLACES * kernels];
        values.par_chunks_mut(PLACES * kernels).enumerate().for_each(|(number, out)| {
            let first = number * block;
            let mut taps = vec![0.0f32; TAPS * kernels];
            for column in 0..columns {
                for row in first..rows.min(first + block) {
                    for i in 0..TAPS {
                        taps[i * kernels + column * block + row - first] = tap(row, column, i);
                    }
                }
            }
            transform(&taps, kernels, out);
        });
        Self { columns, block, values }
    }

    /// The factors of one place: `[rows, columns]`.
    pub fn at(&self, place: usize) -> Factors<'_> {
        let kernels = self.columns * self.block;
        Factors { values: &self.values[place * kernels..], stride: PLACES * kernels }
    }
}

/// `G g G^T`, G = [[1, 0, 0], [½, ½, ½], [½, -½, ½], [0, 0, 1]]: from `[taps, columns]` to `[places, columns]`.
fn transform(taps: &[f32], columns: usize, out: &mut [f32]) {
    simd::dispatch(
        #[inline(always)]
        || {
            // Down the columns of the kernels, then along their rows.
            for c in 0..columns {
                let mut down = [[0.0f32; 3]; 4];
                for j in 0..3 {
                    let [a, b, c, d] =
                        four(taps[j * columns + c], taps[(3 + j) * columns + c], taps[(6 + j) * columns + c]);
                    (down[0][j], down[1][j], down[2][j], down[3][j]) = (a, b, c, d);
                }
                for i in 0..4 {
                    let along = four(down[i][0], down[i][1], down[i][2]);
                    for j in 0..4 {
                        out[(4 * i + j) * columns + c] = along[j];
                    }
                }
            }
        },
    );
}

/// `G v`.
#[inline(always)]
fn four(a: f32, b: f32, c: f32) -> [f32; 4] {
    let outer = 0.5 * (a + c);
    let inner = 0.5 * b;
    [a, outer + inner, outer - inner, c]
}
