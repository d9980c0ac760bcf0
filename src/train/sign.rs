//! SIGN: an idempotent one-step generator f with f(x) = x on data (arXiv 2509.21470). The paper's
//! details are not public: this is a reconstruction with the terms rec, idem, flow, dmd
//! and, for the fake score, denoise.

use burn::tensor::{Device, Tensor, TensorData};

use super::adam::AdamConfig;
use super::draws::Draws;
use super::fake_score::FakeScore;
use super::named::{put, take};
use super::sigma_head;
use super::trainee::{Trainee, Update};
use super::trajectory::{Neighbours, Trajectory};
use super::{At, Losses, Named, StageTrainer, State};
use crate::data::Loader;
use crate::diffusion::{
    BlindDenoiser, Generator, GeneratorKind, GeneratorSpec, HEAD_SIGMA, SIGMA_MAX, sid_sigma,
};
use crate::error::Result;
use crate::loss::sign::{distribution_matching, pseudo_huber};
use crate::model::{Condition, Weights, read};
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
    trajectory: Trajectory,
}

impl SignTrainer {
    /// Student and fake score start as the teacher's average; the student's head is fresh.
    pub fn new(recipe: &Recipe, teacher: &GeneratorSpec, named: &Named, device: &Device) -> Result<Self> {
        let denoiser = teacher.denoiser()?;
        let teacher = Weights::from_named(denoiser.layout().clone(), named, device)?;
        let plan = BlindDenoiser::new(denoiser.clone())?;
        let weights = Weights::init(plan.layout().clone(), recipe.seed, device).overlaid(named)?;
        let settings = recipe.student.clone();
        let draws = Draws::new(recipe.seed, denoiser.shape(settings.batch), device);
        Ok(Self {
            trajectory: Trajectory::new(denoiser.clone(), draws.clone(), settings.sign.flow_steps),
            fake: FakeScore::new(denoiser, &teacher, draws.clone(), settings.fake_learning_rate),
            student: Trainee::new("student", weights, true, AdamConfig::with_beta1(0.9)),
            seed: recipe.seed,
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

    /// The flow term's pair (L3): the student's input at the upper state of a trajectory, and its
    /// target from the lower one, without gradient.
    fn flow_pair(&self, pair: &Neighbours) -> (Tensor<4>, Tensor<4>) {
        let lower = self.coordinates(pair.lower_x.clone(), &pair.lower_sigma);
        let target = self.plan.project(&self.student.weights.plain(), lower, &Condition::default());
        // Where the lower level is 0 the trajectory's end itself is the target: the chain's anchor.
        let ends: Vec<f64> = pair.lower_sigma.iter().map(|s| if *s == 0.0 { 1.0 } else { 0.0 }).collect();
        let ends = self.draws.column(&ends);
        let target = target.clone() + (pair.lower_x.clone() - target) * ends;
        (self.coordinates(pair.upper_x.clone(), &pair.upper_sigma), target)
    }

    /// How far the head's readings are from the noise levels that were put in: mean squared error of
    /// ln sigma over noise, data and the trajectories' upper states.
    fn head_error(&self, readings: Tensor<1>, upper_sigma: &[f64]) -> Tensor<1> {
        let [low, high] = HEAD_SIGMA;
        let batch = self.settings.batch;
        let levels = vec![high; batch].into_iter().chain(vec![low; batch]).chain(upper_sigma.iter().copied());
        let known: Vec<f32> = levels.map(|s| s.clamp(low, high).ln() as f32).collect();
        let len = known.len();
        let known = Tensor::from_data(TensorData::new(known, [len]), &readings.device());
        let error = readings - known;
        (error.clone() * error).mean()
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
        let source = self.source(Stream::FakeLatent, at.step);
        let y = self.plan.project(&self.student.weights.plain(), source, &Condition::default());
        let fake_loss = self.fake.step(at, y)?;

        let clean = self.draws.images(data.batch(at.images, batch).images);
        let pair = self.trajectory.neighbours(&self.teacher.plain(), at.step, clean.clone());
        let (upper, target) = self.flow_pair(&pair);
        let leaves = self.student.weights.tracked();
        // Noise, data and the trajectory's upper states go through f in one pass.
        let inputs = Tensor::cat(vec![self.source(Stream::Latent, at.step), clean.clone(), upper], 0);
        let (outputs, readings) =
            self.plan.project_and_read(&leaves, Tensor::from_inner(inputs), &Condition::default());
        let part = |i: usize| outputs.clone().narrow(0, i * batch, batch);
        let (y, on_data, on_flow) = (part(0), part(1), part(2));

        let rec = pseudo_huber(on_data, Tensor::from_inner(clean.clone())).mean();
        let flow = pseudo_huber(on_flow, Tensor::from_inner(target)).mean();
        // IGN's routing (L2): the outer f is a frozen copy, gradients arrive through y alone.
        let again = self.plan.project(&self.student.weights.frozen(), y.clone(), &Condition::default());
        let idem = pseudo_huber(again, y.clone()).mean();
        let dmd = self.matching(at.step, y);
        let head = self.head_error(readings, &pair.upper_sigma);
        let loss = rec.clone() * sign.rec
            + idem.clone() * self.idem_weight(at)
            + flow.clone() * sign.flow
            + dmd.clone() * sign.dmd
            + head.clone() * sign.head;

        let update = Update {
            at,
            batch,
            learning_rate: self.learning_rate(at),
            ema_halflife_kimg: self.settings.ema_halflife_kimg,
        };
        self.student.descend(&leaves, &loss, update)?;
        let terms = [rec, idem, flow, dmd, head].map(Tensor::inner);
        let values = read(Tensor::cat(terms.to_vec(), 0))?;
        let names = ["rec", "idem", "flow", "dmd", "head"];
        Ok(names.into_iter().zip(values).chain([("fake_score", fake_loss)]).collect())
    }

    fn generator(&self) -> Result<Generator> {
        let spec = GeneratorSpec {
            kind: GeneratorKind::Sign,
            precond: self.plan.denoiser.precond,
            unet: self.plan.denoiser.config().clone(),
        };
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
