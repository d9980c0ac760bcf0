//! The terms of the student's loss over some samples of a batch.

use burn::tensor::Tensor;

use super::SignTrainer;
use super::pairs::Pair;
use super::pass::{Input, Pass, Passed, Place};
use super::source::{STUDENT, coordinates, source};
use crate::data::Loader;
use crate::error::Result;
use crate::gpu::kernels::from_numbers;
use crate::loss::sid::generator_loss;
use crate::loss::sign::{distribution_matching, pseudo_huber};
use crate::model::{Condition, Leaves};
use crate::recipe;
use crate::train::At;
use crate::train::accumulate::{Part, PartLoss};
use crate::train::draws::StepDraws;
use crate::train::labels::tracked;

/// The networks of one step, as the terms need them.
pub(super) struct Nets {
    /// Without gradients.
    pub teacher: Leaves,
    pub student: Leaves,
    /// Passed through but not trained.
    pub frozen_teacher: Leaves,
    pub frozen_fake: Leaves,
    pub frozen_student: Leaves,
    /// The student, trained.
    pub tracked: Leaves,
}

/// Terms with their weights, in the order of their names.
#[derive(Default)]
struct Terms {
    names: Vec<&'static str>,
    terms: Vec<Tensor<1>>,
    loss: Option<Tensor<1>>,
}

impl Terms {
    fn add(&mut self, name: &'static str, term: Tensor<1>, weight: f64) {
        self.names.push(name);
        self.terms.push(term.clone().inner());
        let weighted = term * weight;
        self.loss = Some(match self.loss.take() {
            Some(loss) => loss + weighted,
            None => weighted,
        });
    }
}

/// Images, and those that they should be.
type Target = (Place, Tensor<4>);

impl SignTrainer {
    /// The terms of the loss over some samples of a batch, by name, and their weighted sum.
    ///
    /// # Errors
    /// `Kind::Usage` where all terms are switched off.
    pub(super) fn part_loss(
        &self,
        at: At,
        part: Part,
        nets: &Nets,
        data: &Loader,
        pair: Option<&Pair>,
    ) -> Result<(Vec<&'static str>, PartLoss)> {
        let sign = &self.settings.sign;
        let draws = &self.draws.at(at.step, part);
        let idem_weight = self.idem_weight(at);

        let mut pass = Pass::default();
        let made = (sign.idem > 0.0 || sign.matches()).then(|| {
            let input = source(&self.draws, draws, &STUDENT, sign.noisy_share, at, data);
            let condition = input.condition.clone();
            (pass.add(input), condition)
        });
        let (kept, flow) = self.on_data(at, draws, nets, data, &mut pass);
        let paired = pair.map(|pair| self.pair(pair, part, &mut pass));
        let passed = pass.through(&self.plan, &nets.tracked)?;

        let mut terms = Terms::default();
        for (name, target, weight) in
            [("rec", kept, sign.rec), ("flow", flow, sign.flow), ("reg", paired, sign.reg)]
        {
            if let Some((place, target)) = target {
                let distance = pseudo_huber(passed.of(place), Tensor::from_inner(target));
                terms.add(name, distance.mean(), weight);
            }
        }
        if let Some((place, condition)) = made {
            let y = passed.of(place);
            if sign.idem > 0.0 {
                // IGN's routing: the outer f is a frozen copy, gradients arrive through y alone.
                let again = self.plan.project(&nets.frozen_student, y.clone(), &tracked(&condition));
                terms.add("idem", pseudo_huber(again, y.clone()).mean(), idem_weight);
            }
            if sign.matches() {
                self.matching(draws, nets, y, &condition, &mut terms);
            }
        }
        if sign.read > 0.0
            && let Some(error) = reading_error(&passed)
        {
            terms.add("head", error, sign.read);
        }
        let Terms { names, terms, loss } = terms;
        let loss = loss.ok_or_else(recipe::no_terms)?;
        Ok((names, PartLoss { loss, terms: Tensor::cat(terms, 0) }))
    }

