//! Training methods, one a file: what a step does and what state it keeps.

mod accumulate;
mod adam;
mod checkpoint;
mod classifier;
mod diagnosis;
mod draws;
mod ema;
mod fake_score;
mod guard;
mod judge;
mod labels;
mod late;
mod loss_scale;
mod named;
mod precision;
mod range;
mod rate;
mod resident;
mod sid;
mod sign;
mod teacher;
mod tensor_file;
mod trainee;
mod tuning;

use burn::tensor::Device;

use crate::data::{Dataset, Loader};
use crate::diffusion::{AUGMENT_LABELS, Generator, GeneratorSpec};
use crate::error::{Error, Kind, Result};
use crate::interrupt::Progress;
use crate::model::{Architecture, SongStyle, UnetConfig};
use crate::recipe::{Family, Method, Recipe, Stage};

pub use adam::{Adam, AdamConfig};
#[cfg(test)]
pub(crate) use checkpoint::made_up_manifest;
pub use checkpoint::{
    Checkpoint, Counters, Due, Found, LossSum, Manifest, all as checkpoints, checkpoint_order,
    find_generator, keep_only, latest, load, load_generator, named_stage, prune, read_manifest, read_named,
    remove, settle, sweep, write, write_model,
};
pub use classifier::{ClassifierOptions, ClassifierReport, train_classifier, write_classifier};
pub use diagnosis::{DIAGNOSED, Diagnosis, LEVELS};
pub use draws::Recorded;
pub use ema::ema_beta;
pub use loss_scale::{DOUBLED_AFTER, Rescaled};
pub use named::{Named, fingerprint_of, teacher_of};
pub use precision::StagePrecision;
pub use range::{DIVERGED, LARGEST_LOSS, MOST_RUNAWAY_STEPS, check_teacher, check_weights, runaway};
pub use rate::{course, warmed_up};
pub use resident::packed_images;
pub use sid::SidTrainer;
pub use sign::{HEAD_BATCH, SignTrainer};
pub use teacher::TeacherTrainer;
pub use tensor_file::{fingerprint, is_model};
pub use trainee::Averaging;
pub use tuning::Tunable;

/// The name among a step's losses of its gradient's length: of the network that the stage is about.
pub const GRADIENT_NORM: &str = "grad_norm";

/// Losses of one step, means over the batch, by name.
pub type Losses = Vec<(&'static str, f32)>;

/// Where a step stands: its number and the images that the stage has seen before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct At {
    pub step: u64,
    pub images: u64,
}

/// The numbers of a step.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    /// Where the step stood.
    pub at: At,
    pub losses: Losses,
    /// What has become of the factors of losses, in mixed precision.
    pub rescaled: Vec<Rescaled>,
}

/// One stage of a run, whatever the method.
pub trait StageTrainer {
    fn stage(&self) -> Stage;

    /// Trainable numbers of the network that the stage is about.
    fn parameters(&self) -> usize;

    fn batch(&self) -> usize;

    /// What it trains in, and why.
    fn precision(&self) -> &StagePrecision;

    /// Work before the first step of a new stage; `progress(done, total)` shows it, and its error ends it.
    fn prepare(&mut self, _data: &Loader, _progress: Progress<'_>) -> Result<()> {
        Ok(())
    }

    /// One optimiser step: a pure function of the state, the data and `at`. Gives its numbers; on a device that
    /// queues its work ([`queues`](crate::gpu::queues)) those of the step before, if that is not told yet.
    ///
    /// # Errors
    /// `Kind::Diverged` where what is told is one bad step in a row too many; what a device cannot do.
    fn step(&mut self, at: At, data: &Loader) -> Result<Option<Told>>;

    /// The numbers of the step that is not told yet, if there is one. Until then the state is not to be saved, and
    /// `bad_steps` does not know of that step.
    ///
    /// # Errors
    /// As [`step`](Self::step).
    fn settle(&mut self) -> Result<Option<Told>>;

    /// Has steps told one step late, or at once, whatever the device.
    #[cfg(test)]
    fn be_late(&mut self, is_late: bool);

    /// Has losses scaled as in mixed precision, in whatever it trains.
    #[cfg(test)]
    fn scale_losses(&mut self);

    /// What the averaged weights make: for samples, metrics and edits.
    fn generator(&self) -> Result<Generator> {
        self.generator_of(Averaging::Ema)
    }

