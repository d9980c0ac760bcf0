//! Training steps by the very trainers of a run, and sampling, with networks of one size.

use std::sync::Arc;

use burn::tensor::Device;

use super::benchmark::{Benchmark, Member};
use super::clock::{Build, Pass};
use super::network::NetworkSize;
use super::torch_twin::TorchTwin;
use crate::data::{Dataset, Loader};
use crate::diffusion::{
    BlindDenoiser, Classes, Denoiser, Generator, GeneratorKind, GeneratorSpec, Precond, Starts,
};
use crate::error::{Error, Result};
use crate::model::Weights;
use crate::random::{Random, Stream};
use crate::recipe::{Method, Precision, Recipe, Stage};
use crate::train::{self, At, StageTrainer};

/// What is done with a network: the first two parts of a benchmark's name, and the `--what` of the
/// PyTorch script, where that does it too.
struct Work {
    name: &'static str,
    batch: usize,
    torch: Option<&'static str>,
    build: Build,
}

/// What is measured with networks of this size in single precision.
pub fn benchmarks(size: NetworkSize) -> impl Iterator<Item = Benchmark> {
    let step = |stage| -> Build { Box::new(move |device| step(&size, stage, device)) };
    let sampling = |kind| -> Build { Box::new(move |device| sampling(&size, kind, device)) };
    let (batch, sample_steps) = (size.batch, size.sample_steps);
    let one_step = sampling(GeneratorKind::Sid { sigma_init: 2.5 });
    let heun = sampling(GeneratorKind::Teacher { sample_steps });
    let in_single = [
        Work {
            name: "steps/edm",
            batch: size.teacher_batch,
            torch: Some("train"),
            build: step(Stage::Teacher),
        },
        Work { name: "steps/sid", batch, torch: Some("sid"), build: step(Stage::Sid) },
        Work { name: "steps/sign", batch, torch: Some("sign"), build: step(Stage::Sign) },
        Work { name: "sampling/one-step", batch, torch: Some("sample"), build: one_step },
        Work { name: "sampling/heun", batch, torch: Some("heun"), build: heun },
    ];
    in_single.map(|work| benchmark(&size, work)).into_iter()
}

/// Training steps with networks of this size in mixed precision, for a GPU that has half precision.
pub fn in_mixed(size: NetworkSize) -> impl Iterator<Item = Benchmark> {
    let size = NetworkSize { precision: Precision::Mixed, ..size };
    let step = move |stage| -> Build { Box::new(move |device| step(&size, stage, device)) };
    let stages = [
        ("steps-mixed/edm", size.teacher_batch, Stage::Teacher),
        ("steps-mixed/sid", size.batch, Stage::Sid),
        ("steps-mixed/sign", size.batch, Stage::Sign),
    ];
    stages.into_iter().map(move |(name, batch, stage)| {
        // PyTorch's script trains in single precision, or as its own switches say.
        benchmark(&size, Work { name, batch, torch: None, build: step(stage) })
    })
}

fn benchmark(size: &NetworkSize, work: Work) -> Benchmark {
    Benchmark {
        name: format!("{}/{}", work.name, size.name),
        images: Some(work.batch),
        shape: size.shape(work.batch),
        large: size.large,
        torch: work.torch.map(|what| TorchTwin::of(size, what)),
        moved_bytes: None,
        times_a_pass: 1,
        members: vec![Member { variant: None, build: work.build }],
    }
}

impl NetworkSize {
    fn shape(&self, batch: usize) -> String {
        let Self { resolution: side, model_channels, channel_mult, num_blocks, .. } = self;
        format!(
            "[{batch}, 3, {side}, {side}], DDPM++ {model_channels} × {channel_mult:?}, {num_blocks} blocks"
        )
    }

