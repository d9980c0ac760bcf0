//! From the arrays of a statistics file to a Gaussian: what cannot be a mean and a covariance is refused, what
//! rounding did to them is mended and told.

use faer::Mat;

use super::Gaussian;
use super::npy::Array;
use crate::error::{Error, Kind, Result};
use crate::finite::NotFinite;

/// How far the two halves of a covariance may lie apart by rounding, in units of the two standard deviations: sums of
/// many numbers in single precision, and numbers of 16 bits.
const ROUNDING: f64 = 1e-4;
const ROUNDING_16: f64 = 4e-3;
/// Between halves this near nothing is told.
const SAME: f64 = 1e-9;
/// What to do about arrays that are not what they are called.
const MAKE_ANEW: &str = "make the file anew from features, one row an image: numpy.savez(FILE, \
    mu=features.mean(axis=0), sigma=numpy.cov(features, rowvar=False))";

/// Mean, covariance and what a reader should know of them. `count` images are behind them, where that is known.
///
/// # Errors
/// `Kind::Data` where shapes do not go together, a number is not finite, a variance is below zero, or the covariance
/// is not symmetric.
pub fn gaussian(mu: Array, sigma: &Array, count: Option<usize>) -> Result<(Gaussian, Vec<String>)> {
    let wrong = |what: String| Err(Error::new(Kind::Data, what).hint(MAKE_ANEW));
    let dim = mu.values.len();
    let is_square = sigma.shape == [dim, dim] || sigma.shape == [1] && dim == 1;
    if mu.shape.len() != 1 || dim == 0 || !is_square {
        return wrong(format!(
            "mu of shape {:?} does not go with sigma of shape {:?}",
            mu.shape, sigma.shape
        ));
    }
    for (name, array) in [("mu", &mu), ("sigma", sigma)] {
        if let Some(found) = NotFinite::among(&array.values) {
            let wide = if array.width == 2 { " (16 bits hold nothing above 65504)" } else { "" };
            return wrong(format!("the numbers of {name} are not all finite: {found}{wide}"));
        }
    }
    let at = |i: usize, j: usize| sigma.values[i * dim + j];
    if let Some(i) = (0..dim).find(|i| at(*i, *i) < 0.0) {
        return wrong(format!(
            "sigma is no covariance: at [{i}, {i}] is {:e}, and no variance is below zero",
            at(i, i)
        ));
    }
    let apart = |i: usize, j: usize| {
        let scale = (at(i, i) * at(j, j)).sqrt().max(f64::MIN_POSITIVE);
        (at(i, j) - at(j, i)).abs() / scale
    };
    let pairs = (0..dim).flat_map(|i| (0..i).map(move |j| (i, j)));
    let most =
        pairs.map(|(i, j)| (apart(i, j), i, j)).fold((0.0, 0, 0), |a, b| if b.0 > a.0 { b } else { a });
    let (most, i, j) = most;
    let rounding = if sigma.width == 2 { ROUNDING_16 } else { ROUNDING };
    if most > rounding {
        let what = format!(
            "sigma is no covariance: it is not symmetric, at [{i}, {j}] is {:e} and at [{j}, {i}] {:e}",
            at(i, j),
            at(j, i)
        );
        return wrong(what);
    }
    let mut cautions = Vec::new();
    if most > SAME {
        cautions.push(format!(
            "sigma's two halves differ by {most:.0e} of the standard deviations, as rounding does: their mean is taken"
        ));
    }
    if mu.width == 2 || sigma.width == 2 {
        cautions.push("mu and sigma have 16 bits a number, three digits: the distance is as coarse".into());
    }
    let covariance = Mat::from_fn(dim, dim, |i, j| 0.5 * (at(i, j) + at(j, i)));
    Ok((Gaussian::new(count, mu.values, covariance)?, cautions))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn array(shape: &[usize], values: &[f64]) -> Array {
        Array { shape: shape.to_vec(), values: values.to_vec(), width: 8 }
    }

    fn of(sigma: [f64; 4]) -> Result<(Gaussian, Vec<String>)> {
        gaussian(array(&[2], &[1.0, 2.0]), &array(&[2, 2], &sigma), Some(9))
    }

    #[test]
    fn rounding_is_mended_and_told_and_more_is_refused() {
        let (exact, cautions) = of([4.0, 1.0, 1.0, 9.0]).expect("statistics");
        assert_eq!((exact.count, cautions.len()), (Some(9), 0));
        let (mended, cautions) = of([4.0, 1.0, 1.0001, 9.0]).expect("statistics");
        let halves = mended.covariance();
        assert!((halves[1] - 1.000_05).abs() < 1e-12 && halves[1] == halves[2], "{halves:?}");
        assert!(cautions[0].contains("mean is taken"), "{cautions:?}");
        let error = of([4.0, 1.0, 1.1, 9.0]).expect_err("refused").to_string();
        assert!(error.contains("[1, 0]") && error.contains("rowvar=False"), "{error}");
        let half = Array { width: 2, ..array(&[2, 2], &[4.0, 1.0, 1.005, 9.0]) };
        let (_, cautions) = gaussian(array(&[2], &[1.0, 2.0]), &half, None).expect("statistics");
        assert!(cautions.iter().any(|caution| caution.contains("16 bits")), "{cautions:?}");
    }

    #[test]
    fn what_is_no_covariance_is_refused() {
        for (sigma, word) in [
            ([f64::NAN, 0.0, 0.0, 1.0], "1 NaN of 4"),
            ([1.0, f64::INFINITY, 0.0, 1.0], "1 infinite"),
            ([1.0, 0.0, 0.0, -0.5], "below zero"),
        ] {
            let error = of(sigma).expect_err("refused").to_string();
            assert!(error.contains(word) && error.contains("what to do"), "{error}");
        }
        let mean = || array(&[2], &[1.0, f64::NAN]);
        assert!(gaussian(mean(), &array(&[2, 2], &[1.0; 4]), None).is_err());
        for shape in [&[4][..], &[1, 4], &[2]] {
            let sigma = array(shape, &[1.0; 4]);
            assert!(gaussian(array(&[2], &[1.0, 2.0]), &sigma, None).is_err(), "{shape:?}");
        }
        assert!(gaussian(array(&[1], &[1.0]), &array(&[1], &[2.0]), None).is_ok());
    }
}
