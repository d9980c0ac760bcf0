//! The fake score: a denoiser of the student's own images, trained alongside it (SiD's psi, the
//! `L_denoise` of SIGN).

use burn::tensor::Tensor;

use super::draws::Draws;
use super::trainee::{Trainee, Update};
use super::{At, Counters, Named};
use crate::diffusion::{Denoiser, denoising_weight, training_sigma};
use crate::error::Result;
use crate::loss::denoise::denoising_loss;
use crate::model::{Condition, Dropout, Leaves, Weights, read};
use crate::random::Stream;
use crate::recipe::Recipe;

pub struct FakeScore {
    denoiser: Denoiser,
    net: Trainee,
    draws: Draws,
    learning_rate: f64,
}

impl FakeScore {
    /// Starts as the teacher; no average, first Adam beta 0.
    pub fn new(denoiser: Denoiser, teacher: &Weights, draws: Draws, recipe: &Recipe) -> Self {
        let net = Trainee::new("fake_score", teacher.clone(), false, 0.0, &recipe.optimiser);
        Self { denoiser, net, draws, learning_rate: recipe.student.fake_learning_rate }
    }

    /// One step on images `y` of the student, without gradient to it. Gives the loss per pixel.
    pub fn step(&mut self, at: At, y: Tensor<4>) -> Result<f32> {
        let sigmas: Vec<f64> =
            self.draws.normals(Stream::FakeSigma, at.step).into_iter().map(training_sigma).collect();
        let noise = self.draws.normal_images(Stream::FakeNoise, at.step);
        let noisy = y.clone() + noise * self.draws.column(&sigmas);
        let leaves = self.net.weights.tracked();
        let mut masks = self.draws.masks(Stream::FakeDropout, at.step);
        let mut dropout = Dropout::on(self.denoiser.config().dropout, &mut masks);
        let (noisy, condition) = (Tensor::from_inner(noisy), Condition::default());
        let denoised = self.denoiser.denoise_with(&leaves, noisy, &sigmas, &condition, &mut dropout);
        let weights: Vec<f64> = sigmas.iter().map(|s| denoising_weight(*s)).collect();
        let loss = denoising_loss(denoised, Tensor::from_inner(y), &weights).mean();
        let update =
            Update { at, batch: sigmas.len(), learning_rate: self.learning_rate, ema_halflife_kimg: 0.0 };
        self.net.descend(&leaves, &loss, update)?;
        Ok(read(loss.inner())?[0] / self.denoiser.image_len() as f32)
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
