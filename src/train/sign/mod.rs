//! SIGN: an idempotent one-step generator f with f(x) = x on data (arXiv 2509.21470). The paper's
//! details are not public: this is a reconstruction with the terms rec, idem, flow, dmd, reg
//! and, for the fake score, denoise; and with SiD's loss in dmd's place if the recipe wants it.

mod head;
mod pairs;
mod pass;
mod source;
mod terms;
mod trajectory;
mod tune;

use burn::tensor::Device;
use pairs::Pairs;
use source::{FAKE, source};
use terms::Nets;
use trajectory::Trajectory;

pub use head::BATCH as HEAD_BATCH;

use super::accumulate::{Shown, accumulate};
use super::diagnosis::{Diagnosis, Judges};
use super::draws::Draws;
use super::fake_score::{FakeScore, Learned, Made};
use super::judge::Judge;
use super::late::{Heard, Late, Unread};
use super::loss_scale::LossScale;
use super::named::{put, take};
use super::rate;
use super::trainee::{Trainee, Update};
use super::tuning::Tuning;
use super::{At, Averaging, Named, StagePrecision, StageTrainer, State, Told, Tunable};
use crate::data::Loader;
use crate::diffusion::{BlindDenoiser, Generator, GeneratorKind, GeneratorSpec};
use crate::error::Result;
use crate::interrupt::Progress;
use crate::model::Weights;
use crate::recipe::{Recipe, Sign, Stage, Student};

pub struct SignTrainer {
    settings: Student,
    tuning: Tuning,
    precision: StagePrecision,
    /// The teacher, as pairs need it.
    spec: GeneratorSpec,
    plan: BlindDenoiser,
    teacher: Weights,
    judge: Judge,
    fake: FakeScore,
    student: Trainee,
    draws: Draws,
    trajectory: Trajectory,
    /// None while nothing is regressed.
    pairs: Option<Pairs>,
    late: Late,
}

/// Whether the recipe's student can begin as a teacher of `spec`.
///
/// # Errors
/// `Kind::Usage` for a head that does not fit, or pairs that cannot be made.
pub(super) fn check(recipe: &Recipe, spec: &GeneratorSpec) -> Result<()> {
    let sign = &recipe.student.sign;
    BlindDenoiser::new(spec.denoiser()?, sign.head, sign.head_sigma_max)?;
    if sign.reg > 0.0 { pairs::check(recipe, spec) } else { Ok(()) }
}

impl SignTrainer {
    /// Student and fake score start as the teacher's average; the student's head is fresh.
    pub fn new(recipe: &Recipe, spec: &GeneratorSpec, named: &Named, device: &Device) -> Result<Self> {
        let precision = StagePrecision::of(recipe, &spec.unet, device);
        let denoiser = spec.denoiser()?.with_images(precision.images());
        let teacher = Weights::from_named(denoiser.layout().clone(), named, device)?;
        let settings = recipe.student.clone();
        let plan = BlindDenoiser::new(denoiser.clone(), settings.sign.head, settings.sign.head_sigma_max)?;
        let weights = Weights::init(plan.layout().clone(), recipe.seed, device).overlaid(named)?;
        let pairs = if settings.sign.reg > 0.0 { Some(Pairs::new(recipe, spec, &teacher)?) } else { None };
        let draws = Draws::new(recipe.seed, &denoiser, device);
        Ok(Self {
            judge: Judge::new(denoiser.clone(), recipe),
            trajectory: Trajectory::new(settings.sign.flow_steps, settings.sign.flow_sigma_max),
            fake: FakeScore::new(denoiser, &teacher, draws.clone(), recipe, settings.sign.denoise)?,
            student: Trainee::new("student", weights, true, 0.9, &recipe.optimiser)
                .scaled(LossScale::of(precision.images())),
            precision,
            late: Late::of(device),
            tuning: tune::tuning(recipe),
            spec: spec.clone(),
            plan,
            teacher,
            draws,
            pairs,
            settings,
        })
    }

    /// Weight of the idempotence term.
    fn idem_weight(&self, at: At) -> f64 {
        rate::of_idempotence(&self.settings, at.images)
    }

