//! How much images move.

/// Root mean square difference over all pixels, in the units of the images ([-1, 1]): rec rms
/// between data and f(data), idem rms between f(z) and f(f(z)).
pub fn rms_difference(a: &[f32], b: &[f32]) -> f64 {
    let sum: f64 = a.iter().zip(b).map(|(a, b)| (f64::from(*a) - f64::from(*b)).powi(2)).sum();
    (sum / a.len().max(1) as f64).sqrt()
}
