//! The running average of weights, counted in images (Karras et al., 2022, appendix F.2).

/// How much of the old average is kept over one batch: `0.5^(batch / half-life)`.
///
/// With a `ramp_up` the half-life is at most that share of the images seen before the step, so that an
/// early average does not cling to the start: at the very first step it is 0 and the average copies.
pub fn ema_beta(batch: usize, images_seen: u64, halflife_kimg: f64, ramp_up: Option<f64>) -> f64 {
    let halflife = halflife_kimg * 1000.0;
    let halflife = ramp_up.map_or(halflife, |ratio| halflife.min(images_seen as f64 * ratio));
    0.5f64.powf(batch as f64 / halflife.max(1e-8))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Worked by hand: batch 256, half-life 0.5 Mimg.
    #[test]
    fn published_vectors() {
        for (images, want) in [(0, 0.0), (100_000, 0.965133), (1_000_000, 0.996457), (10_000_000, 0.999645)] {
            let got = ema_beta(256, images, 500.0, Some(0.05));
            assert!((got - want).abs() < 1e-6, "{images}: {got} instead of {want}");
        }
        assert_eq!(ema_beta(500, 0, 0.5, None), 0.5);
    }
}
