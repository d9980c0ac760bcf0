//! Transformed kernels, and gradients from theirs.

use faer::MatRef;
use rayon::prelude::*;

use super::PLACES;
use crate::simd;

/// Numbers of a kernel.
const TAPS: usize = 9;

/// `G g G^T` of all kernels, `[rows, places, columns]`.
pub struct Kernels {
    rows: usize,
    columns: usize,
    values: Vec<f32>,
}

impl Kernels {
    /// Of `weight`: `[outputs, inputs, 3, 3]`; rows are outputs.
    pub fn new(weight: &[f32], outputs: usize, inputs: usize) -> Self {
        Self::of(outputs, inputs, |output, input, tap| weight[(output * inputs + input) * TAPS + tap])
    }

    /// The same turned by 180°; rows are inputs.
    pub fn turned(weight: &[f32], outputs: usize, inputs: usize) -> Self {
        let last = TAPS - 1;
        Self::of(inputs, outputs, |input, output, tap| weight[(output * inputs + input) * TAPS + last - tap])
    }

    fn of(rows: usize, columns: usize, tap: impl Fn(usize, usize, usize) -> f32 + Sync) -> Self {
        let mut values = vec![0.0; rows * PLACES * columns];
        values.par_chunks_mut(PLACES * columns).enumerate().for_each(|(row, out)| {
            let mut taps = vec![0.0f32; TAPS * columns];
            for column in 0..columns {
                for i in 0..TAPS {
                    taps[i * columns + column] = tap(row, column, i);
                }
            }
            transform(&taps, columns, out);
        });
        Self { rows, columns, values }
    }

    /// The factors of one place: `[rows, columns]`.
    pub fn at(&self, place: usize) -> MatRef<'_, f32> {
        let stride = PLACES * self.columns;
        // Up to the end of the last row.
        let len = stride * (self.rows - 1) + self.columns;
        let from = &self.values[place * self.columns..][..len];
        MatRef::from_row_major_slice_with_stride(from, self.rows, self.columns, stride)
    }
}

/// `G g G^T`, G = [[1, 0, 0], [½, ½, ½], [½, -½, ½], [0, 0, 1]]: from `[taps, columns]` to `[places, columns]`.
fn transform(taps: &[f32], columns: usize, out: &mut [f32]) {
    simd::dispatch(
        #[inline(always)]
        || {
            for c in 0..columns {
                let g: [[f32; 3]; 3] =
                    std::array::from_fn(|i| std::array::from_fn(|j| taps[(3 * i + j) * columns + c]));
                // Down the columns of the kernel, then along its rows.
                let down: [[f32; 4]; 3] = std::array::from_fn(|j| four([g[0][j], g[1][j], g[2][j]]));
                for i in 0..4 {
                    let along = four([down[0][i], down[1][i], down[2][i]]);
                    for (j, value) in along.into_iter().enumerate() {
                        out[(4 * i + j) * columns + c] = value;
                    }
                }
            }
        },
    );
}

/// `G v`.
#[inline(always)]
fn four([a, b, c]: [f32; 3]) -> [f32; 4] {
    let outer = 0.5 * (a + c);
    let inner = 0.5 * b;
    [a, outer + inner, outer - inner, c]
}

/// `G^T v`.
#[inline(always)]
fn three([a, b, c, d]: [f32; 4]) -> [f32; 3] {
    [a + 0.5 * (b + c), 0.5 * (b - c), 0.5 * (b + c) + d]
}

/// `G^T s G` of `[places, plane]`: `[plane, taps]`.
pub fn slopes(sums: &[f32], plane: usize) -> Vec<f32> {
    let mut slopes = vec![0.0; plane * TAPS];
    for (k, out) in slopes.chunks_exact_mut(TAPS).enumerate() {
        let s: [[f32; 4]; 4] =
            std::array::from_fn(|i| std::array::from_fn(|j| sums[(4 * i + j) * plane + k]));
        let down: [[f32; 3]; 4] = std::array::from_fn(|j| three([s[0][j], s[1][j], s[2][j], s[3][j]]));
        for i in 0..3 {
            let along = three([down[0][i], down[1][i], down[2][i], down[3][i]]);
            out[3 * i..3 * i + 3].copy_from_slice(&along);
        }
    }
    slopes
}
