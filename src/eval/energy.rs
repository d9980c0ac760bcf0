//! Energy distance (Székely and Rizzo, 2013): `2 E|X - Y| - E|X - X'| - E|Y - Y'|`.

use super::neighbours::Rows;
use crate::error::{Error, Result};

/// The unbiased estimate over rows of `dim` numbers: pairs of a row with itself do not count. It may be
/// slightly negative where the sets are alike.
///
/// # Errors
/// `Kind::Usage` for a set of fewer than two rows, `Kind::Diverged` for numbers that are not finite.
pub fn energy_distance(a: &[f32], b: &[f32], dim: usize) -> Result<f64> {
    energy_distance_from(a, b, mean_distance(b, dim)?, dim)
}

/// The same where the [`mean_distance`] within `b` is known already.
///
/// # Errors
/// As [`energy_distance`].
pub fn energy_distance_from(a: &[f32], b: &[f32], within_b: f64, dim: usize) -> Result<f64> {
    let [rows_a, rows_b] = [a, b].map(|v| (v.len() / dim.max(1)) as f64);
    Ok(2.0 * total_distance(a, b, dim)? / (rows_a * rows_b) - mean_distance(a, dim)? - within_b)
}

/// Mean distance between two different rows.
///
/// # Errors
/// As [`energy_distance`].
pub fn mean_distance(a: &[f32], dim: usize) -> Result<f64> {
    let rows = a.len() / dim.max(1);
    if rows < 2 {
        return Err(Error::usage("an energy distance needs two images or more on each side"));
    }
    Ok(total_distance(a, a, dim)? / (rows * (rows - 1)) as f64)
}

/// Sum of the distances of every row of `a` to every row of `b`.
fn total_distance(a: &[f32], b: &[f32], dim: usize) -> Result<f64> {
    let sums = Rows::new(a, dim)?.each(&Rows::new(b, dim)?, |distances| distances.iter().sum::<f64>());
    Ok(sums.into_iter().sum())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Random, Stream};

    /// Two points against two points, by hand: 2·mean(1, 2, 2, 1) - 3 - 1... on a line.
    #[test]
    fn by_hand() {
        // Across: |0-1|, |0-2|, |3-1|, |3-2| → mean 1.5; within: 3 and 1.
        let got = energy_distance(&[0.0, 3.0], &[1.0, 2.0], 1).expect("a distance");
        assert!((got - (3.0 - 3.0 - 1.0)).abs() < 1e-12);
        for none in [&[0.0][..], &[0.0, f32::NAN], &[0.0, f32::INFINITY]] {
            assert!(energy_distance(none, &[1.0, 2.0], 1).is_err(), "{none:?}");
            assert!(energy_distance(&[1.0, 2.0], none, 1).is_err(), "{none:?}");
        }
    }

    #[test]
    fn the_same_distribution_is_near_zero_and_another_is_not() {
        let random = Random::new(0, Stream::SelfTest);
        let draw = |step| random.normals(step, 0, 2000 * 4);
        let (a, b) = (draw(0), draw(1));
        let distance = |a: &[f32], b: &[f32]| energy_distance(a, b, 4).expect("a distance");
        assert!(distance(&a, &b).abs() < 0.01);
        let moved: Vec<f32> = b.iter().map(|v| v + 1.0).collect();
        assert!(distance(&a, &moved) > 0.5);
    }
}
