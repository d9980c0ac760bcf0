//! The terms of the student's loss, L1 to L4 and the head's, over some samples of a batch.

use burn::tensor::{Tensor, TensorData};

use super::SignTrainer;
use crate::data::Loader;
use crate::diffusion::{HEAD_SIGMA, SIGMA_MAX, sid_sigma};
use crate::loss::sign::{distribution_matching, pseudo_huber};
use crate::model::{Condition, Dropout, Leaves};
use crate::random::Stream;
use crate::train::At;
use crate::train::accumulate::{Part, PartLoss};
use crate::train::draws::StepDraws;
use crate::train::labels::{joined, tracked};
use crate::train::trajectory::Neighbours;

/// The networks of one step, as the terms need them.
pub(super) struct Nets {
    /// Without gradients.
    pub teacher: Leaves,
    pub fake: Leaves,
    pub student: Leaves,
    /// The student, passed through but not trained.
    pub frozen: Leaves,
    /// The student, trained.
    pub tracked: Leaves,
}

impl SignTrainer {
    /// The terms of the loss over some samples of a batch, and their weighted sum.
    pub(super) fn part_loss(&self, at: At, part: Part, nets: &Nets, data: &Loader) -> PartLoss {
        let draws = &self.draws.at(at.step, part);
        let images = data.batch(at.images + part.first as u64, part.count);
        let clean = self.draws.images(images.images);
        // Classes of what the student makes of noise, and of the images.
        let (drawn, own) =
            (draws.classes(Stream::Class, data.dataset()), self.draws.labelled(images.labels.as_deref()));

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
}

/// Source noise in variance-preserving coordinates.
pub(super) fn source(draws: &StepDraws<'_>, stream: Stream) -> Tensor<4> {
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
