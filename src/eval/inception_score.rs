//! Inception score (Salimans et al., 2016), of any classifier's logits.

use crate::error::{Error, Kind, Result};
use crate::finite::check_rows;

/// Splits of the published numbers.
pub const SPLITS: usize = 10;

/// exp of the mean divergence of p(class | image) from p(class), over splits of the images.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct InceptionScore {
    pub mean: f64,
    /// Deviation between splits.
    pub std: f64,
}

/// Of rows of `classes` logits, in `splits` parts in their order.
///
/// # Errors
/// `Kind::Usage` where a split would be empty, `Kind::Diverged` for logits that are not finite.
pub fn inception_score(logits: &[f32], classes: usize, splits: usize) -> Result<InceptionScore> {
    check_rows("rows of logits", logits, classes)?;
    let rows: Vec<Vec<f64>> = logits.chunks_exact(classes.max(1)).map(log_softmax).collect();
    if classes < 2 || splits == 0 || rows.len() < splits {
        let what = format!("{} images of {classes} classes cannot be scored in {splits} splits", rows.len());
        return Err(Error::new(Kind::Usage, what));
    }
    let bounds = |i: usize| i * rows.len() / splits;
    let scores: Vec<f64> = (0..splits).map(|i| score(&rows[bounds(i)..bounds(i + 1)])).collect();
    let mean = scores.iter().sum::<f64>() / splits as f64;
    let variance = scores.iter().map(|s| (s - mean).powi(2)).sum::<f64>() / splits as f64;
    Ok(InceptionScore { mean, std: variance.sqrt() })
}

/// exp E KL(p(y|x) || p(y)) over one split of rows of log-probabilities.
fn score(rows: &[Vec<f64>]) -> f64 {
    let count = rows.len() as f64;
    let mut marginal = vec![0.0; rows[0].len()];
    for row in rows {
        marginal.iter_mut().zip(row).for_each(|(m, log)| *m += log.exp() / count);
    }
    let divergence = |row: &Vec<f64>| -> f64 {
        let terms = row.iter().zip(&marginal).filter(|(log, _)| log.is_finite());
        terms.map(|(log, m)| log.exp() * (log - m.ln())).filter(|term| term.is_finite()).sum()
    };
    (rows.iter().map(divergence).sum::<f64>() / count).exp()
}

fn log_softmax(logits: &[f32]) -> Vec<f64> {
    let largest = logits.iter().fold(f64::NEG_INFINITY, |most, l| most.max(f64::from(*l)));
    let shifted: Vec<f64> = logits.iter().map(|l| f64::from(*l) - largest).collect();
    let log_sum = shifted.iter().map(|l| l.exp()).sum::<f64>().ln();
    shifted.into_iter().map(|l| l - log_sum).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Certain and evenly spread over k classes: k. Undecided: 1.
    #[test]
    fn the_extremes() {
        let certain: Vec<f32> = (0..4 * 40).map(|i| if i % 4 == i / 4 % 4 { 80.0 } else { 0.0 }).collect();
        let score = inception_score(&certain, 4, 2).expect("a score");
        assert!((score.mean - 4.0).abs() < 1e-9 && score.std < 1e-9, "{score:?}");
        let undecided = inception_score(&[3.0; 4 * 10], 4, 1).expect("a score");
        assert!((undecided.mean - 1.0).abs() < 1e-12, "{undecided:?}");
    }

    /// Two images, p = (1/4, 3/4) and (3/4, 1/4): KL = ¾ ln 1.5 + ¼ ln ½.
    #[test]
    fn by_hand() {
        let third = 3f32.ln();
        let score = inception_score(&[0.0, third, third, 0.0], 2, 1).expect("a score");
        let want = (0.75 * 1.5f64.ln() + 0.25 * 0.5f64.ln()).exp();
        assert!((score.mean - want).abs() < 1e-7, "{score:?} instead of {want}");
    }

    #[test]
    fn too_few_images_are_refused() {
        assert!(inception_score(&[0.0; 8], 4, 3).is_err());
        assert!(inception_score(&[0.0; 8], 1, 1).is_err());
        assert!(inception_score(&[], 4, 0).is_err());
    }

    #[test]
    fn logits_that_are_no_numbers_are_refused() {
        for none in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            let error = inception_score(&[0.0, 1.0, none, 0.0], 2, 1).expect_err("refused");
            assert!(error.what.contains("1 of 2 rows of logits"), "{error}");
        }
    }
}
