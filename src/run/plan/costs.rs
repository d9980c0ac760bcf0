//! What the work of a run costs, and what of it is still to come.

use super::cost::Cost;
use super::left::Left;
use super::span::Span;
use crate::recipe::{Recipe, Stage, stage_images};
use crate::train::HEAD_BATCH;

/// What a run does again and again, and once a stage.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// Everything before a stage's first step.
    Prepare,
    Step,
    Grid,
    Metrics,
    Checkpoint,
}

const KINDS: usize = 5;

/// Passes of one image forward through a network that a step costs: gradients cost as much as two. Measured for
/// whole steps with their optimiser: an image of SiD's takes three times as long as a teacher's, one of SIGN's (with
/// the terms of the ready recipes) eight times. What is reckoned by these is called an estimate.
const PASSES: [(Stage, f64); 3] = [(Stage::Teacher, 3.0), (Stage::Sid, 9.0), (Stage::Sign, 24.0)];
/// The same for an image of a step that teaches SIGN's head before its stage begins. Measured with the recipe demo
/// on a CPU: 24 ms a step, where one of the teacher's, of half as many images, took 363 ms.
const HEAD_PASSES: f64 = 0.1;
/// Applications of f to each sample behind SIGN's metrics, beside the one that makes it.
const SIGN_APPLICATIONS: f64 = 4.0;
/// A student's checkpoint has its teacher and a fake score in it too.
const STUDENT_CHECKPOINT: f64 = 2.0;

/// What everything has cost in this session.
#[derive(Clone, Debug, Default)]
pub struct Costs {
    teacher: [Cost; KINDS],
    student: [Cost; KINDS],
}

/// Where a run stands.
#[derive(Clone, Copy, Debug)]
pub struct Here {
    pub stage: Stage,
    /// Images of the stage before its last step, and after it.
    pub before: u64,
    pub images: u64,
    /// Images of the stages before this one.
    pub earlier: u64,
    /// The run is to end after so many images, all stages together, where a limit says so.
    pub most: Option<u64>,
}

/// Seconds, and whether some of that work was never measured.
#[derive(Clone, Copy, Debug, Default)]
struct Sum {
    secs: f64,
    is_reckoned: bool,
}

impl Costs {
    /// A piece of work of `stage` has taken `secs`.
    pub fn took(&mut self, stage: Stage, work: Work, secs: f64) {
        self.of_mut(stage)[work as usize].took(secs);
    }

    /// What is left of the run by its recipe as it is now.
    pub fn left(&self, recipe: &Recipe, here: Here) -> Left {
        let stages = recipe.stages();
        let (mut number, mut earlier) = (0, here.earlier);
        let (mut of_stage, mut of_all) = (f64::NAN, Some(Sum::default()));
        for (i, (stage, kimg)) in stages.iter().enumerate() {
            let is_here = *stage == here.stage;
            if !is_here && number == 0 {
                continue;
            }
            let batch = batch_of(recipe, *stage);
            let whole = stage_images(*kimg, batch);
            let most = here.most.map_or(u64::MAX, |most| most.saturating_sub(earlier));
            let to = whole.min(most);
            let (from, done) = if is_here { (here.before, here.images) } else { (0, 0) };
            let span = Span { from, done, to, batch: batch as u64, is_whole: to == whole };
            let sum = self.of_span(recipe, *stage, span, !is_here);
            if is_here {
                number = i + 1;
                of_stage = sum.map_or(f64::NAN, |sum| sum.secs);
            }
            of_all = of_all.zip(sum).map(|(all, sum)| all.and(sum));
            earlier += whole;
            if most <= whole {
                break;
            }
        }
        let all = of_all.filter(|_| number > 0).unwrap_or(Sum { secs: f64::NAN, is_reckoned: false });
        Left {
            stage: number.max(1),
            stages: stages.len().max(1),
            stage_secs: of_stage,
            secs: all.secs,
            is_about: all.is_reckoned,
        }
    }