    /// What the averaged or the raw weights make.
    fn generator_of(&self, averaging: Averaging) -> Result<Generator>;

    /// The frozen teacher of a student, sampled in `steps` steps; None for a teacher, who has none.
    fn teacher(&self, _steps: usize) -> Result<Option<Generator>> {
        Ok(None)
    }

    /// How the student is being judged; None for a teacher, whom nobody judges.
    fn diagnose(&self) -> Result<Option<Diagnosis>> {
        Ok(None)
    }

    /// Steps of this stage that were told and whose gradients were not finite.
    fn bad_steps(&self) -> u64;

    /// What may change between two steps, with its present values.
    fn tunables(&self) -> Vec<Tunable>;

    /// Changes one of them, from the next step on. Rates and weights that rise or fall over a stage go on
    /// doing so, from the new value.
    ///
    /// # Errors
    /// `Kind::Usage` where the recipe could not say so either; then nothing has changed.
    fn tune(&mut self, name: &str, value: f64) -> Result<()>;

    /// Everything that the next step depends on.
    fn save(&self) -> Result<State>;

    /// Goes on from `save`.
    fn restore(&mut self, state: &State) -> Result<()>;
}

/// The complete state of a stage.
#[derive(Clone, Debug, Default)]
pub struct State {
    pub tensors: Named,
    pub counters: Counters,
}

/// The network that a recipe describes, for images of a data set.
///
/// # Errors
/// `Kind::Data` where the recipe wants class labels and the images have none.
pub fn unet_config(recipe: &Recipe, data: &Dataset) -> Result<UnetConfig> {
    let network = &recipe.network;
    if recipe.data.use_labels && data.classes() == 0 {
        let what = "these images have no class labels to train with";
        return Err(Error::new(Kind::Data, what)
            .hint("sort them into a folder for each class, or leave data.use_labels (--labels) out"));
    }
    Ok(UnetConfig {
        img_resolution: data.size,
        img_channels: data.channels,
        label_dim: if recipe.data.use_labels { data.classes() } else { 0 },
        empty_classes: if recipe.data.use_labels { data.empty_classes() } else { Vec::new() },
        augment_dim: if recipe.teacher.augment > 0.0 { AUGMENT_LABELS } else { 0 },
        model_channels: network.model_channels,
        channel_mult: network.channel_mult.clone(),
        num_blocks: network.num_blocks,
        attn_resolutions: network.attn_resolutions.clone(),
        dropout: network.dropout,
        channel_mult_emb: 4,
        architecture: match network.family {
            Family::Ddpmpp => Architecture::Song(SongStyle::ddpmpp()),
            Family::Ncsnpp => Architecture::Song(SongStyle::ncsnpp()),
            Family::Adm => Architecture::Dhariwal,
            Family::Mlp => Architecture::Mlp,
        },
    })
}

/// Whether the recipe's student can be trained from a teacher of `spec`: found out before a teacher is
/// trained for it.
///
/// # Errors
/// `Kind::Usage` for settings that do not fit the teacher.
pub fn check_student(recipe: &Recipe, spec: &GeneratorSpec) -> Result<()> {
    fake_score::check(recipe, &spec.unet)?;
    match recipe.student.method {
        Method::Sid => Ok(()),
        Method::Sign => sign::check(recipe, spec),
    }
}

/// The trainer of `stage`. A student needs its teacher's averaged weights and their spec.
pub fn trainer(
    recipe: &Recipe,
    stage: Stage,
    teacher: Option<(&GeneratorSpec, &Named)>,
    unet: UnetConfig,
    device: &Device,
) -> Result<Box<dyn StageTrainer>> {
    let missing = || {
        Error::usage("a student needs a teacher")
            .hint("give the recipe a [teacher] with kimg above 0, or a teacher.path")
    };
    Ok(match stage {
        Stage::Teacher => Box::new(TeacherTrainer::new(recipe, unet, device)?),
        Stage::Sid => {
            let (spec, named) = teacher.ok_or_else(missing)?;
            Box::new(SidTrainer::new(recipe, spec, named, device)?)
        }
        Stage::Sign => {
            let (spec, named) = teacher.ok_or_else(missing)?;
            Box::new(SignTrainer::new(recipe, spec, named, device)?)
        }
    })
}

#[cfg(test)]
mod tests;
