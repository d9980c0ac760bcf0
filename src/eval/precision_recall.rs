//! Improved precision and recall (Kynkäänniemi et al., 2019): shares of one set inside the k-nearest-
//! neighbour balls of the other.

use super::neighbours::Rows;

/// Neighbours of the published numbers.
pub const NEIGHBOURS: usize = 3;

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PrecisionRecall {
    /// Share of generated images that lie among the real ones.
    pub precision: f64,
    /// Share of real images that lie among the generated ones.
    pub recall: f64,
}

/// Balls reach to each image's `k`-th nearest other image of its own set.
pub fn precision_recall(generated: &Rows, real: &Rows, k: usize) -> PrecisionRecall {
    PrecisionRecall { precision: covered(generated, real, k), recall: covered(real, generated, k) }
}

/// Share of `rows` that lie in a ball around one of `others`.
fn covered(rows: &Rows, others: &Rows, k: usize) -> f64 {
    let radii = others.radii(k);
    let inside = rows.each(others, |distances| distances.iter().zip(&radii).any(|(d, r)| d <= r));
    inside.iter().filter(|inside| **inside).count() as f64 / inside.len().max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// On a line, k = 1. Real 0, 1, 2 have balls of radius 1 and cover [-1, 3]; generated 2.5 and 9 have
    /// balls of radius 6.5 and cover everything but what is left of -4.
    #[test]
    fn by_hand() {
        let [generated, real] =
            [&[2.5, 9.0][..], &[0.0, 1.0, 2.0]].map(|numbers| Rows::new(numbers, 1).expect("rows"));
        let got = precision_recall(&generated, &real, 1);
        assert_eq!(got, PrecisionRecall { precision: 0.5, recall: 1.0 });
    }
}
