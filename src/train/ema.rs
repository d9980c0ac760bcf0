//! The running average of weights, counted in images.

/// Share of the images seen that limits the half-life early on.
const RAMP_UP: f64 = 0.05;

/// How much of the old average is kept over one batch: `0.5^(batch / half-life)`, the half-life
/// being ramped up with the images seen so far. At the start it is 0: the average copies.
pub fn ema_beta(batch: usize, images_seen: u64, halflife_kimg: f64) -> f64 {
    let halflife = (halflife_kimg * 1000.0).min(images_seen as f64 * RAMP_UP);
    0.5f64.powf(batch as f64 / halflife.max(1e-8))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Worked by hand: batch 256, half-life 0.5 Mimg.
    #[test]
    fn published_vectors() {
        for (images, want) in [(0, 0.0), (100_000, 0.965133), (1_000_000, 0.996457), (10_000_000, 0.999645)] {
            let got = ema_beta(256, images, 500.0);
            assert!((got - want).abs() < 1e-6, "{images}: {got} instead of {want}");
        }
    }
}
