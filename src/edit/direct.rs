//! Direct projection: f again and again, after noise that sets how much may change.

use super::rows::Rows;
use super::{Projector, Steps};
use crate::data::Shape;
use crate::diffusion::{SIGMA_MAX, vp_scale};
use crate::error::{Error, Result};
use crate::random::{Random, Stream};

/// Most applications of f that one request may ask for.
pub const MOST_APPLICATIONS: usize = 64;

/// How pictures are projected directly. Noise levels are standard deviations in [-1, 1] units.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Direct {
    /// Applications of f.
    pub steps: usize,
    /// Of the noise that the pictures have already; 0 where they have none, or none that is known.
    pub noise_sigma: f64,
    /// Of the noise that is added first; 0 for none.
    pub strength_sigma: f64,
}

impl Direct {
    /// # Errors
    /// `Kind::Usage` for settings out of range.
    pub fn check(&self) -> Result<()> {
        let Self { steps, noise_sigma, strength_sigma } = *self;
        check_steps(steps)?;
        check_level("the strength", strength_sigma)?;
        check_level("noise of", noise_sigma)?;
        if noise_sigma.hypot(strength_sigma) > SIGMA_MAX {
            return Err(Error::usage(format!(
                "noise of {noise_sigma} and a strength of {strength_sigma} are more than the model knows"
            ))
            .hint(format!("choose them so that their squares add up to {SIGMA_MAX}² at most")));
        }
        Ok(())
    }

    /// The applications of f to pictures of `shape` (C×H×W one after another), none of them done. The noise
    /// that is added to a picture follows from `seed` and its number, of which `first` is the first picture's.
    ///
    /// # Errors
    /// As [`check`](Self::check).
    pub fn begin(self, shape: Shape, given: &[f32], seed: u32, first: u32) -> Result<Steps> {
        self.check()?;
        let numbers = shape.numbers();
        let noise =
            || Random::new(seed, Stream::Edit).normal_batch(0, first, given.len() / numbers.max(1), numbers);
        Ok(Steps::again(self.noised(given, noise), self.steps))
    }

    /// What f is given of some rows of picture `number` the first time.
    pub(super) fn first(&self, given: &[f32], rows: &Rows, seed: u32, number: u32) -> Vec<f32> {
        self.noised(given, || rows.noise(Random::new(seed, Stream::Edit), 0, number))
    }

    /// `u = (c + s eps) / sqrt(1 + sigma² + s²)`: variance-preserving coordinates for all the noise there is.
    fn noised(&self, given: &[f32], noise: impl FnOnce() -> Vec<f32>) -> Vec<f32> {
        let scale = vp_scale(self.noise_sigma.hypot(self.strength_sigma)) as f32;
        let added = self.strength_sigma as f32;
        if added == 0.0 {
            return given.iter().map(|c| c * scale).collect();
        }
        given.iter().zip(noise()).map(|(c, n)| (c + added * n) * scale).collect()
    }
}

/// # Errors
/// `Kind::Usage` for no application or too many.
pub fn check_steps(steps: usize) -> Result<()> {
    if (1..=MOST_APPLICATIONS).contains(&steps) {
        return Ok(());
    }
    Err(Error::usage(format!("{steps} steps were asked for"))
        .hint(format!("choose between 1 and {MOST_APPLICATIONS}")))
}

/// # Errors
/// `Kind::Usage` for a `sigma` that is no noise level, called `name`.
pub fn check_level(name: &str, sigma: f64) -> Result<()> {
    if (0.0..=SIGMA_MAX).contains(&sigma) {
        return Ok(());
    }
    Err(Error::usage(format!("{name} {sigma} is not a noise level"))
        .hint(format!("choose between 0 (the picture as it is) and {SIGMA_MAX} (nothing left of it)")))
}

