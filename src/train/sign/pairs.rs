//! Noise and what the teacher's sampler makes of it, for SIGN's regression.

use std::collections::HashMap;

use crate::data::Dataset;
use crate::diffusion::{Classes, Generator, GeneratorKind, GeneratorSpec, Starts};
use crate::error::Result;
use crate::model::Weights;
use crate::random::{Random, Stream};
use crate::recipe::Recipe;

/// A set of pairs in batches of a training step. Each is made when it is first needed and kept: which
/// pairs there are does not depend on when, and a run that goes on makes the same again.
pub(super) struct Pairs {
    teacher: Generator,
    seed: u32,
    batch: usize,
    batches: u64,
    made: HashMap<u64, Pair>,
}

/// One batch of pairs on the host.
#[derive(Clone)]
pub(super) struct Pair {
    /// Unit normals, one image's after another.
    pub latents: Vec<f32>,
    pub images: Vec<f32>,
    pub classes: Option<Vec<u32>>,
}

impl Pairs {
    /// As many pairs as the recipe wants, rounded up to whole batches.
    pub fn new(recipe: &Recipe, teacher: &GeneratorSpec, weights: &Weights) -> Result<Self> {
        let sign = &recipe.student.sign;
        let spec = GeneratorSpec {
            kind: GeneratorKind::Teacher { sample_steps: sign.pair_steps },
            ..teacher.clone()
        };
        let batch = recipe.student.batch;
        Ok(Self {
            teacher: Generator::new(spec, weights.clone())?,
            seed: recipe.seed,
            batch,
            batches: sign.pairs.div_ceil(batch).max(1) as u64,
            made: HashMap::new(),
        })
    }

    /// The batch of a training step.
    pub fn at(&mut self, step: u64, data: &Dataset) -> Result<Pair> {
        let number = step % self.batches;
        if let Some(pair) = self.made.get(&number) {
            return Ok(pair.clone());
        }
        let pair = self.make(number, data)?;
        self.made.insert(number, pair.clone());
        Ok(pair)
    }

    fn make(&self, number: u64, data: &Dataset) -> Result<Pair> {
        let latents = Random::new(self.seed, Stream::Pair).normal_batch(
            number,
            0,
            self.batch,
            self.teacher.image_len(),
        );
        let classes = self.classes(number, data)?;
        let seeds = (0..self.batch as u32).collect();
        let starts = Starts { seeds, latents, classes };
        let images = self.teacher.sample(&starts)?;
        Ok(Pair { latents: starts.latents, images, classes: starts.classes })
    }

    /// The classes of random images of `data`; the network's own in turn where those have none.
    fn classes(&self, number: u64, data: &Dataset) -> Result<Option<Vec<u32>>> {
        let spread = Classes::Spread.of(&self.teacher.spec.unet, self.batch)?;
        let Some(labels) = data.labels.as_ref().filter(|_| spread.is_some()) else { return Ok(spread) };
        let random = Random::new(self.seed, Stream::PairClass);
        let at = |i: u32| (f64::from(random.uniform(number, i)) * labels.len() as f64) as usize;
        Ok(Some((0..self.batch as u32).map(|i| labels[at(i).min(labels.len() - 1)]).collect()))
    }
}
