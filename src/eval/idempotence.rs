//! How much images move.

/// Root mean square difference over all pixels, in the units of the images ([-1, 1]): rec rms
/// between data and f(data), idem rms between f(z) and f(f(z)).
pub fn rms_difference(a: &[f32], b: &[f32]) -> f64 {
    let sum: f64 = a.iter().zip(b).map(|(a, b)| (f64::from(*a) - f64::from(*b)).powi(2)).sum();
    (sum / a.len().max(1) as f64).sqrt()
}

/// Share of images, of `image_len` numbers each, that moved by less than `rms`.
pub fn fixed_share(before: &[f32], after: &[f32], image_len: usize, rms: f64) -> f64 {
    let pairs = before.chunks_exact(image_len).zip(after.chunks_exact(image_len));
    let count = pairs.len();
    let fixed = pairs.filter(|(a, b)| rms_difference(a, b) < rms).count();
    fixed as f64 / count.max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_are_counted_one_by_one() {
        let before = [0.0, 0.0, 1.0, 1.0, 2.0, 2.0];
        let after = [0.0, 0.1, 1.0, 1.0, 2.0, 9.0];
        assert!((rms_difference(&before[..2], &after[..2]) - 0.1 / 2f64.sqrt()).abs() < 1e-8);
        assert!((fixed_share(&before, &after, 2, 0.08) - 2.0 / 3.0).abs() < 1e-12);
        assert!((fixed_share(&before, &after, 2, 0.01) - 1.0 / 3.0).abs() < 1e-12);
    }
}