    /// Teaches the fake score what the student makes now, where anybody asks it.
    fn fake_step(&mut self, at: At, data: &Loader) -> Result<Option<Learned>> {
        let Self { settings, plan, draws: all, student, fake, .. } = self;
        if settings.sign.denoise == 0.0 || !settings.sign.matches() {
            return Ok(None);
        }
        let student = student.weights.plain();
        let learned = fake.step(at, |draws| {
            let input = source(all, draws, &FAKE, settings.sign.noisy_share, at, data);
            let images = plan.project(&student, input.u, &input.condition);
            Made { images, condition: input.condition }
        })?;
        Ok(Some(learned))
    }

    fn told(&mut self, heard: Option<Heard>) -> Result<Option<Told>> {
        heard.map(|heard| heard.told(&mut self.student, Some(&mut self.fake))).transpose()
    }
}

impl StageTrainer for SignTrainer {
    fn stage(&self) -> Stage {
        Stage::Sign
    }

    fn parameters(&self) -> usize {
        self.plan.layout().parameter_count()
    }

    fn precision(&self) -> &StagePrecision {
        &self.precision
    }

    fn batch(&self) -> usize {
        self.settings.batch
    }

    /// Teaches the head to read noise levels, everything else held fixed.
    fn prepare(&mut self, data: &Loader, progress: Progress<'_>) -> Result<()> {
        let steps = self.settings.sign.head_steps;
        head::pretrain(&self.plan, &mut self.student, data, &self.draws, steps, progress)
    }

    fn step(&mut self, at: At, data: &Loader) -> Result<Option<Told>> {
        let Student { batch, micro_batch, ema_halflife_kimg, .. } = self.settings;
        let learned = self.fake_step(at, data)?;
        let pair = self.pairs.as_mut().map(|pairs| pairs.at(at.step, data.dataset())).transpose()?;
        let nets = Nets {
            teacher: self.teacher.plain(),
            student: self.student.weights.plain(),
            frozen_teacher: self.teacher.frozen(),
            frozen_fake: self.fake.frozen(),
            frozen_student: self.student.weights.frozen(),
            tracked: self.student.weights.tracked(),
        };
        let mut names = Vec::new();
        let scale = self.student.loss_scale();
        let sum = accumulate(&nets.tracked, batch, micro_batch, scale, |part| {
            let (terms, loss) = self.part_loss(at, part, &nets, data, pair.as_ref())?;
            names = terms;
            Ok(loss)
        })?;
        drop(nets);
        let update = Update {
            at,
            batch,
            learning_rate: rate::of_student(&self.settings, at.images),
            ema_halflife_kimg,
        };
        let verdict = self.student.descend(sum.gradients, update);
        let own = Shown { names, numbers: sum.terms, divisor: 1.0 };
        let (fake_loss, fake_verdict) = learned.map(|learned| (learned.loss, learned.verdict)).unzip();
        let losses = [own].into_iter().chain(fake_loss).collect();
        let heard = self.late.queue(Unread { at, losses, verdict, fake_verdict })?;
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
        self.student = self.student.clone().scaled(LossScale::of(burn::tensor::FloatDType::F16));
    }

    fn generator_of(&self, averaging: Averaging) -> Result<Generator> {
        let Sign { head, head_sigma_max, .. } = self.settings.sign;
        let kind = GeneratorKind::Sign { head, head_sigma_max };
        Generator::new(GeneratorSpec::of(kind, &self.plan.denoiser), self.student.chosen(averaging).clone())
    }

    fn teacher(&self, sample_steps: usize) -> Result<Option<Generator>> {
        let kind = GeneratorKind::Teacher { sample_steps };
        Generator::new(GeneratorSpec::of(kind, &self.plan.denoiser), self.teacher.clone()).map(Some)
    }

    fn diagnose(&self) -> Result<Option<Diagnosis>> {
        let (teacher, fake) = (self.teacher.plain(), self.fake.plain());
        let (judge, denoiser) = (&self.judge, &self.plan.denoiser);
        let judges = Judges { judge, denoiser, teacher: &teacher, fake: &fake };
        judges.diagnose(&self.generator()?, &self.teacher.device()).map(Some)
    }

    fn bad_steps(&self) -> u64 {
        self.fake.bad_steps() + self.student.bad_steps()
    }

    fn tunables(&self) -> Vec<Tunable> {
        self.tuning.tunables()
    }

    fn tune(&mut self, name: &str, value: f64) -> Result<()> {
        self.tuned(name, value)
    }

    fn save(&self) -> Result<State> {
        debug_assert!(self.late.is_settled(), "a step is not told yet");
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

#[cfg(test)]
mod tests;