    /// What a stretch takes; none where not even a step was ever measured.
    fn of_span(&self, recipe: &Recipe, stage: Stage, span: Span, begins: bool) -> Option<Sum> {
        let report = &recipe.report;
        let is_teacher = stage == Stage::Teacher;
        // Every stage begins with a grid, a student's with a measurement too; a teacher is measured at its end.
        let grids = span.times(report.sample_every_kimg) + u64::from(begins);
        let metrics = if is_teacher {
            u64::from(span.is_whole && span.to > span.from)
        } else {
            span.times(report.metric_every_kimg) + u64::from(begins)
        };
        let all = [
            (Work::Prepare, u64::from(begins)),
            (Work::Step, span.steps()),
            (Work::Grid, grids),
            (Work::Metrics, metrics),
            (Work::Checkpoint, span.times(report.checkpoint_every_kimg)),
        ];
        all.into_iter().filter(|(_, times)| *times > 0).try_fold(Sum::default(), |sum, (work, times)| {
            let measured = self.of(stage)[work as usize].mean();
            let secs = measured.or_else(|| self.reckon(recipe, stage, work))? * times as f64;
            Some(sum.and(Sum { secs, is_reckoned: measured.is_none() }))
        })
    }

    /// What work that was never done here is likely to cost, by the passes through the network that it takes.
    fn reckon(&self, recipe: &Recipe, stage: Stage, work: Work) -> Option<f64> {
        let pass = self.pass(recipe, stage)?;
        let (report, sampled) = (&recipe.report, evaluations(recipe, stage));
        let samples = report.metric_samples as f64;
        Some(match work {
            Work::Step => pass * passes(stage) * batch_of(recipe, stage) as f64,
            Work::Grid => pass * sampled * report.grid as f64,
            Work::Metrics if stage == Stage::Sign => pass * (sampled + SIGN_APPLICATIONS) * samples,
            Work::Metrics => pass * sampled * samples,
            Work::Checkpoint => {
                let teacher = self.teacher[work as usize].mean().filter(|_| stage != Stage::Teacher);
                teacher.map_or(0.0, |secs| secs * STUDENT_CHECKPOINT)
            }
            Work::Prepare if stage == Stage::Sign => {
                pass * HEAD_PASSES * HEAD_BATCH as f64 * recipe.student.sign.head_steps as f64
            }
            Work::Prepare => 0.0,
        })
    }

    /// Seconds of one pass of an image: by the steps of the same stage, else of the other one.
    fn pass(&self, recipe: &Recipe, stage: Stage) -> Option<f64> {
        let student = Stage::from(recipe.student.method);
        let other = if stage == Stage::Teacher { student } else { Stage::Teacher };
        [stage, other].into_iter().find_map(|stage| {
            let step = self.of(stage)[Work::Step as usize].mean()?;
            Some(step / (passes(stage) * batch_of(recipe, stage) as f64))
        })
    }

    fn of(&self, stage: Stage) -> &[Cost; KINDS] {
        if stage == Stage::Teacher { &self.teacher } else { &self.student }
    }

    fn of_mut(&mut self, stage: Stage) -> &mut [Cost; KINDS] {
        if stage == Stage::Teacher { &mut self.teacher } else { &mut self.student }
    }
}

impl Sum {
    fn and(self, other: Self) -> Self {
        Self { secs: self.secs + other.secs, is_reckoned: self.is_reckoned || other.is_reckoned }
    }
}

fn batch_of(recipe: &Recipe, stage: Stage) -> usize {
    if stage == Stage::Teacher { recipe.teacher.batch } else { recipe.student.batch }.max(1)
}

fn passes(stage: Stage) -> f64 {
    PASSES.iter().find(|(known, _)| *known == stage).map_or(1.0, |(_, passes)| *passes)
}

/// Evaluations of the network behind a sample.
fn evaluations(recipe: &Recipe, stage: Stage) -> f64 {
    if stage == Stage::Teacher { (2 * recipe.teacher.sample_steps).saturating_sub(1) as f64 } else { 1.0 }
}
