//! Mean and covariance of feature vectors, in f64.

use faer::Mat;

use crate::error::{Error, Kind, Result};

/// Rows that are multiplied at once: large enough for fast products, small enough for memory.
const BLOCK: usize = 1024;

/// By what a sum of squares is divided to give a covariance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Divisor {
    /// N - 1, as EDM's and pytorch-fid's evaluations (and numpy's `cov`).
    NMinusOne,
    /// N, as StyleGAN's and SiD's in-training metrics.
    N,
}

/// What has been seen of a set of feature vectors: sums that more vectors, or another set's sums, can be
/// added to (Chan, Golub and LeVeque, 1983, equations 2.1).
#[derive(Clone, Debug)]
pub struct Moments {
    count: usize,
    mean: Vec<f64>,
    /// Sum of (x - mean)(x - mean)ᵀ, `[dim, dim]`.
    scatter: Mat<f64>,
}

impl Moments {
    pub fn new(dim: usize) -> Self {
        Self { count: 0, mean: vec![0.0; dim], scatter: Mat::zeros(dim, dim) }
    }

    pub fn count(&self) -> usize {
        self.count
    }

    /// Adds rows of `dim` numbers.
    pub fn add(&mut self, features: &[f32]) {
        let dim = self.mean.len();
        for block in features.chunks(BLOCK * dim.max(1)) {
            let count = block.len() / dim.max(1);
            let mut mean = vec![0.0; dim];
            for row in block.chunks_exact(dim) {
                row.iter().zip(&mut mean).for_each(|(x, m)| *m += f64::from(*x));
            }
            mean.iter_mut().for_each(|m| *m /= count as f64);
            let centred = Mat::from_fn(count, dim, |i, j| f64::from(block[i * dim + j]) - mean[j]);
            self.merge(&Moments { count, mean, scatter: centred.transpose() * &centred });
        }
    }

    /// Adds what was seen of other vectors of the same length.
    pub fn merge(&mut self, other: &Moments) {
        if other.count == 0 {
            return;
        }
        let [a, b] = [self.count, other.count].map(|n| n as f64);
        let between: Vec<f64> = other.mean.iter().zip(&self.mean).map(|(b, a)| b - a).collect();
        let factor = a * b / (a + b);
        let dim = self.mean.len();
        for (j, i) in (0..dim).flat_map(|j| (0..dim).map(move |i| (j, i))) {
            self.scatter[(i, j)] += other.scatter[(i, j)] + factor * between[i] * between[j];
        }
        self.mean.iter_mut().zip(&between).for_each(|(m, d)| *m += d * b / (a + b));
        self.count += other.count;
    }

    /// # Errors
    /// `Kind::Usage` for fewer than two vectors (they have no covariance) or numbers that are not finite.
    pub fn gaussian(&self, divisor: Divisor) -> Result<Gaussian> {
        if self.count < 2 {
            let what = format!("a covariance needs two images or more, not {}", self.count);
            return Err(Error::new(Kind::Usage, what));
        }
        let by = match divisor {
            Divisor::NMinusOne => self.count - 1,
            Divisor::N => self.count,
        };
        let covariance = &self.scatter * faer::Scale(1.0 / by as f64);
        Gaussian::new(Some(self.count), self.mean.clone(), covariance)
    }
}

/// Mean and covariance of a set.
#[derive(Clone, Debug)]
pub struct Gaussian {
    /// Vectors behind it, where that is known.
    pub count: Option<usize>,
    pub(super) mean: Vec<f64>,
    pub(super) covariance: Mat<f64>,
}

impl Gaussian {
    /// # Errors
    /// `Kind::Diverged` where a number is not finite.
    pub(super) fn new(count: Option<usize>, mean: Vec<f64>, covariance: Mat<f64>) -> Result<Self> {
        let finite = mean.iter().all(|v| v.is_finite())
            && covariance.col_iter().all(|column| column.iter().all(|v| v.is_finite()));
        if !finite {
            let what = "the features' mean or covariance is not finite";
            return Err(Error::new(Kind::Diverged, what).hint(
                "some images gave features that are no numbers: is the model trained, are the weights right?",
            ));
        }
        Ok(Self { count, mean, covariance })
    }

    /// Of rows of `dim` numbers, divided by N - 1.
    ///
    /// # Errors
    /// As `Moments::gaussian`.
    pub fn of(features: &[f32], dim: usize) -> Result<Self> {
        let mut moments = Moments::new(dim);
        moments.add(features);
        moments.gaussian(Divisor::NMinusOne)
    }

    pub fn dim(&self) -> usize {
        self.mean.len()
    }

    pub fn mean(&self) -> &[f64] {
        &self.mean
    }

    /// Row by row, `dim * dim` numbers.
    pub fn covariance(&self) -> Vec<f64> {
        self.covariance.row_iter().flat_map(|row| row.iter().copied().collect::<Vec<_>>()).collect()
    }

    /// Root mean square distance of features from their mean, times the root of their number.
    pub fn spread(&self) -> f64 {
        self.trace().max(0.0).sqrt()
    }

    pub(super) fn trace(&self) -> f64 {
        (0..self.dim()).map(|i| self.covariance[(i, i)]).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Random, Stream};

    fn close(a: &Gaussian, b: &Gaussian) {
        let pairs =
            a.mean.iter().zip(&b.mean).chain(a.covariance.col(1).iter().zip(b.covariance.col(1).iter()));
        for (a, b) in pairs {
            assert!((a - b).abs() < 1e-10 * (1.0 + b.abs()), "{a} instead of {b}");
        }
    }

    /// Far from the origin, where sums of squares would lose every digit.
    #[test]
    fn pieces_add_up_to_the_whole() {
        let far = Random::new(0, Stream::SelfTest).normals(0, 0, 3000 * 3);
        let far: Vec<f32> = far.into_iter().map(|v| v + 1000.0).collect();
        let whole = Gaussian::of(&far, 3).expect("a Gaussian");
        let mut merged = Moments::new(3);
        for piece in far.chunks(3 * 700) {
            let mut part = Moments::new(3);
            part.add(piece);
            merged.merge(&part);
        }
        merged.merge(&Moments::new(3));
        assert_eq!(merged.count(), 3000);
        close(&merged.gaussian(Divisor::NMinusOne).expect("a Gaussian"), &whole);
        assert!((whole.covariance[(0, 0)] - 1.0).abs() < 0.1, "{}", whole.covariance[(0, 0)]);
    }

    /// By hand: 1 and 3 have variance 2 over N - 1 and 1 over N.
    #[test]
    fn both_divisors() {
        let mut moments = Moments::new(1);
        moments.add(&[1.0]);
        assert!(moments.gaussian(Divisor::N).is_err());
        moments.add(&[3.0]);
        let variance = |divisor| moments.gaussian(divisor).expect("a Gaussian").covariance();
        assert_eq!((variance(Divisor::NMinusOne), variance(Divisor::N)), (vec![2.0], vec![1.0]));
        moments.add(&[f32::NAN]);
        assert!(moments.gaussian(Divisor::N).is_err());
    }
}
