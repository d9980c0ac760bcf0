//! SiD: a one-step generator from a teacher, without images (Zhou et al., 2024).

use std::sync::Arc;

use burn::tensor::{Device, Tensor};

use super::accumulate::{PartLoss, Shown, accumulate};
use super::diagnosis::{Diagnosis, Judges};
use super::draws::{Draws, Recorded};
use super::fake_score::{FakeScore, Learned, Made};
use super::judge::Judge;
use super::labels::tracked;
use super::late::{Heard, Late, Unread};
use super::loss_scale::LossScale;
use super::named::{put, take};
use super::rate;
use super::trainee::{Trainee, Update};
use super::tuning::Tuning;
use super::{At, Averaging, Named, StagePrecision, StageTrainer, State, Told, Tunable};
use crate::data::Loader;
use crate::diffusion::{Denoiser, Generator, GeneratorKind, GeneratorSpec};
use crate::error::Result;
use crate::loss::sid::generator_loss;
use crate::loss::sign::distribution_matching;
use crate::model::{Condition, Dropout, Leaves, Weights};
use crate::random::Stream;
use crate::recipe::{Objective, Recipe, Stage, Student};

pub struct SidTrainer {
    settings: Student,
    tuning: Tuning,
    precision: StagePrecision,
    denoiser: Denoiser,
    teacher: Weights,
    judge: Judge,
    fake: FakeScore,
    generator: Trainee,
    draws: Draws,
    late: Late,
}

impl SidTrainer {
    /// Generator and fake score both start as the teacher's average.
    pub fn new(recipe: &Recipe, teacher: &GeneratorSpec, named: &Named, device: &Device) -> Result<Self> {
        let precision = StagePrecision::of(recipe, &teacher.unet, device);
        let denoiser = teacher.denoiser()?.with_images(precision.images());
        let teacher = Weights::from_named(denoiser.layout().clone(), named, device)?;
        let settings = recipe.student.clone();
        let draws = Draws::new(recipe.seed, &denoiser, device);
        // Distribution matching knows no alpha.
        let has_alpha = settings.sid.objective == Objective::Sid;
        let is_used = |name: &str| match name {
            "student.sid.alpha" => has_alpha,
            other => !other.starts_with("student.sign."),
        };
        Ok(Self {
            tuning: Tuning::new(recipe, "student.", is_used),
            fake: FakeScore::new(denoiser.clone(), &teacher, draws.clone(), recipe, 1.0)?,
            judge: Judge::new(denoiser.clone(), recipe),
            generator: Trainee::new("generator", teacher.clone(), true, 0.0, &recipe.optimiser)
                .scaled(LossScale::of(denoiser.images())),
            late: Late::of(device),
            precision,
            denoiser,
            teacher,
            draws,
            settings,
        })
    }
}

impl SidTrainer {
    /// Trains on draws that were made elsewhere.
    pub fn follow(&mut self, recorded: &Arc<Recorded>) {
        self.draws = self.draws.following(recorded);
        self.fake.follow(recorded);
    }

    fn told(&mut self, heard: Option<Heard>) -> Result<Option<Told>> {
        heard.map(|heard| heard.told(&mut self.generator, Some(&mut self.fake))).transpose()
    }
}

/// G(z) = D(sigma_init z, sigma_init) for unit-normal `z`.
fn generate(
    denoiser: &Denoiser,
    sigma_init: f64,
    leaves: &Leaves,
    z: Tensor<4>,
    condition: &Condition,
    dropout: &mut Dropout,
) -> Tensor<4> {
    let sigmas = vec![sigma_init; z.dims()[0]];
    denoiser.denoise_with(leaves, z * sigma_init, &sigmas, condition, dropout)
}

impl StageTrainer for SidTrainer {
    fn stage(&self) -> Stage {
        Stage::Sid
    }

    fn parameters(&self) -> usize {
        self.denoiser.layout().parameter_count()
    }

    fn precision(&self) -> &StagePrecision {
        &self.precision
    }

    fn batch(&self) -> usize {
        self.settings.batch
    }