    /// Uniform noise as a data set: speed does not depend on what is in the images.
    fn data(&self) -> Result<Loader> {
        const IMAGES: usize = 64;
        let len = IMAGES * 3 * self.resolution * self.resolution;
        let uniforms = Random::new(0, Stream::SelfTest).uniforms(0, 0, len);
        let pixels = uniforms.into_iter().map(|u| (u * 256.0) as u8).collect();
        let labels = (self.classes > 0).then(|| (0..IMAGES).map(|i| (i % self.classes) as u32).collect());
        let dataset = Dataset::new("noise", 3, self.resolution, pixels, labels, Vec::new())?;
        Ok(Loader::new(Arc::new(dataset), 0, false))
    }

    /// Trainable numbers of the denoiser or, `as_student`, of SIGN's student.
    pub(super) fn parameters(&self, as_student: bool) -> Result<usize> {
        let recipe = self.recipe(Method::Sign);
        let unet = train::unet_config(&recipe, self.data()?.dataset())?;
        let denoiser = Denoiser::new(unet, Precond::Edm)?;
        if !as_student {
            return Ok(denoiser.layout().parameter_count());
        }
        let sign = recipe.student.sign;
        Ok(BlindDenoiser::new(denoiser, sign.head, sign.head_sigma_max)?.layout().parameter_count())
    }

    /// A fresh denoiser as a model of `kind`.
    fn generator(
        &self,
        kind: GeneratorKind,
        recipe: &Recipe,
        data: &Loader,
        device: &Device,
    ) -> Result<Generator> {
        let unet = train::unet_config(recipe, data.dataset())?;
        let spec = GeneratorSpec { kind, precond: Precond::Edm, unet };
        let weights = Weights::init(spec.layout()?, recipe.seed, device);
        Generator::new(spec, weights)
    }
}

/// One optimiser step: what a run repeats. On a GPU the numbers of the step before are read, as they are there.
///
/// # Errors
/// `Kind::Usage` on a device that has not the precision: another's time would be shown under its name.
fn step(size: &NetworkSize, stage: Stage, device: &Device) -> Result<Pass> {
    let method = if stage == Stage::Sid { Method::Sid } else { Method::Sign };
    let (recipe, data) = (size.recipe(method), size.data()?);
    let mut trainer = trainer(size, &recipe, stage, &data, device)?;
    if let Some(why) = &trainer.precision().refusal {
        return Err(Error::usage(format!("steps in mixed precision cannot be measured: {why}")));
    }
    let mut at = At { step: 0, images: 0 };
    Ok(Box::new(move || {
        trainer.step(at, &data)?;
        at = At { step: at.step + 1, images: at.images + trainer.batch() as u64 };
        Ok(())
    }))
}

/// Students start from a fresh teacher and are not prepared: neither changes what a step costs.
fn trainer(
    size: &NetworkSize,
    recipe: &Recipe,
    stage: Stage,
    data: &Loader,
    device: &Device,
) -> Result<Box<dyn StageTrainer>> {
    let unet = train::unet_config(recipe, data.dataset())?;
    if stage == Stage::Teacher {
        return train::trainer(recipe, stage, None, unet, device);
    }
    let kind = GeneratorKind::Teacher { sample_steps: size.sample_steps };
    let teacher = size.generator(kind, recipe, data, device)?;
    let named = teacher.weights().named()?;
    train::trainer(recipe, stage, Some((&teacher.spec, &named)), unet, device)
}

/// A batch of images from seeds: latents, all evaluations of the network, and the numbers back.
fn sampling(size: &NetworkSize, kind: GeneratorKind, device: &Device) -> Result<Pass> {
    let recipe = size.recipe(Method::Sid);
    let generator = size.generator(kind, &recipe, &size.data()?, device)?;
    let (batch, mut first) = (size.batch as u32, 0u32);
    Ok(Box::new(move || {
        let seeds: Vec<u32> = (0..batch).map(|i| first.wrapping_add(i)).collect();
        first = first.wrapping_add(batch);
        let starts = Starts::new(&generator.spec.unet, &seeds, Classes::Spread)?;
        // The images come back to the host: the device has finished.
        generator.sample(&starts).map(drop)
    }))
}
