//! Sampling from an idempotent generator: once, until it rests, or with fresh noise in between.

use super::schedule::{check_falling, source_scale, vp_scale};
use super::{Generator, GeneratorKind, MOST_STEPS, Starts};
use crate::error::{Error, Result};
use crate::random::{Random, Stream};

/// How images come out of f (SIGN, arXiv 2509.21470, as far as it is known).
#[derive(Clone, Debug, PartialEq)]
pub enum SignSampler {
    /// `x = f(z)`, then `x = f(x)` again. An image rests when the root mean square of `f(x) - x`, in
    /// [-1, 1] units, is below `tolerance`, and at the latest after `most` applications.
    Recursive { most: usize, tolerance: Option<f32> },
    /// `x = f(z)`, then `x = f((x + sigma eps) / sqrt(1 + sigma²))` for each of these falling levels.
    Renoised { sigmas: Vec<f64> },
}

/// Images in [-1, 1] (not clipped), and how many applications of f each took.
#[derive(Clone, Debug, PartialEq)]
pub struct SignSamples {
    pub images: Vec<f32>,
    pub applications: Vec<usize>,
}

/// f of images that are laid one after another, under one class each where there are classes.
type ProjectFn<'a> = dyn FnMut(&[f32], Option<&[u32]>) -> Result<Vec<f32>> + 'a;

impl Generator {
    /// Images from `starts` by `sampler`; fresh noise, if any, is a function of each image's seed.
    ///
    /// # Errors
    /// `Kind::Usage` for settings out of range, and for models that are not SIGN's.
    pub fn sample_sign(&self, starts: &Starts, sampler: &SignSampler) -> Result<SignSamples> {
        if !matches!(self.spec.kind, GeneratorKind::Sign { .. }) {
            return Err(Error::usage("only a SIGN model is applied to its own images")
                .hint("leave out --until and --sigmas, or use a SIGN model"));
        }
        sampler.run(&mut |u, classes| self.project(u, classes), starts)
    }
}

impl SignSampler {
    /// f applied so many times, at least once.
    pub fn times(count: usize) -> Self {
        Self::Recursive { most: count.max(1), tolerance: None }
    }

    fn run(&self, f: &mut ProjectFn<'_>, starts: &Starts) -> Result<SignSamples> {
        self.check()?;
        let c = source_scale() as f32;
        let u: Vec<f32> = starts.latents.iter().map(|z| z * c).collect();
        let images = f(&u, starts.classes.as_deref())?;
        match self {
            Self::Recursive { most, tolerance } => recurse(f, images, starts, *most, *tolerance),
            Self::Renoised { sigmas } => renoise(f, images, starts, sigmas),
        }
    }

    fn check(&self) -> Result<()> {
        match self {
            Self::Renoised { sigmas } => check_falling(sigmas),
            Self::Recursive { most, .. } if !(1..=MOST_STEPS).contains(most) => {
                Err(Error::usage(format!("{most} applications of the model to an image"))
                    .hint(format!("choose between 1 and {MOST_STEPS}")))
            }
            Self::Recursive { tolerance: Some(t), .. } if !(*t > 0.0 && t.is_finite()) => {
                Err(Error::usage(format!("images cannot rest to within {t}"))
                    .hint("give a root mean square change above 0, in [-1, 1] units: 0.01, say"))
            }
            Self::Recursive { .. } => Ok(()),
        }
    }
}

/// Applies f to the images that do not rest yet.
fn recurse(
    f: &mut ProjectFn<'_>,
    mut images: Vec<f32>,
    starts: &Starts,
    most: usize,
    tolerance: Option<f32>,
) -> Result<SignSamples> {
    let count = starts.seeds.len();
    let len = images.len() / count.max(1);
    let mut applications = vec![1; count];
    let mut moving: Vec<usize> = (0..count).collect();
    for _ in 1..most {
        if moving.is_empty() {
            break;
        }
        let place = |i: usize| i * len..(i + 1) * len;
        let before: Vec<f32> = moving.iter().flat_map(|i| &images[place(*i)]).copied().collect();
        let classes: Option<Vec<u32>> =
            starts.classes.as_ref().map(|all| moving.iter().map(|i| all[*i]).collect());
        let after = f(&before, classes.as_deref())?;
        let changes = before.chunks_exact(len).zip(after.chunks_exact(len));
        let mut still = Vec::with_capacity(moving.len());
        for (i, (before, after)) in moving.into_iter().zip(changes) {
            images[place(i)].copy_from_slice(after);
            applications[i] += 1;
            if tolerance.is_none_or(|t| rms_change(before, after) >= t) {
                still.push(i);
            }
        }
        moving = still;
    }
    Ok(SignSamples { images, applications })
}

