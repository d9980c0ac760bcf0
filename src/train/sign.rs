//! SIGN: an idempotent one-step generator f with f(x) = x on data (arXiv 2509.21470). The paper's
//! details are not public: this is a reconstruction with the terms rec, idem, flow, dmd
//! and, for the fake score, denoise.

use burn::tensor::{Device, Tensor};

use super::adam::AdamConfig;
use super::draws::Draws;
use super::fake_score::FakeScore;
use super::named::{put, take};
use super::sigma_head;
use super::trainee::{Trainee, Update};
use super::{At, Losses, Named, StageTrainer, State};
use crate::data::Loader;
use crate::diffusion::{
    BlindDenoiser, Denoiser, Generator, GeneratorKind, GeneratorSpec, SIGMA_MAX, karras_sigmas, sid_sigma,
};
use crate::error::Result;
use crate::loss::sign::{distribution_matching, pseudo_huber};
use crate::model::{Weights, read};
use crate::random::Stream;
use crate::recipe::{Recipe, Stage, Student};

/// The learning rate falls linearly to this share over the stage.
const LAST_LEARNING_RATE: f64 = 0.05;

pub struct SignTrainer {
    settings: Student,
    seed: u32,
    plan: BlindDenoiser,
    teacher: Weights,
    fake: FakeScore,
    student: Trainee,
    draws: Draws,
    /// Noise levels of the consistency grid, rising from 0.
    grid: Vec<f64>,
}

impl SignTrainer {
    /// Student and fake score start as the teacher's average; the student's head is fresh.
    pub fn new(recipe: &Recipe, teacher: &GeneratorSpec, named: &Named, device: &Device) -> Result<Self> {
        let denoiser = Denoiser::new(teacher.unet.clone())?;
        let teacher = Weights::from_named(denoiser.layout().clone(), named, device)?;
        let plan = BlindDenoiser::new(denoiser.clone());
        let weights = Weights::init(plan.layout().clone(), recipe.seed, device).overlaid(named)?;
        let settings = recipe.student.clone();
        let draws = Draws::new(recipe.seed, denoiser.shape(settings.batch), device);
        let mut grid = karras_sigmas(settings.sign.flow_steps);
        grid.reverse();
        Ok(Self {
            fake: FakeScore::new(denoiser, &teacher, draws.clone(), settings.fake_learning_rate),
            student: Trainee::new("student", weights, true, AdamConfig::with_beta1(0.9)),
            seed: recipe.seed,
            grid,
            plan,
            teacher,
            draws,
            settings,
        })
    }

    /// Source noise in variance-preserving coordinates.
    fn source(&self, stream: Stream, step: u64) -> Tensor<4> {
        self.draws.normal_images(stream, step) * (SIGMA_MAX / (1.0 + SIGMA_MAX * SIGMA_MAX).sqrt())
    }

    /// Two neighbouring states of the teacher's ODE for the flow term: the student's input at the
    /// upper level, and its target from the lower one, without gradient.
    fn flow_pair(&self, step: u64, clean: Tensor<4>) -> (Tensor<4>, Tensor<4>) {
        let levels = self.settings.sign.flow_steps as f64;
        let uniforms = self.draws.uniforms(Stream::Flow, step);
        let lower: Vec<usize> = uniforms.into_iter().map(|u| (u * levels) as usize).collect();
        let sigma: Vec<f64> = lower.iter().map(|n| self.grid[n + 1]).collect();
        let next: Vec<f64> = lower.iter().map(|n| self.grid[*n]).collect();
        let noise = self.draws.normal_images(Stream::FlowNoise, step);
        let x = clean + noise * self.draws.column(&sigma);

        let estimate = self.teacher_step(x.clone(), &sigma, &next);
        let target =
            self.plan.project(&self.student.weights.plain(), self.coordinates(estimate.clone(), &next));
        // Where the lower level is 0 the trajectory's end itself is the target: the chain's anchor.
        let ends: Vec<f64> = lower.iter().map(|n| if *n == 0 { 1.0 } else { 0.0 }).collect();
        let ends = self.draws.column(&ends);
        let target = target.clone() + (estimate - target) * ends;
        (self.coordinates(x, &sigma), target)
    }

    /// One Heun step of the teacher from `sigma` down to `next`, each sample at its own levels.
    fn teacher_step(&self, x: Tensor<4>, sigma: &[f64], next: &[f64]) -> Tensor<4> {
        let leaves = self.teacher.plain();
        let denoise = |x: Tensor<4>, at: &[f64]| self.plan.denoiser.denoise(&leaves, x, at);
        let inverse: Vec<f64> = sigma.iter().map(|s| 1.0 / s).collect();
        let step: Vec<f64> = next.iter().zip(sigma).map(|(n, s)| n - s).collect();
        let step = self.draws.column(&step);
        let slope = (x.clone() - denoise(x.clone(), sigma)) * self.draws.column(&inverse);
        let euler = x.clone() + slope.clone() * step.clone();
        // At level 0 there is no slope: the correction is switched off there, and the denoiser is
        // asked about the smallest level instead of a division by zero.
        let safe: Vec<f64> = next.iter().map(|n| n.max(self.grid[1])).collect();
        let correct: Vec<f64> = next.iter().map(|n| if *n > 0.0 { 0.5 } else { 0.0 }).collect();
        let inverse: Vec<f64> = safe.iter().map(|s| 1.0 / s).collect();
        let second = (euler.clone() - denoise(euler, &safe)) * self.draws.column(&inverse);
        x + (slope.clone() + (second - slope) * self.draws.column(&correct)) * step
    }