    fn step(&mut self, at: At, data: &Loader) -> Result<Option<Told>> {
        let Self { settings, denoiser, teacher, judge, fake, generator, draws, late, .. } = self;
        let student = generator.weights.plain();
        let sigma_init = settings.sid.sigma_init;
        let Learned { loss: fake_loss, verdict: fake_verdict } = fake.step(at, |draws| {
            let condition = draws.classes(Stream::FakeClass, data.dataset());
            let z = draws.normal_images(Stream::FakeLatent);
            let images = generate(denoiser, sigma_init, &student, z, &condition, &mut Dropout::off());
            Made { images, condition }
        })?;

        drop(student);
        let leaves = generator.weights.tracked();
        let (teacher, fake) = (teacher.frozen(), fake.frozen());
        let scale = generator.loss_scale();
        let sum = accumulate(&leaves, settings.batch, settings.micro_batch, scale, |part| {
            let draws = draws.at(at.step, part);
            // Student, teacher and fake score are asked about the same classes.
            let condition = tracked(&draws.classes(Stream::Class, data.dataset()));
            // Dropout only in the network that is being trained.
            let mut dropout = Dropout::on(denoiser.config().dropout, draws.masks(Stream::Dropout));
            let z = Tensor::from_inner(draws.normal_images(Stream::Latent));
            let y = generate(denoiser, sigma_init, &leaves, z, &condition, &mut dropout);
            // SiD's gradient passes through the denoisers' inputs, distribution matching's does not.
            let seen = match settings.sid.objective {
                Objective::Sid => y.clone(),
                Objective::Dmd => y.clone().detach(),
            };
            let (real, fake) = judge.compare([&teacher, &fake], &draws, seen, &condition);
            let loss = match settings.sid.objective {
                Objective::Sid => generator_loss(y, real, fake, settings.sid.alpha).mean(),
                // Summed over pixels, as SiD's.
                Objective::Dmd => distribution_matching(y, real, fake) * denoiser.image_len() as f64,
            };
            Ok(PartLoss { terms: loss.clone().inner(), loss: loss * settings.sid.loss_scale })
        })?;
        drop(leaves);
        let update = Update {
            at,
            batch: settings.batch,
            learning_rate: rate::of_student(settings, at.images),
            ema_halflife_kimg: settings.ema_halflife_kimg,
        };
        let verdict = generator.descend(sum.gradients, update);
        let name = match settings.sid.objective {
            Objective::Sid => "sid",
            Objective::Dmd => "dmd",
        };
        let divisor = denoiser.image_len() as f32;
        let losses = vec![Shown { names: vec![name], numbers: sum.terms, divisor }, fake_loss];
        let heard = late.queue(Unread { at, losses, verdict, fake_verdict: Some(fake_verdict) })?;
        self.told(heard)
    }

    fn settle(&mut self) -> Result<Option<Told>> {
        let heard = self.late.settle()?;
        self.told(heard)
    }

    #[cfg(test)]
    fn be_late(&mut self, is_late: bool) {
        self.late = Late::new(is_late);
    }

    #[cfg(test)]
    fn scale_losses(&mut self) {
        self.fake.scale_loss();
        self.generator = self.generator.clone().scaled(LossScale::of(burn::tensor::FloatDType::F16));
    }

    fn generator_of(&self, averaging: Averaging) -> Result<Generator> {
        let kind = GeneratorKind::Sid { sigma_init: self.settings.sid.sigma_init };
        Generator::new(GeneratorSpec::of(kind, &self.denoiser), self.generator.chosen(averaging).clone())
    }

    fn teacher(&self, sample_steps: usize) -> Result<Option<Generator>> {
        let kind = GeneratorKind::Teacher { sample_steps };
        Generator::new(GeneratorSpec::of(kind, &self.denoiser), self.teacher.clone()).map(Some)
    }

    fn diagnose(&self) -> Result<Option<Diagnosis>> {
        let (teacher, fake) = (self.teacher.plain(), self.fake.plain());
        let (judge, denoiser) = (&self.judge, &self.denoiser);
        let judges = Judges { judge, denoiser, teacher: &teacher, fake: &fake };
        judges.diagnose(&self.generator()?, &self.teacher.device()).map(Some)
    }

    fn bad_steps(&self) -> u64 {
        self.fake.bad_steps() + self.generator.bad_steps()
    }

    fn tunables(&self) -> Vec<Tunable> {
        self.tuning.tunables()
    }

    fn tune(&mut self, name: &str, value: f64) -> Result<()> {
        let recipe = self.tuning.tried(name, value)?;
        self.settings = recipe.student.clone();
        self.fake.learning_rate = recipe.student.fake_learning_rate;
        self.tuning.adopt(recipe);
        Ok(())
    }

    fn save(&self) -> Result<State> {
        debug_assert!(self.late.is_settled(), "a step is not told yet");
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