/// Applies f `how.steps` times to pictures, the first of them number 0, as [`Direct::begin`]; `watch` sees them
/// after each application.
///
/// # Errors
/// `Kind::Usage` for settings out of range; what f refuses.
pub fn direct(
    f: &dyn Projector,
    given: &[f32],
    how: Direct,
    seed: u32,
    watch: &mut dyn FnMut(&[f32]),
) -> Result<Vec<f32>> {
    how.begin(f.shape(), given, seed, 0)?.run(f, watch)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The map that leaves everything as it is shows what f is given.
    struct Identity;

    impl Projector for Identity {
        fn shape(&self) -> Shape {
            Shape::square(1, 64)
        }

        fn project(&self, u: &[f32]) -> Result<Vec<f32>> {
            Ok(u.to_vec())
        }
    }

    const PLAIN: Direct = Direct { steps: 1, noise_sigma: 0.0, strength_sigma: 0.0 };

    const SEED: u32 = 4;

    fn run(given: &[f32], how: Direct) -> Vec<f32> {
        run_with(given, how, SEED)
    }

    fn run_with(given: &[f32], how: Direct, seed: u32) -> Vec<f32> {
        direct(&Identity, given, how, seed, &mut |_| {}).expect("it runs")
    }

    #[test]
    fn known_noise_is_scaled_and_added_noise_comes_on_top() {
        let given = Random::new(1, Stream::SelfTest).normals(0, 0, 64 * 64);
        assert_eq!(run(&given, PLAIN), given);
        // 1 + 0.75² = 1.25².
        let told = Direct { noise_sigma: 0.75, ..PLAIN };
        for (u, c) in run(&given, told).iter().zip(&given) {
            assert!((u - 0.8 * c).abs() < 1e-6, "{u} of {c}");
        }
        // 1 + 2² + 2² = 3²: what is added to c / 3 has a standard deviation of 2 / 3.
        let both = Direct { noise_sigma: 2.0, strength_sigma: 2.0, ..told };
        let rest: Vec<f32> = run(&given, both).iter().zip(&given).map(|(u, c)| u - c / 3.0).collect();
        let std = (rest.iter().map(|v| v * v).sum::<f32>() / rest.len() as f32).sqrt();
        assert!((std - 2.0 / 3.0).abs() < 0.03, "{std}");
        assert_eq!(run(&given, both), run(&given, both));
        assert_ne!(run(&given, both), run_with(&given, both, SEED + 1));
    }

    #[test]
    fn each_picture_of_a_seed_draws_its_own_noise() {
        let given = vec![0.0; 2 * 64 * 64];
        let how = Direct { strength_sigma: 1.0, ..PLAIN };
        let of = |given: &[f32], first: u32| {
            let steps = how.begin(Identity.shape(), given, SEED, first).expect("settings");
            steps.run(&Identity, &mut |_| {}).expect("it runs")
        };
        let (both, alone) = (of(&given, 6), [6, 7].map(|first| of(&given[..64 * 64], first)));
        assert_eq!(both, alone.concat(), "whichever way they are batched");
        assert_ne!(alone[0], alone[1]);
    }

    #[test]
    fn settings_out_of_range_are_refused_with_a_remedy() {
        for wrong in [
            Direct { steps: 0, ..PLAIN },
            Direct { steps: 65, ..PLAIN },
            Direct { noise_sigma: -0.1, ..PLAIN },
            Direct { noise_sigma: f64::NAN, ..PLAIN },
            Direct { strength_sigma: 80.1, ..PLAIN },
            Direct { noise_sigma: 60.0, strength_sigma: 60.0, ..PLAIN },
        ] {
            let error = direct(&Identity, &[0.0; 64 * 64], wrong, SEED, &mut |_| {}).expect_err("refused");
            assert!(error.remedy.is_some(), "{wrong:?}");
        }
        Direct { noise_sigma: 48.0, strength_sigma: 64.0, ..PLAIN }.check().expect("80 in all");
    }
}
