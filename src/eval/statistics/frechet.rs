//! Fréchet distance between Gaussians (Dowson and Landau, 1982), in f64.

use faer::linalg::solvers::SelfAdjointEigen;
use faer::{Mat, Side};

use super::Gaussian;
use crate::error::{Error, Kind, Result};

/// A distance, and on how firm a ground it stands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Frechet {
    pub value: f64,
    /// Numbers of a feature vector.
    pub dim: usize,
    /// Directions in which each covariance is more than rounding; below `dim` one of them is singular
    /// (fewer images than numbers, or features that depend on each other).
    pub rank: usize,
}

impl Frechet {
    /// What a reader should know beside the number, if anything.
    pub fn caution(&self) -> Option<String> {
        let Self { dim, rank, .. } = self;
        (rank < dim).then(|| {
            format!(
                "a covariance is singular: {rank} of {dim} directions are told apart; the number compares only with others of the same counts"
            )
        })
    }
}

/// `|mu1 - mu2|² + tr S1 + tr S2 - 2 tr (S1 S2)^{1/2}`.
///
/// The root goes by way of the symmetric `S1^{1/2} S2 S1^{1/2}`, which has the same eigenvalues and, unlike
/// the product, none that are complex where a covariance is nearly singular: those below zero are rounding
/// and count as zero.
///
/// # Errors
/// `Kind::Usage` where the vectors' lengths differ.
pub fn frechet_distance(a: &Gaussian, b: &Gaussian) -> Result<Frechet> {
    let dim = a.dim();
    if dim != b.dim() {
        let what = format!("features of {dim} and of {} numbers cannot be compared", b.dim());
        return Err(Error::new(Kind::Usage, what).hint("both sides need the same feature extractor"));
    }
    let stuck = |e| Error::new(Kind::Diverged, format!("the covariance has no eigenvalues: {e:?}"));
    let eigen: SelfAdjointEigen<f64> = a.covariance.self_adjoint_eigen(Side::Lower).map_err(stuck)?;
    let (u, s) = (eigen.U(), eigen.S().column_vector());
    let scaled = Mat::from_fn(dim, dim, |i, j| u[(i, j)] * s[j].max(0.0).sqrt());
    let root = &scaled * u.transpose();
    let product = &root * &b.covariance * &root;
    let squares = product.self_adjoint_eigenvalues(Side::Lower).map_err(stuck)?;
    let cross: f64 = squares.iter().map(|l| l.max(0.0).sqrt()).sum();
    let shift: f64 = a.mean.iter().zip(&b.mean).map(|(x, y)| (x - y).powi(2)).sum();
    let of_b = b.covariance.self_adjoint_eigenvalues(Side::Lower).map_err(stuck)?;
    let of_a: Vec<f64> = s.iter().copied().collect();
    let rank = rank(&of_a).min(rank(&of_b));
    Ok(Frechet { value: (shift + a.trace() + b.trace() - 2.0 * cross).max(0.0), dim, rank })
}

/// Eigenvalues that a matrix of this size can hold apart from zero, as numpy's `matrix_rank` counts them.
fn rank(eigenvalues: &[f64]) -> usize {
    let largest = eigenvalues.iter().copied().fold(0.0f64, f64::max);
    let floor = largest * eigenvalues.len() as f64 * f64::EPSILON;
    eigenvalues.iter().filter(|l| **l > floor).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gaussian(mean: f64, variance: f64) -> Gaussian {
        let covariance = Mat::from_fn(3, 3, |i, j| if i == j { variance } else { 0.0 });
        Gaussian::new(Some(2), vec![mean; 3], covariance).expect("a Gaussian")
    }

    /// By hand: FD(N(0, I3), N(1, 4 I3)) = 3 + 3 (1 + 4 - 2·2) = 6.
    #[test]
    fn the_closed_form() {
        let fd = frechet_distance(&gaussian(0.0, 1.0), &gaussian(1.0, 4.0)).expect("distance");
        assert!((fd.value - 6.0).abs() < 1e-9, "{fd:?}");
        assert_eq!((fd.rank, fd.caution()), (3, None));
    }

    /// Fewer vectors than dimensions: the covariance is singular, the distance still exists, and both are
    /// told.
    #[test]
    fn singular_covariances() {
        let a: Vec<f32> = (0..40).map(|i| (i * i % 17) as f32 / 17.0).collect();
        let stats = Gaussian::of(&a, 10).expect("stats");
        let fd = frechet_distance(&stats, &stats).expect("distance");
        assert!(fd.value < 1e-6 && fd.rank <= 3, "{fd:?}");
        assert!(fd.caution().is_some());
        assert!(frechet_distance(&stats, &gaussian(0.0, 1.0)).is_err());
    }
}
