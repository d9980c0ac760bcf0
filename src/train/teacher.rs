//! The EDM teacher: a denoiser trained on images (Karras et al., 2022).

use burn::tensor::{Device, Tensor};

use super::accumulate::{Part, PartLoss, Shown, accumulate};
use super::draws::Draws;
use super::labels::tracked;
use super::late::{Heard, Late, Unread};
use super::loss_scale::LossScale;
use super::rate;
use super::trainee::{Trainee, Update};
use super::tuning::Tuning;
use super::{At, Averaging, StagePrecision, StageTrainer, State, Told, Tunable};
use crate::data::Loader;
use crate::diffusion::{
    AugmentDraws, AugmentPipe, Augmentation, Denoiser, Generator, GeneratorKind, GeneratorSpec, Precond,
    denoising_weight, training_sigma,
};
use crate::error::Result;
use crate::loss::denoise::denoising_loss;
use crate::model::{Condition, Dropout, Leaves, UnetConfig, Weights};
use crate::random::Stream;
use crate::recipe::{Recipe, Stage, Teacher};

pub struct TeacherTrainer {
    settings: Teacher,
    tuning: Tuning,
    precision: StagePrecision,
    denoiser: Denoiser,
    net: Trainee,
    draws: Draws,
    /// What is done to the images, and told to the network; none where the recipe asks for none.
    augment: Option<AugmentPipe>,
    seed: u32,
    late: Late,
}

impl TeacherTrainer {
    pub fn new(recipe: &Recipe, unet: UnetConfig, device: &Device) -> Result<Self> {
        let precision = StagePrecision::of(recipe, &unet, device);
        let denoiser = Denoiser::new(unet, Precond::Edm)?.with_images(precision.images());
        let weights = Weights::init(denoiser.layout().clone(), recipe.seed, device);
        let settings = recipe.teacher.clone();
        Ok(Self {
            draws: Draws::new(recipe.seed, &denoiser, device),
            augment: (settings.augment > 0.0).then(|| AugmentPipe::edm(settings.augment)),
            seed: recipe.seed,
            late: Late::of(device),
            tuning: Tuning::new(recipe, "teacher.", |_| true),
            net: Trainee::new("teacher", weights, true, 0.9, &recipe.optimiser)
                .scaled(LossScale::of(denoiser.images())),
            precision,
            denoiser,
            settings,
        })
    }

    /// What becomes of the images of the whole step, for the pipe's borders are those of a whole batch; none where
    /// nothing is augmented.
    fn augmentation(&self, at: At) -> Option<Augmentation> {
        let pipe = self.augment.as_ref()?;
        let batch = self.settings.batch as u32;
        let draws: Vec<AugmentDraws> = (0..batch).map(|i| AugmentDraws::of(self.seed, at.step, i)).collect();
        Some(pipe.plan(&draws, self.denoiser.config().img_resolution))
    }

    /// Some of the step's images, and what the network is told of them.
    fn images(
        &self,
        at: At,
        part: Part,
        data: &Loader,
        augmentation: Option<&Augmentation>,
    ) -> (Tensor<4>, Condition) {
        let first = at.images + part.first as u64;
        let Some(augmentation) = augmentation else {
            let (images, classes) = self.draws.reals(data, first, part.count);
            return (images, self.draws.labelled(classes.as_deref()));
        };
        // The pipe mirrors images itself, and says so.
        let (images, classes) = self.draws.unflipped_reals(data, first, part.count);
        let augmented = augmentation.apply(images, part.first);
        let told = self.draws.labelled(classes.as_deref());
        (augmented.images, Condition { augment: Some(augmented.labels), ..told })
    }

    fn part_loss(&self, at: At, part: Part, leaves: &Leaves, images: (Tensor<4>, Condition)) -> PartLoss {
        let draws = self.draws.at(at.step, part);
        let (clean, condition) = images;
        let sigmas: Vec<f64> = draws.normals(Stream::Sigma).into_iter().map(training_sigma).collect();
        let noise = draws.normal_images(Stream::Noise) * draws.column(&sigmas);
        let noisy = Tensor::from_inner(clean.clone() + noise);
        let condition = tracked(&condition);
        let mut dropout = Dropout::on(self.denoiser.config().dropout, draws.masks(Stream::Dropout));
        let denoised = self.denoiser.denoise_with(leaves, noisy, &sigmas, &condition, &mut dropout);
        let weights: Vec<f64> = sigmas.iter().map(|s| denoising_weight(*s)).collect();
        let loss = denoising_loss(denoised, Tensor::from_inner(clean), &weights).mean();
        PartLoss { terms: loss.clone().inner(), loss }
    }

    fn told(&mut self, heard: Option<Heard>) -> Result<Option<Told>> {
        heard.map(|heard| heard.told(&mut self.net, None)).transpose()
    }
}

impl StageTrainer for TeacherTrainer {
    fn stage(&self) -> Stage {
        Stage::Teacher
    }

    fn parameters(&self) -> usize {
        self.denoiser.layout().parameter_count()
    }

    fn precision(&self) -> &StagePrecision {
        &self.precision
    }

    fn batch(&self) -> usize {
        self.settings.batch
    }

    fn step(&mut self, at: At, data: &Loader) -> Result<Option<Told>> {
        let (batch, micro_batch) = (self.settings.batch, self.settings.micro_batch);
        let augmentation = self.augmentation(at);
        let leaves = self.net.weights.tracked();
        let sum = accumulate(&leaves, batch, micro_batch, self.net.loss_scale(), |part| {
            let images = self.images(at, part, data, augmentation.as_ref());
            Ok(self.part_loss(at, part, &leaves, images))
        })?;
        drop(leaves);
        let update = Update {
            at,
            batch,
            learning_rate: rate::of_teacher(&self.settings, at.images),
            ema_halflife_kimg: self.settings.ema_halflife_kimg,
        };
        let verdict = self.net.descend(sum.gradients, update);
        let divisor = self.denoiser.image_len() as f32;
        let losses = vec![Shown { names: vec!["denoise"], numbers: sum.terms, divisor }];
        let heard = self.late.queue(Unread { at, losses, verdict, fake_verdict: None })?;
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
        self.net = self.net.clone().scaled(LossScale::of(burn::tensor::FloatDType::F16));
    }

    fn generator_of(&self, averaging: Averaging) -> Result<Generator> {
        let kind = GeneratorKind::Teacher { sample_steps: self.settings.sample_steps };
        Generator::new(GeneratorSpec::of(kind, &self.denoiser), self.net.chosen(averaging).clone())
    }

    fn bad_steps(&self) -> u64 {
        self.net.bad_steps()
    }

    fn tunables(&self) -> Vec<Tunable> {
        self.tuning.tunables()
    }

    fn tune(&mut self, name: &str, value: f64) -> Result<()> {
        let recipe = self.tuning.tried(name, value)?;
        self.settings = recipe.teacher.clone();
        self.tuning.adopt(recipe);
        Ok(())
    }

    fn save(&self) -> Result<State> {
        debug_assert!(self.late.is_settled(), "a step is not told yet");
        let mut state = State::default();
        self.net.save(&mut state.tensors, &mut state.counters)?;
        Ok(state)
    }

    fn restore(&mut self, state: &State) -> Result<()> {
        self.net.restore(&state.tensors, &state.counters)
    }
}
