//! The numbers a run measures of itself: Fréchet distance on pixels, rec and idem rms.

use crate::data::Dataset;
use crate::diffusion::{Generator, GeneratorKind};
use crate::error::Result;
use crate::eval::{GaussianStats, frechet_distance, rms_difference};
use crate::random::{Random, Stream};

/// Most real images behind the reference statistics.
const MOST_REALS: usize = 10_000;
/// Real images behind rec rms.
const REC_IMAGES: usize = 256;
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
    /// Some training images, for rec rms.
    images: Vec<f32>,
}

impl Reference {
    pub fn of(data: &Dataset) -> Result<Self> {
        let some = |count: usize| -> Vec<f32> {
            // Spread over the whole set: files are often sorted by class.
            let count = count.min(data.len());
            (0..count).flat_map(|i| data.image(i * data.len() / count)).collect()
        };
        let dim = data.channels * data.size * data.size;
        Ok(Self { stats: GaussianStats::of(&some(MOST_REALS), dim)?, images: some(REC_IMAGES) })
    }

    /// Measures `generator` on `count` samples.
    pub fn measure(&self, generator: &Generator, count: usize) -> Result<Vec<Measured>> {
        let dim = generator.image_len();
        let latents = Random::new(METRIC_SEED, Stream::Metric).normal_batch(0, 0, count, dim);
        let samples = generator.sample(&latents, 0)?;
        let clipped: Vec<f32> = samples.iter().map(|v| v.clamp(-1.0, 1.0)).collect();
        let how = match generator.spec.kind {
            GeneratorKind::Teacher { sample_steps } => format!("Heun {sample_steps} steps"),
            GeneratorKind::Sid { .. } | GeneratorKind::Sign => "one step".into(),
        };
        let fd = frechet_distance(&GaussianStats::of(&clipped, dim)?, &self.stats)?;
        let mut measured = vec![Measured {
            name: "fd_pixel",
            value: fd,
            conditions: format!(
                "Fréchet distance on {dim} pixel values in [-1, 1]; {count} samples (EMA, {how}, seed {METRIC_SEED}) against {} training images",
                self.stats.count
            ),
        }];
        if generator.spec.kind == GeneratorKind::Sign {
            let again = generator.project(&samples)?;
            let reconstructed = generator.project(&self.images)?;
            measured.push(Measured {
                name: "rec_rms",
                value: rms_difference(&reconstructed, &self.images),
                conditions: format!(
                    "rms of f(x) - x over {} training images, [-1, 1]",
                    self.images.len() / dim
                ),
            });
            measured.push(Measured {
                name: "idem_rms",
                value: rms_difference(&again, &samples),
                conditions: format!(
                    "rms of f(f(z)) - f(z) over {count} samples (EMA, seed {METRIC_SEED}), [-1, 1]"
                ),
            });
        }
        Ok(measured)
    }
}
