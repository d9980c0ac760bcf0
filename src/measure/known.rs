//! What a toy world lets a run know: how samples fall on its components, and whether an edit finds the
//! component that an image was of.

use std::sync::OnceLock;

use super::Measured;
use crate::data::Shape;
use crate::diffusion::{Generator, SignSampler, Starts};
use crate::edit::{
    Constraint, Corruption, Direct, Iteration, Model, Projector, STEPS, direct, first_sigma, iterate, sigmas,
};
use crate::error::Result;
use crate::eval::{count_modes, energy_distance_from, mean_distance, nearest};
use crate::finite::check_rows;
use crate::random::{Random, Stream};
use crate::world::{Mixture, World};

/// Samples of the world that a run's are compared with, and their seed, which no run should have.
const SAMPLES: u64 = 8000;
const SEED: u32 = u32::MAX;
/// Samples that are corrupted and edited.
const EDITED: usize = 1000;
/// Noise on them, and how often f is applied to take it away.
const NOISE: f32 = 0.5;
const APPLICATIONS: usize = 5;
/// Levels of fresh noise in sampling with several steps.
const RENOISED: [f64; 3] = [2.5, 0.6, 0.15];

/// A toy world, and some samples of it that training has not seen, with the components they are of.
pub struct Known {
    mixture: Mixture,
    samples: Vec<f32>,
    /// Mean distance between two of them: it takes as long as that to a model's samples.
    within: OnceLock<f64>,
    components: Vec<usize>,
}

impl Known {
    pub fn of(world: World) -> Self {
        let mixture = world.mixture();
        let all = (0..SAMPLES).map(|i| mixture.sample(SEED, i));
        let (samples, components): (Vec<_>, Vec<_>) = all.unzip();
        Self { samples: samples.concat(), within: OnceLock::new(), components, mixture }
    }

    /// How `samples` fall on the world.
    ///
    /// # Errors
    /// `Kind::Diverged` for samples that are no numbers.
    pub fn measure(&self, samples: &[f32], which: &str) -> Result<Vec<Measured>> {
        let Mixture { dim, std, .. } = self.mixture;
        let counts = count_modes(&self.mixture, samples)?;
        // Every pair counts: as many as there are of the world are enough.
        let first = &samples[..samples.len().min(self.samples.len())];
        let within = match self.within.get() {
            Some(within) => *within,
            None => {
                let within = mean_distance(&self.samples, dim)?;
                *self.within.get_or_init(|| within)
            }
        };
        let all = self.mixture.components();
        Ok(vec![
            number(
                "energy",
                energy_distance_from(first, &self.samples, within, dim)?,
                format!(
                    "energy distance of the first {} of {which} to {SAMPLES} of the world (seed {SEED})",
                    first.len() / dim
                ),
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
        ])
    }

    /// How well f finds back what was hidden, and samples with fresh noise in between.
    pub fn measure_editing(&self, generator: &Generator) -> Result<Vec<Measured>> {
        let dim = self.mixture.dim;
        let model = Model::new(generator, None)?;
        let clean = &self.samples[..EDITED * dim];

        let noisy = Corruption::Noise { sigma: NOISE }.apply_all(clean, model.shape(), SEED).image;
        let mut measured = Vec::new();
        for (name, noise_sigma, how) in [
            ("edit_noise_right_mode", f64::from(NOISE), "told"),
            ("edit_noise_blind_right_mode", 0.0, "not told"),
        ] {
            let edit = Direct { steps: APPLICATIONS, noise_sigma, strength_sigma: 0.0 };
            let denoised = direct(&model, &noisy, edit, 0, &mut |_| ())?;
            measured.push(number(
                name,
                self.right(&denoised)?,
                format!(
                    "share of {EDITED} world samples (seed {SEED}) with noise of {NOISE}, the level {how}, nearest to their own component after {APPLICATIONS} applications of f"
                ),
            ));
        }
        let Shape { width, .. } = model.shape();
        let hidden = Corruption::HalfMask.apply_all(clean, model.shape(), SEED);
        if let Some(known) = hidden.known.filter(|_| width > 1) {
            let sigmas = sigmas(STEPS, first_sigma(width));
            let how = Iteration { sigmas: &sigmas, seed: 0, bound: f32::INFINITY };
            let filled = iterate(&model, &hidden.image, &Constraint::Inpaint { known }, how, &mut |_| ())?;
            let levels: Vec<String> = sigmas.iter().map(|s| format!("{s:.2}")).collect();
            measured.push(number(
                "edit_mask_right_mode",
                self.right(&filled)?,
                format!(
                    "the same where the left half was hidden, and filled in under the constraint at noise levels {}",
                    levels.join(", ")
                ),
            ));
        }
        let latents = Random::new(SEED, Stream::Metric).normal_batch(0, 0, EDITED, dim);
        let starts = Starts { seeds: (0..EDITED as u32).collect(), latents, classes: None };
        let renoised =
            generator.sample_sign(&starts, &SignSampler::Renoised { sigmas: RENOISED.to_vec() })?;
        let counts = count_modes(&self.mixture, &renoised.images)?;
        measured.push(number(
            "multistep_inlier",
            counts.inlier,
            format!(
                "share of {EDITED} samples with fresh noise of {RENOISED:?} within 3 x {} (rms) of a component",
                self.mixture.std
            ),
        ));
        Ok(measured)
    }

    /// Share of edited samples, in order, that are nearest to the component they were made of.
    fn right(&self, edited: &[f32]) -> Result<f64> {
        check_rows("edited samples", edited, self.mixture.dim)?;
        let edited = edited.chunks_exact(self.mixture.dim);
        let count = edited.len();
        let right = edited.zip(&self.components).filter(|(x, own)| nearest(&self.mixture, x).0 == **own);
        Ok(right.count() as f64 / count.max(1) as f64)
    }
}

fn number(name: &'static str, value: f64, conditions: String) -> Measured {
    Measured::new(name, value, conditions)
}
