//! The numbers a run measures of itself: Fréchet distance on pixels, rec and idem rms, and on toy worlds
//! energy distance and how samples fall on the components.

use crate::data::Dataset;
use crate::diffusion::{Classes, Generator, GeneratorKind, Starts};
use crate::error::Result;
use crate::eval::{GaussianStats, count_modes, energy_distance, frechet_distance, rms_difference};
use crate::random::{Random, Stream};
use crate::world::{Mixture, World};

/// Most real images behind the reference statistics.
const MOST_REALS: usize = 10_000;
/// Real images behind rec rms.
const REC_IMAGES: usize = 256;
/// Pictures larger than this are averaged down to it before their Gaussians are fitted: the
/// covariance has the fourth power of the side as its size.
const FD_SIDE: usize = 16;
/// Samples of a toy world that a run's are compared with, and their seed, which no run should have.
const WORLD_SAMPLES: u64 = 4000;
const WORLD_SEED: u32 = u32::MAX;
/// Seed of the metrics' latents: the same for every model, so that numbers compare.
const METRIC_SEED: u32 = 0;

/// One measured number.
#[derive(Clone, Debug)]
pub struct Measured {
    pub name: &'static str,
    pub value: f64,
    pub conditions: String,
}

/// What is computed of the data once.
pub struct Reference {
    stats: GaussianStats,
    channels: usize,
    size: usize,
    /// Fingerprint of the images, part of every condition.
    hash: String,
    /// Some training images, for rec rms.
    images: Vec<f32>,
    /// Their classes, where the set has labels.
    labels: Option<Vec<u32>>,
    /// What a toy world knows beyond its samples.
    world: Option<Known>,
}

/// A toy world, and some samples of it that training has not seen.
struct Known {
    mixture: Mixture,
    samples: Vec<f32>,
}

impl Reference {
    pub fn of(data: &Dataset, world: Option<World>) -> Result<Self> {
        let some = |count| -> Vec<f32> { data.spread(count).flat_map(|i| data.image(i)).collect() };
        let features = pooled(&some(MOST_REALS), data.channels, data.size);
        let known = |world: World| {
            let mixture = world.mixture();
            let samples = (0..WORLD_SAMPLES).flat_map(|i| mixture.sample(WORLD_SEED, i).0).collect();
            Known { mixture, samples }
        };
        Ok(Self {
            world: world.map(known),
            stats: GaussianStats::of(&features, feature_len(data.channels, data.size))?,
            channels: data.channels,
            size: data.size,
            hash: data.hash.clone(),
            images: some(REC_IMAGES),
            labels: data.labels.as_ref().map(|l| data.spread(REC_IMAGES).map(|i| l[i]).collect()),
        })
    }