    /// `u = x / sqrt(1 + sigma²)`.
    fn coordinates(&self, x: Tensor<4>, sigmas: &[f64]) -> Tensor<4> {
        let scale: Vec<f64> = sigmas.iter().map(|s| 1.0 / (1.0 + s * s).sqrt()).collect();
        x * self.draws.column(&scale)
    }

    /// The distribution-matching term of images `y` (L4): no gradient but to `y`.
    fn matching(&self, step: u64, y: Tensor<4>) -> Tensor<1> {
        let uniforms = self.draws.uniforms(Stream::Sigma, step);
        let sigmas: Vec<f64> = uniforms.into_iter().map(|u| sid_sigma(u, self.settings.sid.t_max)).collect();
        let noise = self.draws.normal_images(Stream::Noise, step) * self.draws.column(&sigmas);
        let noisy = y.clone().inner() + noise;
        let y_real = self.plan.denoiser.denoise(&self.teacher.plain(), noisy.clone(), &sigmas);
        let y_fake = self.plan.denoiser.denoise(&self.fake.plain(), noisy, &sigmas);
        distribution_matching(y, Tensor::from_inner(y_real), Tensor::from_inner(y_fake))
    }

    /// Weight of the idempotence term: ramped up over the first share of the stage.
    fn idem_weight(&self, at: At) -> f64 {
        let sign = &self.settings.sign;
        let ramp = at.images as f64 / (sign.idem_ramp * self.settings.kimg * 1000.0).max(1.0);
        sign.idem * ramp.min(1.0)
    }

    fn learning_rate(&self, at: At) -> f64 {
        let done = (at.images as f64 / (self.settings.kimg * 1000.0).max(1.0)).min(1.0);
        self.settings.learning_rate * (1.0 - done * (1.0 - LAST_LEARNING_RATE))
    }
}

impl StageTrainer for SignTrainer {
    fn stage(&self) -> Stage {
        Stage::Sign
    }

    fn parameters(&self) -> usize {
        self.plan.layout().parameter_count()
    }

    fn batch(&self) -> usize {
        self.settings.batch
    }

    /// Teaches the head to read noise levels, everything else held fixed.
    fn prepare(&mut self, data: &Loader, progress: &mut dyn FnMut(u64, u64)) -> Result<()> {
        let steps = self.settings.sign.head_steps;
        sigma_head::pretrain(&self.plan, &mut self.student, data, self.seed, steps, progress)
    }

    fn step(&mut self, at: At, data: &Loader) -> Result<Losses> {
        let batch = self.settings.batch;
        let sign = self.settings.sign.clone();
        let y = self.plan.project(&self.student.weights.plain(), self.source(Stream::FakeLatent, at.step));
        let fake_loss = self.fake.step(at, y)?;

        let clean = self.draws.images(data.batch(at.images, batch).images);
        let (upper, target) = self.flow_pair(at.step, clean.clone());
        let leaves = self.student.weights.tracked();
        // Noise, data and the trajectory's upper states go through f in one pass.
        let inputs = Tensor::cat(vec![self.source(Stream::Latent, at.step), clean.clone(), upper], 0);
        let outputs = self.plan.project(&leaves, Tensor::from_inner(inputs));
        let part = |i: usize| outputs.clone().narrow(0, i * batch, batch);
        let (y, on_data, on_flow) = (part(0), part(1), part(2));

        let rec = pseudo_huber(on_data, Tensor::from_inner(clean.clone())).mean();
        let flow = pseudo_huber(on_flow, Tensor::from_inner(target)).mean();
        // IGN's routing (L2): the outer f is a frozen copy, gradients arrive through y alone.
        let again = self.plan.project(&self.student.weights.frozen(), y.clone());
        let idem = pseudo_huber(again, y.clone()).mean();
        let dmd = self.matching(at.step, y);
        let loss = rec.clone() * sign.rec
            + idem.clone() * self.idem_weight(at)
            + flow.clone() * sign.flow
            + dmd.clone() * sign.dmd;

        let update = Update {
            at,
            batch,
            learning_rate: self.learning_rate(at),
            ema_halflife_kimg: self.settings.ema_halflife_kimg,
        };
        self.student.descend(&leaves, &loss, update)?;
        let values = read(Tensor::cat(vec![rec.inner(), idem.inner(), flow.inner(), dmd.inner()], 0))?;
        Ok(vec![
            ("rec", values[0]),
            ("idem", values[1]),
            ("flow", values[2]),
            ("dmd", values[3]),
            ("fake_score", fake_loss),
        ])
    }

    fn generator(&self) -> Result<Generator> {
        let spec = GeneratorSpec { kind: GeneratorKind::Sign, unet: self.plan.denoiser.config().clone() };
        Generator::new(spec, self.student.averaged().clone())
    }

    fn skipped(&self) -> u64 {
        self.fake.skipped() + self.student.skipped()
    }

    fn save(&self) -> Result<State> {
        let mut state = State::default();
        put(&mut state.tensors, "teacher", &self.teacher)?;
        self.fake.save(&mut state.tensors, &mut state.counters)?;
        self.student.save(&mut state.tensors, &mut state.counters)?;
        Ok(state)
    }

    fn restore(&mut self, state: &State) -> Result<()> {
        let device = self.teacher.device();
        self.teacher = take(&state.tensors, "teacher", self.plan.denoiser.layout(), &device)?;
        self.fake.restore(&state.tensors, &state.counters)?;
        self.student.restore(&state.tensors, &state.counters)
    }
}
