//! Which noise levels are used: by samplers, by the teacher's loss, by SiD's loss.

use crate::error::{Error, Result};

/// Smallest noise level above zero.
pub const SIGMA_MIN: f64 = 0.002;
/// Largest noise level: the image is gone.
pub const SIGMA_MAX: f64 = 80.0;
/// Exponent of the schedule: larger puts more steps near `SIGMA_MIN`.
pub const RHO: f64 = 7.0;

/// `1 / sqrt(1 + sigma²)`: from `x = x0 + sigma eps` to variance-preserving coordinates.
pub fn vp_scale(sigma: f64) -> f64 {
    (1.0 + sigma * sigma).sqrt().recip()
}

/// From unit normals z to what SIGN makes images of: a teacher's `x_T = 80 z` in those coordinates.
pub fn source_scale() -> f64 {
    SIGMA_MAX * vp_scale(SIGMA_MAX)
}

/// `time` 0 is `high`, 1 is `low` (EDM eq. 5).
fn karras(low: f64, high: f64, rho: f64, time: f64) -> f64 {
    let (top, bottom) = (high.powf(1.0 / rho), low.powf(1.0 / rho));
    (top + time * (bottom - top)).powf(rho)
}

/// `steps` falling noise levels from `SIGMA_MAX` to `SIGMA_MIN`, then 0: `steps + 1` numbers.
pub fn karras_sigmas(steps: usize) -> Vec<f64> {
    karras_sigmas_within(SIGMA_MIN, SIGMA_MAX, RHO, steps)
}

/// The same between other bounds.
pub fn karras_sigmas_within(low: f64, high: f64, rho: f64, steps: usize) -> Vec<f64> {
    let last = steps.saturating_sub(1).max(1) as f64;
    let levels = (0..steps).map(|i| karras(low, high, rho, i as f64 / last));
    levels.chain([0.0]).collect()
}

/// Most noise levels of a list: an application of the network each.
const MOST_LEVELS: usize = 64;

/// Refuses a list that is no way down from noise to a picture.
///
/// # Errors
/// `Kind::Usage` for no level or too many, levels that do not fall, or one that is no noise level.
pub fn check_falling(sigmas: &[f64]) -> Result<()> {
    let refused = |what: String| {
        let hint = format!("give levels that fall, each between {SIGMA_MIN} and {SIGMA_MAX}: 2.5,0.6,0.15");
        Err(Error::usage(what).hint(hint))
    };
    if sigmas.is_empty() || sigmas.len() > MOST_LEVELS {
        return refused(format!("{} noise levels; 1 to {MOST_LEVELS} make sense", sigmas.len()));
    }
    if let Some(wrong) = sigmas.iter().find(|s| !(SIGMA_MIN..=SIGMA_MAX).contains(*s)) {
        return refused(format!("{wrong} is not a noise level"));
    }
    match sigmas.windows(2).find(|pair| pair[0] <= pair[1]) {
        Some(pair) => refused(format!("the noise level {} follows {}", pair[1], pair[0])),
        None => Ok(()),
    }
}

/// Noise level of SiD's generator loss for a uniform draw `u` in [0, 1): rising from
/// `SIGMA_MIN` at 0 to the schedule's level at `t_max / 1000`.
pub fn sid_sigma(u: f64, t_max: f64) -> f64 {
    karras(SIGMA_MIN, SIGMA_MAX, RHO, 1.0 - u * t_max / 1000.0)
}

/// Noise level of the denoising loss for a standard normal draw: `ln sigma ~ N(-1.2, 1.2²)`.
pub fn training_sigma(normal: f64) -> f64 {
    (1.2 * normal - 1.2).exp()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(got: f64, want: f64) {
        // The published numbers have six decimals.
        assert!((got - want).abs() <= 1e-6 + 1e-6 * want.abs(), "{got} instead of {want}");
    }

    /// Eq. 5 of Karras et al. (2022), worked out for 18 steps.
    #[test]
    fn the_published_grid_of_18_steps() {
        let want = [
            80.0, 57.585985, 40.785574, 28.374585, 19.352453, 12.910082, 8.400935, 5.315195, 3.256822,
            1.923340, 1.088171, 0.585348, 0.296442, 0.139516, 0.059947, 0.022935, 0.007528, 0.002, 0.0,
        ];
        let got = karras_sigmas(18);
        assert_eq!(got.len(), want.len());
        got.iter().zip(want).for_each(|(g, w)| close(*g, w));
    }

    /// The ends of the schedule; t = 0.5 is almost the generator's own 2.5.
    #[test]
    fn sid_levels() {
        close(sid_sigma(0.0, 800.0), 0.002);
        close(sid_sigma(0.5, 1000.0), 2.515_219);
        close(sid_sigma(1.0, 800.0), 24.408_342);
        close(sid_sigma(1.0, 1000.0), 80.0);
    }
}