fn renoise(
    f: &mut ProjectFn<'_>,
    mut images: Vec<f32>,
    starts: &Starts,
    sigmas: &[f64],
) -> Result<SignSamples> {
    let len = images.len() / starts.seeds.len().max(1);
    for (step, sigma) in (0..).zip(sigmas) {
        let fresh = |seed: &u32| Random::new(*seed, Stream::Churn).normals(step, 0, len);
        let noise = starts.seeds.iter().flat_map(fresh);
        let scale = vp_scale(*sigma) as f32;
        let u: Vec<f32> = images.iter().zip(noise).map(|(x, n)| (x + *sigma as f32 * n) * scale).collect();
        images = f(&u, starts.classes.as_deref())?;
    }
    Ok(SignSamples { images, applications: vec![1 + sigmas.len(); starts.seeds.len()] })
}

fn rms_change(before: &[f32], after: &[f32]) -> f32 {
    let sum: f64 = before.iter().zip(after).map(|(b, a)| f64::from(a - b).powi(2)).sum();
    (sum / before.len().max(1) as f64).sqrt() as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEN: usize = 4;

    fn starts(seeds: &[u32]) -> Starts {
        let latents = seeds.iter().flat_map(|s| vec![*s as f32; LEN]).collect();
        Starts { seeds: seeds.to_vec(), latents, classes: Some(seeds.iter().map(|s| s % 3).collect()) }
    }

    /// A map that halves: image `s` rests once s 2^-k is below twice the tolerance.
    #[test]
    fn images_rest_one_by_one_and_keep_their_classes() {
        let starts = starts(&[16, 1, 4]);
        let mut asked = Vec::new();
        let mut halve = |u: &[f32], classes: Option<&[u32]>| -> Result<Vec<f32>> {
            asked.push(classes.map(<[u32]>::to_vec));
            Ok(u.iter().map(|v| v * 0.5).collect())
        };
        let sampler = SignSampler::Recursive { most: 20, tolerance: Some(0.3) };
        let samples = sampler.run(&mut halve, &starts).expect("it runs");
        // Changes of image 16: 4, 2, 1, .5, .25 in applications 2 to 6.
        assert_eq!(samples.applications, [6, 2, 4]);
        for ((image, seed), times) in samples.images.chunks(LEN).zip([16.0, 1.0, 4.0]).zip([6, 2, 4]) {
            assert!((image[0] - seed * 0.5f32.powi(times)).abs() < 1e-3, "{image:?}");
        }
        let most = SignSampler::Recursive { most: 3, tolerance: Some(1e-9) };
        assert_eq!(most.run(&mut halve, &starts).expect("it runs").applications, [3, 3, 3]);
        let once = SignSampler::times(0).run(&mut halve, &starts).expect("it runs");
        assert!((once.images[0] - 8.0).abs() < 1e-2 && once.applications == [1, 1, 1]);
        assert_eq!(asked[0], Some(vec![1, 1, 1]));
        assert_eq!(asked[2], Some(vec![1, 1]));
    }

    /// A map that shows its input: what it is given has noise of the level that was asked for.
    #[test]
    fn noise_is_fresh_at_every_level_and_follows_the_seed() {
        let mut first = Vec::new();
        let sampler = SignSampler::Renoised { sigmas: vec![2.0, 0.5] };
        let run = |seeds: &[u32]| {
            let mut calls = 0;
            let mut last = Vec::new();
            let many = Starts { latents: vec![0.0; 4096 * seeds.len()], ..starts(seeds) };
            let mut see = |u: &[f32], _: Option<&[u32]>| -> Result<Vec<f32>> {
                calls += 1;
                last = u.to_vec();
                Ok(vec![0.0; u.len()])
            };
            let samples = sampler.run(&mut see, &many).expect("it runs");
            assert_eq!((calls, samples.applications), (3, vec![3; seeds.len()]));
            last
        };
        first.extend(run(&[3, 9]));
        let std = (first.iter().map(|v| v * v).sum::<f32>() / first.len() as f32).sqrt();
        assert!((std - 0.5 / 1.25f32.sqrt()).abs() < 0.01, "{std}");
        assert_eq!(run(&[9]), first[4096..]);
        assert_ne!(first[..4096], first[4096..]);
    }

    #[test]
    fn settings_out_of_range_are_refused() {
        let mut f = |u: &[f32], _: Option<&[u32]>| -> Result<Vec<f32>> { Ok(u.to_vec()) };
        for wrong in [
            SignSampler::Recursive { most: 0, tolerance: None },
            SignSampler::Recursive { most: 5, tolerance: Some(0.0) },
            SignSampler::Recursive { most: 5, tolerance: Some(f32::NAN) },
            SignSampler::Renoised { sigmas: vec![] },
            SignSampler::Renoised { sigmas: vec![0.5, 0.5] },
            SignSampler::Renoised { sigmas: vec![-1.0] },
        ] {
            let error = wrong.run(&mut f, &starts(&[1])).expect_err("out of range");
            assert!(error.remedy.is_some(), "{wrong:?}");
        }
    }
}
