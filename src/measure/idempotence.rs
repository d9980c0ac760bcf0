//! How far f is from f(f(z)) = f(z) and from f(x) = x.

use super::{Measured, Watch};
use crate::diffusion::{Generator, source_scale};
use crate::error::Result;
use crate::eval::{fixed_share, rms_difference};
use crate::finite::check_rows;
use crate::random::{Random, Stream};

/// Applications of f behind the drift.
const DRIFT_STEPS: usize = 5;
/// An image is a fixed point if f moves it less than this (root mean square, [-1, 1]).
const FIXED_RMS: f64 = 0.02;
/// Noise on the corrupted images.
const CORRUPTED_SIGMA: f32 = 0.3;
/// Of that noise.
const SEED: u32 = 0;

/// Images that f is applied to.
pub struct Inputs<'a> {
    pub numbers: &'a [f32],
    pub classes: Option<&'a [u32]>,
    pub name: String,
}

/// Of data `images`, of pure noise (`latents`) and of the model's own `samples` of it.
///
/// # Errors
/// A model that cannot project images, `Kind::Diverged` for one that makes no numbers of them, and what `watch` says.
pub fn measure(
    generator: &Generator,
    images: &Inputs,
    latents: &[f32],
    samples: &Inputs,
    watch: Watch<'_>,
) -> Result<Vec<Measured>> {
    let dim = generator.image_len();
    let [image_count, sample_count] = [images, samples].map(|inputs| inputs.numbers.len() / dim);
    // The samples are application 1. Images are projected as they are and with noise.
    let total = ((DRIFT_STEPS - 1) * sample_count + 2 * image_count) as u64;
    let mut done = 0;
    let mut project = |numbers: &[f32], classes: Option<&[u32]>| -> Result<Vec<f32>> {
        let before = done;
        let projected = generator.project_watched(numbers, classes, &mut |now, _| {
            done = before + now;
            watch("measuring idempotence", done, total)
        })?;
        check_rows("projected images", &projected, dim)?;
        Ok(projected)
    };
    check_rows("samples", samples.numbers, dim)?;
    let reconstructed = project(images.numbers, images.classes)?;
    let again = project(samples.numbers, samples.classes)?;
    let mut drifted = again.clone();
    for _ in 2..DRIFT_STEPS {
        drifted = project(&drifted, samples.classes)?;
    }
    let normals = Random::new(SEED, Stream::Edit).normal_batch(0, 0, image_count, dim);
    let noisy: Vec<f32> = images.numbers.iter().zip(normals).map(|(x, n)| x + CORRUPTED_SIGMA * n).collect();
    let scale = source_scale() as f32;
    let noise: Vec<f32> = latents.iter().map(|z| z * scale).collect();
    let cleaned = project(&noisy, images.classes)?;

    let (data, made) = (&images.name, &samples.name);
    let number = |name, value, conditions| Measured::new(name, value, conditions);
    let fixed = |name, before: &[f32], after: &[f32], of: String| {
        let conditions = format!("share of {of} that f moves by less than {FIXED_RMS} rms, [-1, 1]");
        number(name, fixed_share(before, after, dim, FIXED_RMS), conditions)
    };
    Ok(vec![
        number(
            "rec_rms",
            rms_difference(&reconstructed, images.numbers),
            format!("rms of f(x) - x over {data}, [-1, 1]"),
        ),
        number(
            "idem_rms",
            rms_difference(&again, samples.numbers),
            format!("rms of f(f(z)) - f(z) over {made}, [-1, 1]"),
        ),
        number(
            "drift_rms",
            rms_difference(&drifted, samples.numbers),
            format!("rms between the first and application {DRIFT_STEPS} of f over {made}, [-1, 1]"),
        ),
        fixed("fixed_data", images.numbers, &reconstructed, data.clone()),
        fixed("fixed_noise", &noise, samples.numbers, "the noise that samples are made of".into()),
        fixed("fixed_samples", samples.numbers, &again, made.clone()),
        fixed(
            "fixed_noisy",
            &noisy,
            &cleaned,
            format!("{data} with noise of sigma {CORRUPTED_SIGMA} (seed {SEED})"),
        ),
    ])
}
