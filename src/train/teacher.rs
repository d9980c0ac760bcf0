//! The EDM teacher: a denoiser trained on images (Karras et al., 2022).

use burn::tensor::{Device, Tensor};

use super::adam::AdamConfig;
use super::draws::Draws;
use super::trainee::{Trainee, Update};
use super::{At, Losses, StageTrainer, State};
use crate::data::Loader;
use crate::diffusion::{
    Denoiser, Generator, GeneratorKind, GeneratorSpec, Precond, denoising_weight, training_sigma,
};
use crate::error::Result;
use crate::loss::denoise::denoising_loss;
use crate::model::{Condition, Dropout, UnetConfig, Weights, read};
use crate::random::Stream;
use crate::recipe::{Recipe, Stage, Teacher};

pub struct TeacherTrainer {
    settings: Teacher,
    denoiser: Denoiser,
    net: Trainee,
    draws: Draws,
}

impl TeacherTrainer {
    pub fn new(recipe: &Recipe, unet: UnetConfig, device: &Device) -> Result<Self> {
        let denoiser = Denoiser::new(unet, Precond::Edm)?;
        let weights = Weights::init(denoiser.layout().clone(), recipe.seed, device);
        let settings = recipe.teacher.clone();
        Ok(Self {
            draws: Draws::new(recipe.seed, denoiser.shape(settings.batch), device),
            net: Trainee::new("teacher", weights, true, AdamConfig::with_beta1(0.9)),
            denoiser,
            settings,
        })
    }

    /// Linear warm-up with the images seen so far (so that the very first step moves nothing), then
    /// constant, as EDM does it.
    fn learning_rate(&self, at: At) -> f64 {
        let warmup_images = self.settings.warmup_kimg * 1000.0;
        let ramp = if warmup_images > 0.0 { (at.images as f64 / warmup_images).min(1.0) } else { 1.0 };
        self.settings.learning_rate * ramp
    }
}

impl StageTrainer for TeacherTrainer {
    fn stage(&self) -> Stage {
        Stage::Teacher
    }

    fn parameters(&self) -> usize {
        self.denoiser.layout().parameter_count()
    }

    fn batch(&self) -> usize {
        self.settings.batch
    }

    fn step(&mut self, at: At, data: &Loader) -> Result<Losses> {
        let batch = self.settings.batch;
        let clean = self.draws.images(data.batch(at.images, batch).images);
        let sigmas: Vec<f64> =
            self.draws.normals(Stream::Sigma, at.step).into_iter().map(training_sigma).collect();
        let noise = self.draws.normal_images(Stream::Noise, at.step);
        let noisy = Tensor::from_inner(clean.clone() + noise * self.draws.column(&sigmas));

        let leaves = self.net.weights.tracked();
        let mut masks = self.draws.masks(Stream::Dropout, at.step);
        let mut dropout = Dropout::on(self.denoiser.config().dropout, &mut masks);
        let denoised =
            self.denoiser.denoise_with(&leaves, noisy, &sigmas, &Condition::default(), &mut dropout);
        let weights: Vec<f64> = sigmas.iter().map(|s| denoising_weight(*s)).collect();
        let loss = denoising_loss(denoised, Tensor::from_inner(clean), &weights).mean();

        self.net.descend(
            &leaves,
            &loss,
            Update {
                at,
                batch,
                learning_rate: self.learning_rate(at),
                ema_halflife_kimg: self.settings.ema_halflife_kimg,
            },
        )?;
        let per_pixel = read(loss.inner())?[0] / self.denoiser.image_len() as f32;
        Ok(vec![("denoise", per_pixel)])
    }

    fn generator(&self) -> Result<Generator> {
        let kind = GeneratorKind::Teacher { sample_steps: self.settings.sample_steps };
        let spec =
            GeneratorSpec { kind, precond: self.denoiser.precond, unet: self.denoiser.config().clone() };
        Generator::new(spec, self.net.averaged().clone())
    }

    fn skipped(&self) -> u64 {
        self.net.skipped()
    }

    fn save(&self) -> Result<State> {
        let mut state = State::default();
        self.net.save(&mut state.tensors, &mut state.counters)?;
        Ok(state)
    }

    fn restore(&mut self, state: &State) -> Result<()> {
        self.net.restore(&state.tensors, &state.counters)
    }
}
