//! The numbers a run measures of itself: Fréchet distance on pixels, how idempotent a SIGN model is, and
//! on toy worlds what can be known there.

pub mod idempotence;
mod known;

use crate::data::Dataset;
use crate::diffusion::{Classes, Generator, GeneratorKind, Starts};
use crate::error::Result;
use crate::eval::{Gaussian, frechet_distance};
use crate::random::{Random, Stream};
use crate::world::World;
use idempotence::Inputs;
use known::Known;

/// Most real images behind the reference statistics.
const MOST_REALS: usize = 10_000;
/// Real images behind rec rms.
const REC_IMAGES: usize = 256;
/// Pictures larger than this are averaged down to it before their Gaussians are fitted: the
/// covariance has the fourth power of the side as its size.
const FD_SIDE: usize = 16;
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
    stats: Gaussian,
    /// Images behind them.
    count: usize,
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

impl Reference {
    pub fn of(data: &Dataset, world: Option<World>) -> Result<Self> {
        let some = |count| -> Vec<f32> { data.spread(count).flat_map(|i| data.image(i)).collect() };
        let features = pooled(&some(MOST_REALS), data.channels, data.size);
        Ok(Self {
            world: world.map(Known::of),
            stats: Gaussian::of(&features, feature_len(data.channels, data.size))?,
            count: data.len().min(MOST_REALS),
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
        let starts = Starts { seeds, latents, classes: classes.clone() };
        let samples = generator.sample(&starts)?;
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
        let made = Gaussian::of(&pooled(&clipped, self.channels, self.size), features)?;
        let fd = frechet_distance(&made, &self.stats)?.value;
        let mut measured = vec![Measured {
            name: "fd_pixel",
            value: fd,
            conditions: format!(
                "Fréchet distance on {features} pixel values in [-1, 1] ({side}×{side}); {count} samples (EMA, {how}, seed {METRIC_SEED}{drawn}) against {} images of {}",
                self.count, self.hash
            ),
        }];
        let which = format!("{count} samples (EMA, {how}, seed {METRIC_SEED}{drawn})");
        measured.push(Measured {
            name: "std_ratio",
            value: made.spread() / self.stats.spread(),
            conditions: format!(
                "standard deviation of {which} around their mean image, of that of the images: near 0 all are one image"
            ),
        });
        if let Some(known) = &self.world {
            measured.extend(known.measure(&samples, &which));
        }
        if matches!(generator.spec.kind, GeneratorKind::Sign { .. }) {
            let images = Inputs {
                numbers: &self.images,
                classes: self.labels.as_deref(),
                name: format!("{} training images{own}", self.images.len() / dim),
            };
            let samples = Inputs { numbers: &samples, classes: classes.as_deref(), name: which };
            measured.extend(idempotence::measure(generator, &images, &starts.latents, &samples)?);
            if let Some(known) = &self.world {
                measured.extend(known.measure_editing(generator)?);
            }
        }
        Ok(measured)
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
