//! SiD: a one-step generator from a teacher, without images (Zhou et al., 2024).

use burn::tensor::{Device, Tensor};

use super::adam::AdamConfig;
use super::draws::Draws;
use super::fake_score::FakeScore;
use super::named::{put, take};
use super::trainee::{Trainee, Update};
use super::{At, Losses, Named, StageTrainer, State};
use crate::data::Loader;
use crate::diffusion::{Denoiser, Generator, GeneratorKind, GeneratorSpec, sid_sigma};
use crate::error::Result;
use crate::loss::sid::generator_loss;
use crate::model::{Condition, Dropout, Leaves, Weights, read};
use crate::random::Stream;
use crate::recipe::{Recipe, Stage, Student};

pub struct SidTrainer {
    settings: Student,
    denoiser: Denoiser,
    teacher: Weights,
    fake: FakeScore,
    generator: Trainee,
    draws: Draws,
}

impl SidTrainer {
    /// Generator and fake score both start as the teacher's average.
    pub fn new(recipe: &Recipe, teacher: &GeneratorSpec, named: &Named, device: &Device) -> Result<Self> {
        let denoiser = teacher.denoiser()?;
        let teacher = Weights::from_named(denoiser.layout().clone(), named, device)?;
        let settings = recipe.student.clone();
        let draws = Draws::new(recipe.seed, denoiser.shape(settings.batch), device);
        Ok(Self {
            fake: FakeScore::new(denoiser.clone(), &teacher, draws.clone(), settings.fake_learning_rate),
            generator: Trainee::new("generator", teacher.clone(), true, AdamConfig::with_beta1(0.0)),
            denoiser,
            teacher,
            draws,
            settings,
        })
    }

    /// G(z) = D(sigma_init z, sigma_init).
    fn generate(&self, leaves: &Leaves, latents: Tensor<4>, dropout: &mut Dropout) -> Tensor<4> {
        let sigma = self.settings.sid.sigma_init;
        let sigmas = vec![sigma; self.settings.batch];
        self.denoiser.denoise_with(leaves, latents * sigma, &sigmas, &Condition::default(), dropout)
    }
}

impl StageTrainer for SidTrainer {
    fn stage(&self) -> Stage {
        Stage::Sid
    }

    fn parameters(&self) -> usize {
        self.denoiser.layout().parameter_count()
    }

    fn batch(&self) -> usize {
        self.settings.batch
    }

    fn step(&mut self, at: At, _data: &Loader) -> Result<Losses> {
        let batch = self.settings.batch;
        let z = self.draws.normal_images(Stream::FakeLatent, at.step);
        let y = self.generate(&self.generator.weights.plain(), z, &mut Dropout::off());
        let fake_loss = self.fake.step(at, y)?;

        let leaves = self.generator.weights.tracked();
        let z = Tensor::from_inner(self.draws.normal_images(Stream::Latent, at.step));
        // Dropout only in the network that is being trained.
        let mut masks = self.draws.masks(Stream::Dropout, at.step);
        let mut dropout = Dropout::on(self.denoiser.config().dropout, &mut masks);
        let y = self.generate(&leaves, z, &mut dropout);
        let uniforms = self.draws.uniforms(Stream::Sigma, at.step);
        let sigmas: Vec<f64> = uniforms.into_iter().map(|u| sid_sigma(u, self.settings.sid.t_max)).collect();
        let noise = self.draws.normal_images(Stream::Noise, at.step) * self.draws.column(&sigmas);
        let noisy = y.clone() + Tensor::from_inner(noise);
        let y_real = self.denoiser.denoise(&self.teacher.frozen(), noisy.clone(), &sigmas);
        let y_fake = self.denoiser.denoise(&self.fake.frozen(), noisy, &sigmas);
        let loss = generator_loss(y, y_real, y_fake, self.settings.sid.alpha).mean();

        let update = Update {
            at,
            batch,
            learning_rate: self.settings.learning_rate,
            ema_halflife_kimg: self.settings.ema_halflife_kimg,
        };
        let scaled = loss.clone() * self.settings.sid.loss_scale;
        self.generator.descend(&leaves, &scaled, update)?;
        let per_pixel = read(loss.inner())?[0] / self.denoiser.image_len() as f32;
        Ok(vec![("sid", per_pixel), ("fake_score", fake_loss)])
    }

    fn generator(&self) -> Result<Generator> {
        let kind = GeneratorKind::Sid { sigma_init: self.settings.sid.sigma_init };
        let spec =
            GeneratorSpec { kind, precond: self.denoiser.precond, unet: self.denoiser.config().clone() };
        Generator::new(spec, self.generator.averaged().clone())
    }

    fn skipped(&self) -> u64 {
        self.fake.skipped() + self.generator.skipped()
    }

    fn save(&self) -> Result<State> {
        let mut state = State::default();
        put(&mut state.tensors, "teacher", &self.teacher)?;
        self.fake.save(&mut state.tensors, &mut state.counters)?;
        self.generator.save(&mut state.tensors, &mut state.counters)?;
        Ok(state)
    }

    fn restore(&mut self, state: &State) -> Result<()> {
        let device = self.teacher.device();
        self.teacher = take(&state.tensors, "teacher", self.denoiser.layout(), &device)?;
        self.fake.restore(&state.tensors, &state.counters)?;
        self.generator.restore(&state.tensors, &state.counters)
    }
}