    /// Images as they are, and those of neighbouring states of the teacher's trajectories.
    fn on_data(
        &self,
        at: At,
        draws: &StepDraws<'_>,
        nets: &Nets,
        data: &Loader,
        pass: &mut Pass,
    ) -> (Option<Target>, Option<Target>) {
        let sign = &self.settings.sign;
        if sign.rec == 0.0 && sign.flow == 0.0 {
            return (None, None);
        }
        let part = draws.part();
        let (clean, classes) = self.draws.reals(data, at.images + part.first as u64, part.count);
        let own = self.draws.labelled(classes.as_deref());
        let kept = (sign.rec > 0.0).then(|| {
            let input = Input { u: clean.clone(), sigmas: vec![0.0; part.count], condition: own.clone() };
            (pass.add(input), clean.clone())
        });
        let flow = (sign.flow > 0.0).then(|| self.flow_pair(draws, nets, clean, own, pass));
        (kept, flow)
    }

    /// The student's input at the upper of two neighbouring states of a trajectory, and its target from the
    /// lower one, without gradient.
    fn flow_pair(
        &self,
        draws: &StepDraws<'_>,
        nets: &Nets,
        clean: Tensor<4>,
        own: Condition,
        pass: &mut Pass,
    ) -> Target {
        let denoise = |x: Tensor<4>, sigmas: &[f64]| self.judge.denoise(&nets.teacher, x, sigmas, &own);
        let pair = self.trajectory.neighbours(denoise, draws, clean);
        let lower = coordinates(pair.lower_x.clone(), &pair.lower_sigma, &self.draws);
        let target = self.plan.project(&nets.student, lower, &own);
        // Where the lower level is 0 the trajectory's end itself is the target: the chain's anchor.
        let ends: Vec<f64> = pair.lower_sigma.iter().map(|s| if *s == 0.0 { 1.0 } else { 0.0 }).collect();
        let target = target.clone() + (pair.lower_x - target) * self.draws.column(&ends);
        let u = coordinates(pair.upper_x, &pair.upper_sigma, &self.draws);
        (pass.add(Input { u, sigmas: pair.upper_sigma, condition: own }), target)
    }

    /// States of the teacher's trajectories, and the images that those end in.
    fn pair(&self, pair: &Pair, part: Part, pass: &mut Pass) -> Target {
        let len = self.plan.denoiser.image_len();
        let images = |numbers: &[f32]| self.draws.images(part.of(numbers, len).to_vec());
        let condition = self.draws.labelled(pair.classes.as_ref().map(|c| part.of(c, 1)));
        let sigmas = part.of(&pair.sigmas, 1).to_vec();
        (pass.add(Input { u: images(&pair.u), sigmas, condition }), images(&pair.images))
    }

    /// The terms that compare the distribution of images `y` with the teacher's. Distribution matching has no
    /// gradient but to `y`; SiD's passes through the denoisers' inputs.
    fn matching(
        &self,
        draws: &StepDraws<'_>,
        nets: &Nets,
        y: Tensor<4>,
        condition: &Condition,
        terms: &mut Terms,
    ) {
        let Self { settings, plan, judge, .. } = self;
        let condition = tracked(condition);
        let compare = |y| judge.compare([&nets.frozen_teacher, &nets.frozen_fake], draws, y, &condition);
        if settings.sign.dmd > 0.0 {
            let (real, fake) = compare(y.clone().detach());
            let term = distribution_matching(y.clone(), real, fake);
            terms.add("dmd", term, settings.sign.dmd);
        }
        if settings.sign.sid > 0.0 {
            let (real, fake) = compare(y.clone());
            let term = generator_loss(y, real, fake, settings.sid.alpha).mean();
            terms.add("sid", term / plan.denoiser.image_len() as f64, settings.sign.sid);
        }
    }
}

/// How far a reading head is from the noise levels that were put in: mean squared error of ln sigma over
/// all inputs of a pass.
fn reading_error(passed: &Passed) -> Option<Tensor<1>> {
    let (readings, known) = passed.readings.as_ref()?;
    let known: Vec<f32> = known.iter().map(|v| *v as f32).collect();
    let len = known.len();
    let error = readings.clone() - from_numbers(known, [len], &readings.device());
    Some((error.clone() * error).mean())
}
