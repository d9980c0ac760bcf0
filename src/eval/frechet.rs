//! Fréchet distance between Gaussians fitted to feature vectors, in f64.

use faer::linalg::solvers::SelfAdjointEigen;
use faer::{Mat, Side};

use crate::error::{Error, Kind, Result};

/// Mean and covariance (over N - 1) of feature vectors.
#[derive(Clone, Debug)]
pub struct GaussianStats {
    pub count: usize,
    mean: Vec<f64>,
    covariance: Mat<f64>,
}

impl GaussianStats {
    /// `features`: rows of `dim` numbers.
    ///
    /// # Errors
    /// `Kind::Usage` for fewer than two rows: they have no covariance.
    pub fn of(features: &[f32], dim: usize) -> Result<Self> {
        let count = features.len().checked_div(dim).unwrap_or(0);
        if count < 2 {
            return Err(Error::new(
                Kind::Usage,
                format!("a covariance needs two images or more, not {count}"),
            ));
        }
        let mut mean = vec![0.0; dim];
        for row in features.chunks_exact(dim) {
            row.iter().zip(&mut mean).for_each(|(x, m)| *m += f64::from(*x));
        }
        mean.iter_mut().for_each(|m| *m /= count as f64);
        let centred = Mat::from_fn(count, dim, |i, j| f64::from(features[i * dim + j]) - mean[j]);
        let covariance = centred.transpose() * &centred * faer::Scale(1.0 / (count - 1) as f64);
        Ok(Self { count, mean, covariance })
    }

    /// Root mean square distance of features from their mean, times the root of their number.
    pub fn spread(&self) -> f64 {
        self.trace().max(0.0).sqrt()
    }

    fn trace(&self) -> f64 {
        (0..self.mean.len()).map(|i| self.covariance[(i, i)]).sum()
    }
}

/// `|mu1 - mu2|² + tr S1 + tr S2 - 2 tr (S1 S2)^{1/2}`, the root by way of the symmetric
/// `S1^{1/2} S2 S1^{1/2}`, whose small negative eigenvalues are rounding and count as zero.
pub fn frechet_distance(a: &GaussianStats, b: &GaussianStats) -> Result<f64> {
    if a.mean.len() != b.mean.len() {
        let what = format!("features of {} and of {} numbers cannot be compared", a.mean.len(), b.mean.len());
        return Err(Error::new(Kind::Usage, what));
    }
    let stuck = |e| Error::new(Kind::Diverged, format!("the covariance has no eigenvalues: {e:?}"));
    let eigen: SelfAdjointEigen<f64> = a.covariance.self_adjoint_eigen(Side::Lower).map_err(stuck)?;
    let (u, s) = (eigen.U(), eigen.S().column_vector());
    let dim = a.mean.len();
    let scaled = Mat::from_fn(dim, dim, |i, j| u[(i, j)] * s[j].max(0.0).sqrt());
    let root = &scaled * u.transpose();
    let product = &root * &b.covariance * &root;
    let roots = product.self_adjoint_eigenvalues(Side::Lower).map_err(stuck)?;
    let cross: f64 = roots.iter().map(|l| l.max(0.0).sqrt()).sum();
    let shift: f64 = a.mean.iter().zip(&b.mean).map(|(x, y)| (x - y).powi(2)).sum();
    Ok((shift + a.trace() + b.trace() - 2.0 * cross).max(0.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gaussian(mean: f64, variance: f64) -> GaussianStats {
        let covariance = Mat::from_fn(3, 3, |i, j| if i == j { variance } else { 0.0 });
        GaussianStats { count: 2, mean: vec![mean; 3], covariance }
    }

    /// By hand: FD(N(0, I3), N(1, 4 I3)) = 3 + 3 (1 + 4 - 2·2) = 6.
    #[test]
    fn the_closed_form() {
        let fd = frechet_distance(&gaussian(0.0, 1.0), &gaussian(1.0, 4.0)).expect("distance");
        assert!((fd - 6.0).abs() < 1e-9, "{fd}");
    }

    /// Fewer vectors than dimensions: the covariance is singular and the distance still exists.
    #[test]
    fn singular_covariances() {
        let a: Vec<f32> = (0..40).map(|i| (i * i % 17) as f32 / 17.0).collect();
        let stats = GaussianStats::of(&a, 10).expect("stats");
        let fd = frechet_distance(&stats, &stats).expect("distance");
        assert!(fd < 1e-6, "{fd}");
        assert!(GaussianStats::of(&a[..10], 10).is_err());
    }
}
