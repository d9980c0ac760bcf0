//! Kernel inception distance (Bińkowski et al., 2018): the unbiased squared MMD under the kernel
//! (a·b/d + 1)³, averaged over subsets.

use faer::Mat;
use rayon::prelude::*;

use crate::error::{Error, Kind, Result};
use crate::finite::check_rows;
use crate::random::{Random, Stream};

/// Subsets and their size, as the paper and the published programs take them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KidSubsets {
    pub count: usize,
    /// At most so many of each set; smaller sets are taken whole.
    pub size: usize,
}

impl Default for KidSubsets {
    fn default() -> Self {
        Self { count: 100, size: 1000 }
    }
}

/// A kernel distance; negative values are possible, for it is unbiased.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Kid {
    pub mean: f64,
    /// Deviation between subsets.
    pub std: f64,
}

impl KidSubsets {
    /// Rows of each set in every subset, without repetition within one; a pure function of `seed`.
    pub fn draw(self, seed: u32, rows: [usize; 2]) -> Vec<[Vec<usize>; 2]> {
        let size = self.size.min(rows[0]).min(rows[1]);
        // Whole sets make one subset: more would be the same once more.
        let count = if rows == [size; 2] { self.count.min(1) } else { self.count };
        let random = Random::new(seed, Stream::Metric);
        let pick = |subset: usize, set: usize| -> Vec<usize> {
            let all = random.permutation(1 + (2 * subset + set) as u64, rows[set]);
            all.into_iter().take(size).map(|row| row as usize).collect()
        };
        (0..count).map(|subset| [pick(subset, 0), pick(subset, 1)]).collect()
    }
}

/// Distance between two sets, rows of `dim` numbers, over the given subsets.
///
/// # Errors
/// `Kind::Usage` for subsets of fewer than two rows, `Kind::Diverged` for numbers that are not finite.
pub fn kid(a: &[f32], b: &[f32], dim: usize, subsets: &[[Vec<usize>; 2]]) -> Result<Kid> {
    [a, b].into_iter().try_for_each(|rows| check_rows("rows of features", rows, dim))?;
    if subsets.is_empty() || subsets.iter().flatten().any(|rows| rows.len() < 2) {
        return Err(Error::new(Kind::Usage, "a kernel distance needs two images or more on each side"));
    }
    let of =
        |[rows_a, rows_b]: &[Vec<usize>; 2]| squared_mmd(&matrix(a, rows_a, dim), &matrix(b, rows_b, dim));
    // Collected in order: the same inputs give the same bits.
    let values: Vec<f64> = subsets.par_iter().map(of).collect();
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / count;
    Ok(Kid { mean, std: variance.sqrt() })
}

fn matrix(features: &[f32], rows: &[usize], dim: usize) -> Mat<f64> {
    Mat::from_fn(rows.len(), dim, |i, j| f64::from(features[rows[i] * dim + j]))
}

/// Equation 4 of the paper; the sets may differ in size.
fn squared_mmd(x: &Mat<f64>, y: &Mat<f64>) -> f64 {
    let [rows_x, rows_y] = [x, y].map(|m| m.nrows() as f64);
    let within = |m: &Mat<f64>, rows: f64| {
        let own: f64 = m.row_iter().map(|row| kernel(row.iter().map(|v| v * v).sum(), m.ncols())).sum();
        (kernels(m, m) - own) / (rows * (rows - 1.0))
    };
    within(x, rows_x) + within(y, rows_y) - 2.0 * kernels(x, y) / (rows_x * rows_y)
}

/// Sum of the kernel over all pairs of rows.
fn kernels(x: &Mat<f64>, y: &Mat<f64>) -> f64 {
    let products = x * y.transpose();
    products.col_iter().map(|column| column.iter().map(|p| kernel(*p, x.ncols())).sum::<f64>()).sum()
}

fn kernel(product: f64, dim: usize) -> f64 {
    (product / dim as f64 + 1.0).powi(3)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One number a row: k(x, y) = (xy + 1)³. x = {0, 1}, y = {2, 3}:
    /// 1 + 343 - 2·(1 + 1 + 27 + 64)/4 = 297.5.
    #[test]
    fn by_hand() {
        let all = [[vec![0, 1], vec![0, 1]]];
        let got = kid(&[0.0, 1.0], &[2.0, 3.0], 1, &all).expect("a distance");
        assert!((got.mean - 297.5).abs() < 1e-9 && got.std == 0.0, "{got:?}");
        assert!(kid(&[0.0], &[1.0], 1, &[[vec![0], vec![0]]]).is_err());
        assert!(kid(&[0.0, 1.0], &[2.0, 3.0], 1, &[]).is_err());
        assert!(kid(&[0.0, f32::NAN], &[2.0, 3.0], 1, &all).is_err());
        assert!(kid(&[0.0, 1.0], &[f32::INFINITY, 3.0], 1, &all).is_err());
    }

    #[test]
    fn subsets_do_not_repeat_rows_and_follow_from_the_seed() {
        let subsets = KidSubsets { count: 20, size: 30 }.draw(3, [40, 25]);
        assert_eq!(subsets.len(), 20);
        for (set, rows) in [(0, 40), (1, 25)] {
            for subset in &subsets {
                let mut seen = subset[set].clone();
                seen.sort_unstable();
                seen.dedup();
                assert_eq!(seen.len(), 25, "of 25 that both sets have");
                assert!(seen.iter().all(|row| *row < rows));
            }
        }
        assert_ne!(subsets[0], subsets[1]);
        assert_eq!(KidSubsets { count: 20, size: 30 }.draw(3, [40, 25]), subsets);
        assert_ne!(KidSubsets { count: 20, size: 30 }.draw(4, [40, 25]), subsets);
    }

    #[test]
    fn unbiased_about_zero_for_one_distribution() {
        let random = Random::new(0, Stream::SelfTest);
        let [a, b] = [0, 1].map(|step| random.normals(step, 0, 2000 * 8));
        let subsets = KidSubsets { count: 10, size: 500 }.draw(0, [2000, 2000]);
        let same = kid(&a, &b, 8, &subsets).expect("a distance");
        assert!(same.mean.abs() < 4.0 * same.std, "{same:?}");
        let moved: Vec<f32> = b.iter().map(|v| v + 1.0).collect();
        assert!(kid(&a, &moved, 8, &subsets).expect("a distance").mean > 1.0);
    }
}
