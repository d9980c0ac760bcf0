//! How fast a device would train by a recipe: a few steps of each stage, by networks that know nothing yet and on
//! noise. Neither changes what a step costs.

use std::sync::Arc;
use std::time::Instant;

use burn::tensor::Device;

use super::clock::settle;
use crate::data::{Dataset, Loader};
use crate::diffusion::{Generator, GeneratorKind, GeneratorSpec, Precond};
use crate::error::Result;
use crate::interrupt::Progress;
use crate::model::Weights;
use crate::random::{Random, Stream};
use crate::recipe::{Recipe, Stage};
use crate::train::{self, At};

/// Images of the noise.
const IMAGES: usize = 64;

/// Steps of a stage are timed until so many seconds have passed, at most so many. The first is not counted: it
/// compiles and tunes kernels where the device needs that.
const SECS: f64 = 3.0;
const MOST_STEPS: u64 = 20;

/// Training images a second of each stage of `recipe`, on images of `channels` channels and, where it uses labels,
/// `classes` classes. A teacher that the recipe names is not read: the recipe's own network stands in for it.
///
/// # Errors
/// A recipe that cannot be trained, what the device cannot do, and what `watch` says, which ends the work between
/// two steps; it hears how many stages are done.
pub fn pace(
    recipe: &Recipe,
    channels: usize,
    classes: usize,
    device: &Device,
    watch: Progress<'_>,
) -> Result<Vec<(Stage, f64)>> {
    let data = noise(recipe, channels, classes)?;
    let unet = train::unet_config(recipe, data.dataset())?;
    let kind = GeneratorKind::Teacher { sample_steps: recipe.teacher.sample_steps };
    let spec = GeneratorSpec { kind, precond: Precond::Edm, unet: unet.clone() };
    let weights = Weights::init(spec.layout()?, recipe.seed, device);
    let teacher = Generator::new(spec, weights)?;
    let named = teacher.weights().named()?;
    let stages = recipe.stages();
    let mut paces = Vec::new();
    for (stage, _) in &stages {
        let given = (*stage != Stage::Teacher).then_some((&teacher.spec, &named));
        let mut trainer = train::trainer(recipe, *stage, given, unet.clone(), device)?;
        let batch = trainer.batch() as u64;
        let mut at = At { step: 0, images: 0 };
        let mut clock = Instant::now();
        while at.step < 2 || (at.step <= MOST_STEPS && clock.elapsed().as_secs_f64() < SECS) {
            watch(paces.len() as u64, stages.len() as u64)?;
            trainer.step(at, &data)?;
            at = At { step: at.step + 1, images: at.images + batch };
            if at.step == 1 {
                settle(device)?;
                clock = Instant::now();
            }
        }
        // As in a run, a step may be queued behind the one before: only their end is waited for.
        settle(device)?;
        let counted = at.images.saturating_sub(batch) as f64;
        paces.push((*stage, counted / clock.elapsed().as_secs_f64().max(1e-9)));
    }
    Ok(paces)
}

/// Uniform noise as a data set.
fn noise(recipe: &Recipe, channels: usize, classes: usize) -> Result<Loader> {
    let size = recipe.data.size;
    let uniforms = Random::new(0, Stream::SelfTest).uniforms(0, 0, IMAGES * channels * size * size);
    let pixels = uniforms.into_iter().map(|u| (u * 256.0) as u8).collect();
    let classes = classes.max(1);
    // The last class has to be there: the network's input is as wide as there are classes.
    let label = |i: usize| if i == 0 { classes - 1 } else { i % classes } as u32;
    let labels = recipe.data.use_labels.then(|| (0..IMAGES).map(label).collect());
    let dataset = Dataset::new("noise", channels, size, pixels, labels, Vec::new())?;
    Ok(Loader::new(Arc::new(dataset), 0, false))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::{Error, Kind};
    use crate::recipe;

    fn tiny() -> Recipe {
        let mut recipe = recipe::preset("small-sign").expect("a preset");
        recipe.data.size = 8;
        recipe.data.use_labels = true;
        recipe.network.model_channels = 8;
        recipe.network.attn_resolutions = Vec::new();
        (recipe.teacher.batch, recipe.student.batch) = (4, 4);
        recipe
    }

    #[test]
    fn each_stage_has_its_pace() {
        let mut heard = Vec::new();
        let mut watch = |done, total| {
            heard.push((done, total));
            Ok(())
        };
        let paces = pace(&tiny(), 1, 3, &Device::flex(), &mut watch).expect("it trains");
        let stages: Vec<Stage> = paces.iter().map(|(stage, _)| *stage).collect();
        assert_eq!(stages, [Stage::Teacher, Stage::Sign]);
        assert!(paces.iter().all(|(_, pace)| pace.is_finite() && *pace > 0.0), "{paces:?}");
        assert!(heard.first() == Some(&(0, 2)) && heard.last() == Some(&(1, 2)), "{heard:?}");
    }

    #[test]
    fn whoever_waits_may_call_it_off() {
        let mut watch = |_, _| Err(Error::new(Kind::Stopped, "enough"));
        let stopped = pace(&tiny(), 3, 0, &Device::flex(), &mut watch).expect_err("it was called off");
        assert_eq!(stopped.kind, Kind::Stopped);
    }
}
