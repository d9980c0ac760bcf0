//! Two signs of trouble that show in pixels alone.

/// Share of numbers at the ends of [-1, 1] or beyond: blown-out colours.
pub fn saturated_share(images: &[f32]) -> f64 {
    /// The first and the last of 256 steps.
    const END: f32 = 1.0 - 1.0 / 255.0;
    let at_end = images.iter().filter(|x| x.abs() >= END).count();
    at_end as f64 / images.len().max(1) as f64
}

/// Root mean square difference of neighbours in rows of `width` pixels, over the deviation of all pixels from
/// their mean: near √2 for white noise, small for smooth pictures, whatever their contrast.
pub fn grain(images: &[f32], width: usize) -> f64 {
    let count = images.len().max(1) as f64;
    let mean = images.iter().map(|x| f64::from(*x)).sum::<f64>() / count;
    let variance = images.iter().map(|x| (f64::from(*x) - mean).powi(2)).sum::<f64>() / count;
    let rows = images.chunks_exact(width.max(2));
    let steps = rows.flat_map(|row| row.windows(2).map(|pair| f64::from(pair[1] - pair[0]).powi(2)));
    let (sum, steps) = steps.fold((0.0, 0u64), |(sum, n), step| (sum + step, n + 1));
    (sum / steps.max(1) as f64 / variance.max(1e-12)).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::{Random, Stream};

    #[test]
    fn ends_are_counted() {
        assert_eq!(saturated_share(&[1.0, -1.0, 1.5, 0.0, 0.9, -0.99]), 0.5);
        assert_eq!(saturated_share(&[]), 0.0);
    }

    #[test]
    fn noise_has_grain_and_ramps_have_none() {
        let noise = Random::new(0, Stream::SelfTest).normals(0, 0, 64 * 64);
        assert!((grain(&noise, 64) - 2f64.sqrt()).abs() < 0.05);
        let ramp: Vec<f32> = (0..64 * 64).map(|i| (i % 64) as f32 / 64.0).collect();
        assert!(grain(&ramp, 64) < 0.06);
        assert_eq!(grain(&[0.5; 16], 4), 0.0);
    }
}
