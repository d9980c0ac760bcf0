//! Distances between rows of features, and the nearest of them.

use faer::Mat;
use rayon::prelude::*;

use crate::error::Result;
use crate::finite::check_rows;

/// Distances that a thread holds at once: 16 MiB.
const BLOCK: usize = 1 << 21;

/// Rows of features with their squared lengths.
pub struct Rows {
    rows: Mat<f64>,
    squares: Vec<f64>,
}

impl Rows {
    /// `features`: rows of `dim` numbers.
    ///
    /// # Errors
    /// `Kind::Diverged` where numbers are not finite: a distance to them would compare as if it were one.
    pub fn new(features: &[f32], dim: usize) -> Result<Self> {
        check_rows("rows of features", features, dim)?;
        let rows = Mat::from_fn(features.len() / dim.max(1), dim, |i, j| f64::from(features[i * dim + j]));
        let squares = rows.row_iter().map(|row| row.iter().map(|v| v * v).sum()).collect();
        Ok(Self { rows, squares })
    }

    /// Some of the rows. Panics beyond the last one, as a slice does.
    pub fn some(&self, chosen: &[usize]) -> Self {
        let rows = Mat::from_fn(chosen.len(), self.rows.ncols(), |i, j| self.rows[(chosen[i], j)]);
        Self { rows, squares: chosen.iter().map(|i| self.squares[*i]).collect() }
    }

    pub fn count(&self) -> usize {
        self.squares.len()
    }

    /// `look` at every row's distances to all rows of `others`; results in the order of the rows.
    pub fn each<T: Send>(&self, others: &Rows, look: impl Fn(&[f64]) -> T + Sync) -> Vec<T> {
        let rows = (BLOCK / others.count().max(1)).clamp(1, 256);
        let starts: Vec<usize> = (0..self.count()).step_by(rows).collect();
        let block = |start: &usize| -> Vec<T> {
            let count = rows.min(self.count() - start);
            let products = &others.rows * self.rows.subrows(*start, count).transpose();
            let of = |i: usize| {
                let square = self.squares[start + i];
                let pairs = products.col(i).iter().zip(&others.squares);
                // Rounding can take a distance of zero below it.
                let distances: Vec<f64> =
                    pairs.map(|(p, s)| (square + s - 2.0 * p).max(0.0).sqrt()).collect();
                look(&distances)
            };
            (0..count).map(of).collect()
        };
        starts.par_iter().flat_map_iter(block).collect()
    }

    /// Distance of every row to its `k`-th nearest other row.
    pub fn radii(&self, k: usize) -> Vec<f64> {
        // The row itself is the nearest of all.
        self.each(self, |distances| {
            let mut all = distances.to_vec();
            let place = k.min(all.len().saturating_sub(1));
            *all.select_nth_unstable_by(place, f64::total_cmp).1
        })
    }

    /// The nearest of `others` and its distance, for every row; None where there are none.
    pub fn nearest(&self, others: &Rows) -> Vec<Option<(usize, f64)>> {
        self.each(others, |distances| {
            let all = distances.iter().copied().enumerate();
            all.min_by(|a, b| a.1.total_cmp(&b.1))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Random, Stream};

    #[test]
    fn on_a_line() {
        let rows_of = |numbers: &[f32]| Rows::new(numbers, 1).expect("rows");
        let rows = rows_of(&[0.0, 1.0, 3.0, 7.0]);
        assert_eq!(rows.radii(1), [1.0, 1.0, 2.0, 4.0]);
        assert_eq!(rows.radii(2), [3.0, 2.0, 3.0, 6.0]);
        let others = rows_of(&[6.0, 2.0]);
        let want = [Some((1, 2.0)), Some((1, 1.0)), Some((1, 1.0)), Some((0, 1.0))];
        assert_eq!(rows.nearest(&others), want);
        assert_eq!(others.nearest(&rows_of(&[])), [None, None]);
        assert!(Rows::new(&[0.0, f32::NAN], 1).is_err());
    }

    /// More rows than a block, against sums of squares.
    #[test]
    fn blocks_agree_with_differences() {
        let [a, b] = [0, 1].map(|step| Random::new(0, Stream::SelfTest).normals(step, 0, 300 * 5));
        let [rows_a, rows_b] = [&a, &b].map(|numbers| Rows::new(numbers, 5).expect("rows"));
        let got = rows_a.each(&rows_b, <[f64]>::to_vec);
        assert_eq!(got.len(), 300);
        for (i, j) in [(0, 0), (255, 299), (256, 7), (299, 3)] {
            let pairs = a[i * 5..][..5].iter().zip(&b[j * 5..][..5]);
            let want = pairs.map(|(x, y)| f64::from(x - y).powi(2)).sum::<f64>().sqrt();
            assert!((got[i][j] - want).abs() < 1e-6, "{} instead of {want}", got[i][j]);
        }
    }
}
