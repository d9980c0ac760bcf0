//! The fake score: a denoiser of the student's own images, trained alongside it (SiD's psi, the
//! `L_denoise` of SIGN).

use std::sync::Arc;

use burn::tensor::Tensor;

use super::accumulate::{PartLoss, accumulate};
use super::draws::{Draws, Recorded, StepDraws};
use super::labels::tracked;
use super::rate::falling;
use super::trainee::{Trainee, Update};
use super::{At, Counters, Named};
use crate::data::Loader;
use crate::diffusion::{Denoiser, denoising_weight, training_sigma};
use crate::error::Result;
use crate::loss::denoise::denoising_loss;
use crate::model::{Condition, Dropout, Leaves, Weights};
use crate::random::Stream;
use crate::recipe::{Recipe, Student};

pub struct FakeScore {
    denoiser: Denoiser,
    net: Trainee,
    draws: Draws,
    settings: Student,
}

impl FakeScore {
    /// Starts as the teacher; no average, first Adam beta 0.
    pub fn new(denoiser: Denoiser, teacher: &Weights, draws: Draws, recipe: &Recipe) -> Self {
        let net = Trainee::new("fake_score", teacher.clone(), false, 0.0, &recipe.optimiser);
        Self { denoiser, net, draws, settings: recipe.student.clone() }
    }

    /// Trains on draws that were made elsewhere.
    pub fn follow(&mut self, recorded: &Arc<Recorded>) {
        self.draws = self.draws.following(recorded);
    }

    /// One step on images of the student, which `images` makes without gradient from draws and labels.
    /// Gives the loss per pixel.
    pub fn step(
        &mut self,
        at: At,
        data: &Loader,
        images: impl Fn(&StepDraws<'_>, &Condition) -> Tensor<4>,
    ) -> Result<f32> {
        let leaves = self.net.weights.tracked();
        let Student { batch, micro_batch, fake_learning_rate, kimg, last_learning_rate, .. } = self.settings;
        let sum = accumulate(&leaves, batch, micro_batch, |part| {
            let draws = self.draws.at(at.step, part);
            let condition = draws.classes(Stream::FakeClass, data.dataset());
            let y = images(&draws, &condition);
            let sigmas: Vec<f64> = draws.normals(Stream::FakeSigma).into_iter().map(training_sigma).collect();
            let noisy = y.clone() + draws.normal_images(Stream::FakeNoise) * draws.column(&sigmas);
            let mut masks = draws.masks(Stream::FakeDropout);
            let mut dropout = Dropout::on(self.denoiser.config().dropout, &mut masks);
            let (noisy, condition) = (Tensor::from_inner(noisy), tracked(&condition));
            let denoised = self.denoiser.denoise_with(&leaves, noisy, &sigmas, &condition, &mut dropout);
            let weights: Vec<f64> = sigmas.iter().map(|s| denoising_weight(*s)).collect();
            let loss = denoising_loss(denoised, Tensor::from_inner(y), &weights).mean();
            PartLoss { terms: loss.clone().inner(), loss }
        })?;
        let learning_rate = falling(fake_learning_rate, at.images, kimg, last_learning_rate);
        let update = Update { at, batch, learning_rate, ema_halflife_kimg: 0.0 };
        self.net.descend(sum.gradients, update)?;
        Ok(sum.terms[0] / self.denoiser.image_len() as f32)
    }

    /// Its parameters, frozen, for a loss that passes through it.
    pub fn frozen(&self) -> Leaves {
        self.net.weights.frozen()
    }

    /// Its parameters for use without gradients.
    pub fn plain(&self) -> Leaves {
        self.net.weights.plain()
    }

    /// Steps whose gradients were not finite.
    pub fn bad_steps(&self) -> u64 {
        self.net.bad_steps()
    }

    pub fn save(&self, tensors: &mut Named, counters: &mut Counters) -> Result<()> {
        self.net.save(tensors, counters)
    }

    pub fn restore(&mut self, tensors: &Named, counters: &Counters) -> Result<()> {
        self.net.restore(tensors, counters)
    }
}
