//! SIGN: an idempotent one-step generator f with f(x) = x on data (arXiv 2509.21470). The paper's
//! details are not public: this is a reconstruction with the terms rec, idem, flow, dmd
//! and, for the fake score, denoise.

use burn::tensor::{Device, Tensor, TensorData};

use super::accumulate::{Part, PartLoss, accumulate};
use super::draws::{Draws, StepDraws};
use super::fake_score::FakeScore;
use super::labels::{joined, tracked};
use super::named::{put, take};
use super::rate::falling;
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
use crate::model::{Condition, Dropout, Leaves, Weights};
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
        let draws = Draws::new(recipe.seed, &denoiser, device);
        Ok(Self {
            trajectory: Trajectory::new(denoiser.clone(), settings.sign.flow_steps),
            fake: FakeScore::new(denoiser, &teacher, draws.clone(), recipe),
            student: Trainee::new("student", weights, true, 0.9, &recipe.optimiser),
            seed: recipe.seed,
            plan,
            teacher,
            draws,
            settings,
        })
    }

    /// The terms of the loss over some samples of a batch, and their weighted sum.
    fn part_loss(&self, at: At, part: Part, nets: &Nets, data: &Loader) -> PartLoss {
        let draws = &self.draws.at(at.step, part);
        let images = data.batch(at.images + part.first as u64, part.count);
        let clean = self.draws.images(images.images);
        // Classes of what the student makes of noise, and of the images.
        let (drawn, own) = (draws.classes(Stream::Class), self.draws.labelled(images.labels.as_deref()));

        let pair = self.trajectory.neighbours(&nets.teacher, draws, clean.clone(), &own);
        let (upper, target) = self.flow_pair(&pair, &nets.student, &own);
        // Noise, data and the trajectory's upper states go through f in one pass.
        let inputs = Tensor::cat(vec![source(draws, Stream::Latent), clean.clone(), upper], 0);
        let condition = tracked(&joined(&[&drawn, &own, &own]));
        let inputs = Tensor::from_inner(inputs);
        let (outputs, readings) = self.plan.project_and_read(&nets.tracked, inputs, &condition);
        let third = |i: usize| outputs.clone().narrow(0, i * part.count, part.count);
        let (y, on_data, on_flow) = (third(0), third(1), third(2));

        let rec = pseudo_huber(on_data, Tensor::from_inner(clean)).mean();
        let flow = pseudo_huber(on_flow, Tensor::from_inner(target)).mean();
        // IGN's routing (L2): the outer f is a frozen copy, gradients arrive through y alone.
        let again = self.plan.project(&nets.frozen, y.clone(), &tracked(&drawn));
        let idem = pseudo_huber(again, y.clone()).mean();
        let dmd = self.matching(draws, nets, y, &drawn);
        let head = head_error(readings, &pair.upper_sigma);
        let sign = &self.settings.sign;
        let loss = rec.clone() * sign.rec
            + idem.clone() * self.idem_weight(at)
            + flow.clone() * sign.flow
            + dmd.clone() * sign.dmd
            + head.clone() * sign.head;
        let terms = [rec, idem, flow, dmd, head].map(Tensor::inner);
        PartLoss { loss, terms: Tensor::cat(terms.to_vec(), 0) }
    }

    /// The flow term's pair (L3): the student's input at the upper state of a trajectory, and its
    /// target from the lower one, without gradient.
    fn flow_pair(&self, pair: &Neighbours, student: &Leaves, own: &Condition) -> (Tensor<4>, Tensor<4>) {
        let lower = self.coordinates(pair.lower_x.clone(), &pair.lower_sigma);
        let target = self.plan.project(student, lower, own);
        // Where the lower level is 0 the trajectory's end itself is the target: the chain's anchor.
        let ends: Vec<f64> = pair.lower_sigma.iter().map(|s| if *s == 0.0 { 1.0 } else { 0.0 }).collect();
        let ends = self.draws.column(&ends);
        let target = target.clone() + (pair.lower_x.clone() - target) * ends;
        (self.coordinates(pair.upper_x.clone(), &pair.upper_sigma), target)
    }

    /// `u = x / sqrt(1 + sigma²)`.
    fn coordinates(&self, x: Tensor<4>, sigmas: &[f64]) -> Tensor<4> {
        let scale: Vec<f64> = sigmas.iter().map(|s| 1.0 / (1.0 + s * s).sqrt()).collect();
        x * self.draws.column(&scale)
    }

    /// The distribution-matching term of images `y` (L4): no gradient but to `y`.
    fn matching(&self, draws: &StepDraws<'_>, nets: &Nets, y: Tensor<4>, drawn: &Condition) -> Tensor<1> {
        let uniforms = draws.uniforms(Stream::Sigma);
        let sigmas: Vec<f64> = uniforms.into_iter().map(|u| sid_sigma(u, self.settings.sid.t_max)).collect();
        let noise = draws.normal_images(Stream::Noise) * draws.column(&sigmas);
        let noisy = y.clone().inner() + noise;
        let denoise = |w: &Leaves| {
            let denoiser = &self.plan.denoiser;
            let images = denoiser.denoise_with(w, noisy.clone(), &sigmas, drawn, &mut Dropout::off());
            Tensor::from_inner(images)
        };
        distribution_matching(y, denoise(&nets.teacher), denoise(&nets.fake))
    }

    /// Weight of the idempotence term: ramped up over the first share of the stage.
    fn idem_weight(&self, at: At) -> f64 {
        let sign = &self.settings.sign;
        let ramp = at.images as f64 / (sign.idem_ramp * self.settings.kimg * 1000.0).max(1.0);
        sign.idem * ramp.min(1.0)
    }

    fn learning_rate(&self, at: At) -> f64 {
        falling(self.settings.learning_rate, at.images, self.settings.kimg, LAST_LEARNING_RATE)
    }
}

