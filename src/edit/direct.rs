//! Direct projection: f again and again, after noise that sets how much may change.

use super::Projector;
use crate::diffusion::SIGMA_MAX;
use crate::error::{Error, Result};
use crate::random::{Random, Stream};

/// Most applications of f that one request may ask for.
pub const MOST_STEPS: usize = 64;

/// Applies f `steps` times to pictures (C×H×W one after another) to which noise of level `strength_sigma`
/// was added, 0 for none; `watch` sees the pictures after each application. The noise of a picture
/// follows from the seed and its number.
///
/// # Errors
/// `Kind::Usage` for settings out of range; what f refuses.
pub fn direct(
    f: &dyn Projector,
    given: &[f32],
    steps: usize,
    strength_sigma: f32,
    seed: u32,
    watch: &mut dyn FnMut(&[f32]),
) -> Result<Vec<f32>> {
    let sigma = strength_sigma;
    if !(1..=MOST_STEPS).contains(&steps) {
        return Err(Error::usage(format!("{steps} projection steps were asked for"))
            .hint(format!("choose between 1 and {MOST_STEPS}")));
    }
    if !(0.0..=SIGMA_MAX as f32).contains(&sigma) {
        return Err(Error::usage(format!("the strength {sigma} is not a noise level"))
            .hint(format!("choose between 0 (as it is) and {SIGMA_MAX} (a new image)")));
    }
    // u = (x + sigma eps) / sqrt(1 + sigma²), the student's coordinates.
    let numbers = f.shape().numbers();
    let noise = Random::new(seed, Stream::Edit).normal_batch(0, 0, given.len() / numbers.max(1), numbers);
    let scale = (1.0 + sigma * sigma).sqrt().recip();
    let mut x: Vec<f32> = given.iter().zip(noise).map(|(x, n)| (x + sigma * n) * scale).collect();
    for _ in 0..steps {
        x = f.project(&x)?;
        watch(&x);
    }
    Ok(x)
}
