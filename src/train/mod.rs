//! Training methods, one a file: what a step does and what state it keeps.

mod adam;
mod checkpoint;
mod draws;
mod ema;
mod fake_score;
mod guard;
mod named;
mod sid;
mod sigma_head;
mod sign;
mod teacher;
mod tensor_file;
mod trainee;
mod trajectory;

use burn::tensor::Device;

use crate::data::Loader;
use crate::diffusion::{Generator, GeneratorSpec};
use crate::error::Result;
use crate::model::{Architecture, UnetConfig};
use crate::recipe::{Recipe, Stage};

pub use checkpoint::{
    Checkpoint, Counters, Manifest, latest, load, load_generator, prune, write, write_model,
};
pub use named::{Named, teacher_of};
pub use sid::SidTrainer;
pub use sign::SignTrainer;
pub use teacher::TeacherTrainer;
pub use tensor_file::is_model;

/// Losses of one step, means over the batch, by name.
pub type Losses = Vec<(&'static str, f32)>;

/// Where a step stands: its number and the images that the stage has seen before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct At {
    pub step: u64,
    pub images: u64,
}

/// One stage of a run, whatever the method.
pub trait StageTrainer {
    fn stage(&self) -> Stage;

    /// Trainable numbers of the network that the stage is about.
    fn parameters(&self) -> usize;

    fn batch(&self) -> usize;

    /// Work before the first step of a new stage; `progress(done, total)` shows it.
    fn prepare(&mut self, _data: &Loader, _progress: &mut dyn FnMut(u64, u64)) -> Result<()> {
        Ok(())
    }

    /// One optimiser step: a pure function of the state, the data and `at`.
    fn step(&mut self, at: At, data: &Loader) -> Result<Losses>;

    /// What the averaged weights make: for samples, metrics and edits.
    fn generator(&self) -> Result<Generator>;

    /// Steps of this stage that were left out because their gradients were not finite.
    fn skipped(&self) -> u64;

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
pub fn unet_config(recipe: &Recipe, channels: usize, resolution: usize) -> UnetConfig {
    let network = &recipe.network;
    UnetConfig {
        img_resolution: resolution,
        img_channels: channels,
        label_dim: 0,
        augment_dim: 0,
        model_channels: network.model_channels,
        channel_mult: network.channel_mult.clone(),
        num_blocks: network.num_blocks,
        attn_resolutions: network.attn_resolutions.clone(),
        dropout: network.dropout,
        channel_mult_emb: 4,
        architecture: Architecture::default(),
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
        crate::error::Error::usage("a student needs a teacher")
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
