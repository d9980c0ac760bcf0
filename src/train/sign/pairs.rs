//! What the teacher's sampler makes of noise, from there and from states on the way, for SIGN's
//! regression.

use std::collections::HashMap;

use crate::data::Dataset;
use crate::diffusion::{Classes, Generator, GeneratorKind, GeneratorSpec, Sampler, Starts, vp_scale};
use crate::error::{Error, Result};
use crate::model::Weights;
use crate::random::{Random, Stream};
use crate::recipe::{Recipe, Sign};

/// Most memory for them.
const MOST_BYTES: u64 = 8 << 30;

/// A set of pairs in batches of a training step. Each is made when it is first needed and kept: which
/// pairs there are does not depend on when, and a run that goes on makes the same again.
pub(super) struct Pairs {
    teacher: Generator,
    sampler: Sampler,
    settings: Sign,
    seed: u32,
    batch: usize,
    batches: u64,
    made: HashMap<u64, Trajectories>,
}

/// A batch of trajectories on the host.
struct Trajectories {
    /// Noise levels of the states that are kept; pure noise first.
    sigmas: Vec<f64>,
    /// For each level `x_sigma`, one image's after another.
    states: Vec<Vec<f32>>,
    images: Vec<f32>,
    classes: Option<Vec<u32>>,
}

/// Where a student is asked, and what it should answer: one entry a sample.
pub(super) struct Pair {
    /// In variance-preserving coordinates, one image's numbers after another.
    pub u: Vec<f32>,
    pub sigmas: Vec<f64>,
    pub images: Vec<f32>,
    pub classes: Option<Vec<u32>>,
}

/// Whether such pairs can be made, before there is a teacher.
///
/// # Errors
/// `Kind::Usage` for a set that memory would not hold, and where pairs are to begin on the way and no state
/// is low enough.
pub(super) fn check(recipe: &Recipe, teacher: &GeneratorSpec) -> Result<()> {
    let settings = &recipe.student.sign;
    let kept = kept(settings, &Sampler::heun(settings.pair_steps, teacher.precond));
    if settings.reg_along > 0.0 && kept.is_empty() {
        let what =
            format!("no state of the teacher's trajectory lies at {} or below", settings.reg_sigma_max);
        return Err(Error::usage(what).hint("raise student.sign.reg_sigma_max or student.sign.pair_steps"));
    }
    // Noise, image, and the states between.
    let states = kept.len() as u64 + 2;
    let pairs = batches(recipe) * recipe.student.batch as u64;
    let bytes = pairs.saturating_mul(teacher.image_len() as u64 * 4 * states);
    if bytes > MOST_BYTES {
        return Err(Error::usage(format!("student.sign.pairs would take {} GiB of memory", bytes >> 30))
            .hint(format!("give fewer pairs: {} GiB are the most", MOST_BYTES >> 30)));
    }
    Ok(())
}

fn batches(recipe: &Recipe) -> u64 {
    recipe.student.sign.pairs.div_ceil(recipe.student.batch).max(1) as u64
}

/// Numbers of the levels on the way at which pairs may begin.
fn kept(settings: &Sign, sampler: &Sampler) -> Vec<usize> {
    let levels = sampler.sigmas();
    let keep =
        |i: &usize| settings.reg_along > 0.0 && levels[*i] > 0.0 && levels[*i] <= settings.reg_sigma_max;
    (1..levels.len()).filter(keep).collect()
}

impl Pairs {
    /// As many pairs as the recipe wants, rounded up to whole batches.
    ///
    /// # Errors
    /// As [`check`].
    pub fn new(recipe: &Recipe, teacher: &GeneratorSpec, weights: &Weights) -> Result<Self> {
        check(recipe, teacher)?;
        let settings = recipe.student.sign.clone();
        let sample_steps = settings.pair_steps;
        let spec = GeneratorSpec { kind: GeneratorKind::Teacher { sample_steps }, ..teacher.clone() };
        Ok(Self {
            teacher: Generator::new(spec, weights.clone())?,
            sampler: Sampler::heun(sample_steps, teacher.precond),
            seed: recipe.seed,
            batch: recipe.student.batch,
            batches: batches(recipe),
            made: HashMap::new(),
            settings,
        })
    }

    /// The pairs of a training step. Each begins at pure noise, or, for a share of them, at a random level
    /// on the way.
    pub fn at(&mut self, step: u64, data: &Dataset) -> Result<Pair> {
        let number = step % self.batches;
        if !self.made.contains_key(&number) {
            let fresh = self.make(number, data)?;
            self.made.insert(number, fresh);
        }
        let made = &self.made[&number];
        let len = self.teacher.image_len();
        let (share, random) = (self.settings.reg_along, Random::new(self.seed, Stream::PairLevel));
        let (mut u, mut sigmas) = (Vec::with_capacity(made.images.len()), Vec::new());
        for i in 0..self.batch {
            let draw = f64::from(random.uniform(step, i as u32));
            // One uniform says whether, and, spread over the share, where.
            let on_the_way = ((draw / share) * (made.sigmas.len() - 1) as f64) as usize + 1;
            let level = if draw < share { on_the_way.min(made.sigmas.len() - 1) } else { 0 };
            let sigma = made.sigmas[level];
            let scale = vp_scale(sigma) as f32;
            u.extend(made.states[level][i * len..(i + 1) * len].iter().map(|x| x * scale));
            sigmas.push(sigma);
        }
        Ok(Pair { u, sigmas, images: made.images.clone(), classes: made.classes.clone() })
    }

    fn make(&self, number: u64, data: &Dataset) -> Result<Trajectories> {
        let len = self.teacher.image_len();
        let latents = Random::new(self.seed, Stream::Pair).normal_batch(number, 0, self.batch, len);
        let classes = self.classes(number, data)?;
        let starts = Starts { seeds: (0..self.batch as u32).collect(), latents, classes };
        let levels = self.sampler.sigmas();
        let kept = kept(&self.settings, &self.sampler);
        let mut states = vec![Vec::new(); kept.len()];
        let images = self.teacher.integrate_watched(&starts, &self.sampler, |step, x| {
            // After step i the state is at level i + 1.
            if let Some(place) = kept.iter().position(|level| *level == step + 1) {
                states[place].extend(x.iter().map(|v| *v as f32));
            }
            Ok(())
        })?;
        let pure: Vec<f32> = starts.latents.iter().map(|z| z * levels[0] as f32).collect();
        Ok(Trajectories {
            sigmas: [levels[0]].into_iter().chain(kept.iter().map(|i| levels[*i])).collect(),
            states: [pure].into_iter().chain(states).collect(),
            images,
            classes: starts.classes,
        })
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