    /// Measures `generator` on `count` samples.
    pub fn measure(&self, generator: &Generator, count: usize) -> Result<Vec<Measured>> {
        let dim = generator.image_len();
        let latents = Random::new(METRIC_SEED, Stream::Metric).normal_batch(0, 0, count, dim);
        let seeds = (0..count as u32).collect();
        let classes = Classes::Spread.of(&generator.spec.unet, count)?;
        let samples = generator.sample(&Starts { seeds, latents, classes: classes.clone() })?;
        // A world's numbers are no pixels: nothing clips them.
        let bound = if self.world.is_some() { f32::INFINITY } else { 1.0 };
        let clipped: Vec<f32> = samples.iter().map(|v| v.clamp(-bound, bound)).collect();
        let how = match generator.spec.kind {
            GeneratorKind::Teacher { sample_steps } => format!("Heun {sample_steps} steps"),
            GeneratorKind::Sid { .. } | GeneratorKind::Sign { .. } => "one step".into(),
        };
        // Which classes samples and reconstructions are of, where the model knows any.
        let (drawn, own) =
            if classes.is_some() { (", classes in turn", ", under their own classes") } else { ("", "") };
        let features = feature_len(self.channels, self.size);
        let side = self.size.min(FD_SIDE);
        let fd = frechet_distance(
            &GaussianStats::of(&pooled(&clipped, self.channels, self.size), features)?,
            &self.stats,
        )?;
        let mut measured = vec![Measured {
            name: "fd_pixel",
            value: fd,
            conditions: format!(
                "Fréchet distance on {features} pixel values in [-1, 1] ({side}×{side}); {count} samples (EMA, {how}, seed {METRIC_SEED}{drawn}) against {} images of {}",
                self.stats.count, self.hash
            ),
        }];
        if let Some(known) = &self.world {
            measured.extend(
                known.measure(&samples, &format!("{count} samples (EMA, {how}, seed {METRIC_SEED})")),
            );
        }
        if matches!(generator.spec.kind, GeneratorKind::Sign { .. }) {
            let again = generator.project(&samples, classes.as_deref())?;
            let reconstructed = generator.project(&self.images, self.labels.as_deref())?;
            measured.push(Measured {
                name: "rec_rms",
                value: rms_difference(&reconstructed, &self.images),
                conditions: format!(
                    "rms of f(x) - x over {} training images{own}, [-1, 1]",
                    self.images.len() / dim
                ),
            });
            measured.push(Measured {
                name: "idem_rms",
                value: rms_difference(&again, &samples),
                conditions: format!(
                    "rms of f(f(z)) - f(z) over {count} samples (EMA, seed {METRIC_SEED}{drawn}), [-1, 1]"
                ),
            });
        }
        Ok(measured)
    }
}

impl Known {
    fn measure(&self, samples: &[f32], which: &str) -> [Measured; 4] {
        let Mixture { dim, std, .. } = self.mixture;
        let count = self.samples.len() / dim;
        let counts = count_modes(&self.mixture, samples);
        let all = self.mixture.components();
        let number = |name, value, conditions| Measured { name, value, conditions };
        [
            number(
                "energy",
                energy_distance(samples, &self.samples, dim),
                format!("energy distance of {which} to {count} of the world (seed {WORLD_SEED})"),
            ),
            number(
                "modes",
                counts.hit as f64,
                format!("components of {all} with a fifth of their share of {which}"),
            ),
            number(
                "inlier",
                counts.inlier,
                format!("share of {which} within 3 x {std} (rms) of a component"),
            ),
            number("tv", counts.tv, format!("total variation of {which} over the {all} components")),
        ]
    }
}

/// Numbers behind a Fréchet distance of pictures of `size`.
fn feature_len(channels: usize, size: usize) -> usize {
    channels * size.min(FD_SIDE) * size.min(FD_SIDE)
}

/// Pictures averaged over squares down to `FD_SIDE`; smaller ones stay as they are.
fn pooled(images: &[f32], channels: usize, size: usize) -> Vec<f32> {
    let side = size.min(FD_SIDE);
    let square = size / side;
    let area = (square * square) as f32;
    let mut out = Vec::with_capacity(images.len() / (square * square));
    for plane in images.chunks_exact(size * size) {
        for (y, x) in (0..side).flat_map(|y| (0..side).map(move |x| (y, x))) {
            let rows = (0..square).map(|dy| (y * square + dy) * size + x * square);
            let sum: f32 = rows.map(|start| plane[start..start + square].iter().sum::<f32>()).sum();
            out.push(sum / area);
        }
    }
    debug_assert_eq!(out.len() % feature_len(channels, size), 0);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pooling_averages_squares_and_leaves_small_pictures_alone() {
        let small: Vec<f32> = (0..3 * 8 * 8).map(|i| i as f32).collect();
        assert_eq!(pooled(&small, 3, 8), small);
        let large: Vec<f32> = (0..32 * 32).map(|i| (i % 32) as f32).collect();
        let got = pooled(&large, 1, 32);
        assert_eq!(got.len(), 16 * 16);
        assert_eq!(got[..3], [0.5, 2.5, 4.5]);
    }
}
