//! The fake score: a denoiser of the student's own images, trained alongside it (SiD's psi, the
//! `L_denoise` of SIGN).

use std::sync::Arc;

use burn::tensor::Tensor;

use super::accumulate::{PartLoss, Shown, accumulate};
use super::draws::{Draws, Recorded, StepDraws};
use super::labels::tracked;
use super::loss_scale::{LossScale, Rescaled};
use super::trainee::{Trainee, Update};
use super::{At, Counters, Named};
use crate::diffusion::{
    AUGMENT_LABELS, AugmentDraws, AugmentPipe, Augmentation, Denoiser, denoising_weight, training_sigma,
};
use crate::error::{Error, Result};
use crate::loss::denoise::denoising_loss;
use crate::model::{Condition, Dropout, Leaves, UnetConfig, Weights};
use crate::random::Stream;
use crate::recipe::Recipe;

pub struct FakeScore {
    denoiser: Denoiser,
    net: Trainee,
    draws: Draws,
    batch: usize,
    micro_batch: usize,
    pub learning_rate: f64,
    /// Factor of the loss.
    pub weight: f64,
    /// What is done to the student's images, and told to the network, as to the teacher's.
    augment: Option<AugmentPipe>,
    seed: u32,
}

/// What the student made for some samples of a step, and what a network is told of it.
pub struct Made {
    pub images: Tensor<4>,
    pub condition: Condition,
}

impl Made {
    /// The same as it is learned from; `first` is the first of the samples.
    fn augmented(self, augmentation: Option<&Augmentation>, first: usize) -> Made {
        let Some(augmentation) = augmentation else { return self };
        let augmented = augmentation.apply(self.images, first);
        let condition = Condition { augment: Some(augmented.labels), ..self.condition };
        Made { images: augmented.images, condition }
    }
}

/// What a step of the fake score leaves on the device.
pub struct Learned {
    /// Its loss, which is told per pixel.
    pub loss: Shown,
    /// On its gradients, as `Trainee::descend` gives it.
    pub verdict: Tensor<1>,
}

/// Whether a teacher of `network` can become the fake score of the recipe.
///
/// # Errors
/// `Kind::Usage` where images are to be augmented and the network cannot be told how.
pub(super) fn check(recipe: &Recipe, network: &UnetConfig) -> Result<()> {
    let probability = recipe.teacher.augment;
    if probability > 0.0 && network.augment_dim != AUGMENT_LABELS {
        let what =
            format!("teacher.augment is {probability}, but this teacher was trained without augmentation");
        return Err(Error::usage(what).hint("set teacher.augment = 0"));
    }
    Ok(())
}

impl FakeScore {
    /// Starts as the teacher; no average, first Adam beta 0.
    ///
    /// # Errors
    /// As [`check`].
    pub fn new(
        denoiser: Denoiser,
        teacher: &Weights,
        draws: Draws,
        recipe: &Recipe,
        weight: f64,
    ) -> Result<Self> {
        check(recipe, denoiser.config())?;
        let net = Trainee::new("fake_score", teacher.clone(), false, 0.0, &recipe.optimiser)
            .scaled(LossScale::of(denoiser.images()));
        let probability = recipe.teacher.augment;
        let augment = (probability > 0.0).then(|| AugmentPipe::edm(probability));
        Ok(Self {
            denoiser,
            net,
            draws,
            batch: recipe.student.batch,
            micro_batch: recipe.student.micro_batch,
            learning_rate: recipe.student.fake_learning_rate,
            weight,
            augment,
            seed: recipe.seed,
        })
    }

    /// Trains on draws that were made elsewhere.
    pub fn follow(&mut self, recorded: &Arc<Recorded>) {
        self.draws = self.draws.following(recorded);
    }

    /// One step on images of the student, which `make` makes without gradient.
    pub fn step(&mut self, at: At, make: impl Fn(&StepDraws<'_>) -> Made) -> Result<Learned> {
        let Self { batch, micro_batch, learning_rate, .. } = *self;
        let augmentation = self.augmentation(at);
        let leaves = self.net.weights.tracked();
        let sum = accumulate(&leaves, batch, micro_batch, self.net.loss_scale(), |part| {
            let draws = self.draws.at(at.step, part);
            let Made { images: y, condition } = make(&draws).augmented(augmentation.as_ref(), part.first);
            let sigmas: Vec<f64> = draws.normals(Stream::FakeSigma).into_iter().map(training_sigma).collect();
            let noisy = y.clone() + draws.normal_images(Stream::FakeNoise) * draws.column(&sigmas);
            let masks = draws.masks(Stream::FakeDropout);
            let mut dropout = Dropout::on(self.denoiser.config().dropout, masks);
            let (noisy, condition) = (Tensor::from_inner(noisy), tracked(&condition));
            let denoised = self.denoiser.denoise_with(&leaves, noisy, &sigmas, &condition, &mut dropout);
            let weights: Vec<f64> = sigmas.iter().map(|s| denoising_weight(*s)).collect();
            let loss = denoising_loss(denoised, Tensor::from_inner(y), &weights).mean();
            Ok(PartLoss { terms: loss.clone().inner(), loss: loss * self.weight })
        })?;
        drop(leaves);
        let update = Update { at, batch, learning_rate, ema_halflife_kimg: 0.0 };
        let verdict = self.net.descend(sum.gradients, update);
        let divisor = self.denoiser.image_len() as f32;
        Ok(Learned { loss: Shown { names: vec!["fake_score"], numbers: sum.terms, divisor }, verdict })
    }

    /// Keeps the books of a step that had this verdict, as [`Trainee::note_step`].
    ///
    /// # Errors
    /// `Kind::Diverged` after too many bad steps in a row.
    pub fn note(&mut self, verdict: [f32; 2]) -> Result<Option<Rescaled>> {
        self.net.note_step(verdict)
    }

    /// What is done to the images of the whole step: the largest change among them decides how far the pipe pads each.
    fn augmentation(&self, at: At) -> Option<Augmentation> {
        let pipe = self.augment.as_ref()?;
        let draws: Vec<AugmentDraws> =
            (0..self.batch as u32).map(|i| AugmentDraws::of_made(self.seed, at.step, i)).collect();
        Some(pipe.plan(&draws, self.denoiser.config().img_resolution))
    }

    /// Its parameters, frozen, for a loss that passes through it.
    pub fn frozen(&self) -> Leaves {
        self.net.weights.frozen()
    }

    /// Its parameters, to look at what it says.
    pub fn plain(&self) -> Leaves {
        self.net.weights.plain()
    }

    /// Steps that were told and whose gradients were not finite.
    pub fn bad_steps(&self) -> u64 {
        self.net.bad_steps()
    }

    /// Has its loss scaled, whatever its images are.
    #[cfg(test)]
    pub fn scale_loss(&mut self) {
        self.net = self.net.clone().scaled(LossScale::of(burn::tensor::FloatDType::F16));
    }

    pub fn save(&self, tensors: &mut Named, counters: &mut Counters) -> Result<()> {
        self.net.save(tensors, counters)
    }

    pub fn restore(&mut self, tensors: &Named, counters: &Counters) -> Result<()> {
        self.net.restore(tensors, counters)
    }
}