/// The networks of one step, as the terms need them.
struct Nets {
    /// Without gradients.
    teacher: Leaves,
    fake: Leaves,
    student: Leaves,
    /// The student, passed through but not trained.
    frozen: Leaves,
    /// The student, trained.
    tracked: Leaves,
}

/// Source noise in variance-preserving coordinates.
fn source(draws: &StepDraws<'_>, stream: Stream) -> Tensor<4> {
    draws.normal_images(stream) * (SIGMA_MAX / (1.0 + SIGMA_MAX * SIGMA_MAX).sqrt())
}

/// How far the head's readings are from the noise levels that were put in: mean squared error of
/// ln sigma over noise, data and the trajectories' upper states, as many of each.
fn head_error(readings: Tensor<1>, upper_sigma: &[f64]) -> Tensor<1> {
    let [low, high] = HEAD_SIGMA;
    let count = upper_sigma.len();
    let levels = vec![high; count].into_iter().chain(vec![low; count]).chain(upper_sigma.iter().copied());
    let known: Vec<f32> = levels.map(|s| s.clamp(low, high).ln() as f32).collect();
    let len = known.len();
    let known = Tensor::from_data(TensorData::new(known, [len]), &readings.device());
    let error = readings - known;
    (error.clone() * error).mean()
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
        let (batch, micro_batch) = (self.settings.batch, self.settings.micro_batch);
        let (plan, student) = (&self.plan, self.student.weights.plain());
        let fake_loss = self.fake.step(at, |draws, condition| {
            plan.project(&student, source(draws, Stream::FakeLatent), condition)
        })?;

        let nets = Nets {
            teacher: self.teacher.plain(),
            fake: self.fake.plain(),
            student,
            frozen: self.student.weights.frozen(),
            tracked: self.student.weights.tracked(),
        };
        let sum =
            accumulate(&nets.tracked, batch, micro_batch, |part| self.part_loss(at, part, &nets, data))?;
        let update = Update {
            at,
            batch,
            learning_rate: self.learning_rate(at),
            ema_halflife_kimg: self.settings.ema_halflife_kimg,
        };
        self.student.descend(sum.gradients, update)?;
        let names = ["rec", "idem", "flow", "dmd", "head"];
        Ok(names.into_iter().zip(sum.terms).chain([("fake_score", fake_loss)]).collect())
    }

    fn generator(&self) -> Result<Generator> {
        let spec = GeneratorSpec {
            kind: GeneratorKind::Sign,
            precond: self.plan.denoiser.precond,
            unet: self.plan.denoiser.config().clone(),
        };
        Generator::new(spec, self.student.averaged().clone())
    }

    fn bad_steps(&self) -> u64 {
        self.fake.bad_steps() + self.student.bad_steps()
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
