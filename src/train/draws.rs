//! Random numbers of training steps as tensors: pure functions of (seed, stream, step, sample).

use burn::tensor::{Device, Tensor, TensorData};

use super::accumulate::Part;
use crate::diffusion::{Denoiser, one_hot, per_sample};
use crate::model::Condition;
use crate::random::{Random, Stream};

/// Draws for images of one shape.
#[derive(Clone, Debug)]
pub struct Draws {
    seed: u32,
    /// `[channels, h, w]`.
    image: [usize; 3],
    /// Classes that a class is drawn from; 0 draws none.
    classes: usize,
    device: Device,
}

/// Draws for some samples of one step. A sample's numbers follow from its place in the whole batch,
/// however that is split.
pub struct StepDraws<'a> {
    all: &'a Draws,
    step: u64,
    part: Part,
}

impl Draws {
    /// Draws for images and classes of `denoiser`.
    pub fn new(seed: u32, denoiser: &Denoiser, device: &Device) -> Self {
        let [_, channels, height, width] = denoiser.shape(1);
        let classes = denoiser.config().label_dim;
        Self { seed, image: [channels, height, width], classes, device: device.clone() }
    }

    pub fn at(&self, step: u64, part: Part) -> StepDraws<'_> {
        StepDraws { all: self, step, part }
    }

    /// Numbers laid out as images.
    pub fn images(&self, numbers: Vec<f32>) -> Tensor<4> {
        let [channels, height, width] = self.image;
        let shape = [numbers.len() / (channels * height * width), channels, height, width];
        Tensor::from_data(TensorData::new(numbers, shape), &self.device)
    }

    /// One number a sample as `[batch, 1, 1, 1]`.
    pub fn column(&self, values: &[f64]) -> Tensor<4> {
        per_sample(values.iter().copied(), &self.device)
    }

    /// Known classes as a network takes them; none where it takes none.
    pub fn labelled(&self, classes: Option<&[u32]>) -> Condition {
        let known = classes.filter(|_| self.classes > 0);
        let labels = known.map(|classes| one_hot(classes, self.classes, &self.device));
        Condition { labels, ..Condition::default() }
    }
}

impl StepDraws<'_> {
    fn random(&self, stream: Stream) -> Random {
        Random::new(self.all.seed, stream)
    }

    fn samples(&self) -> impl Iterator<Item = u32> + use<> {
        let Part { first, count } = self.part;
        (first as u32..).take(count)
    }

    /// Unit-normal images.
    pub fn normal_images(&self, stream: Stream) -> Tensor<4> {
        let len = self.all.image.iter().product();
        let Part { first, count } = self.part;
        self.all.images(self.random(stream).normal_batch(self.step, first as u32, count, len))
    }

    /// One standard normal a sample.
    pub fn normals(&self, stream: Stream) -> Vec<f64> {
        let random = self.random(stream);
        self.samples().map(|i| f64::from(random.normal(self.step, i))).collect()
    }

    /// One uniform in [0, 1) a sample.
    pub fn uniforms(&self, stream: Stream) -> Vec<f64> {
        let random = self.random(stream);
        self.samples().map(|i| f64::from(random.uniform(self.step, i))).collect()
    }

    /// A class a sample, all equally likely; nothing for networks without classes.
    pub fn classes(&self, stream: Stream) -> Condition {
        let count = self.all.classes as f64;
        // A uniform below 1 times the number of classes is below it.
        let drawn: Vec<u32> = self.uniforms(stream).into_iter().map(|u| (u * count) as u32).collect();
        self.all.labelled(Some(&drawn))
    }

    /// Dropout masks of the step, one after another.
    pub fn masks(&self, stream: Stream) -> impl FnMut(usize) -> Vec<f32> + use<> {
        let (random, step, Part { first, count }) = (self.random(stream), self.step, self.part);
        let mut mask = 0;
        move |len| {
            mask += 1;
            // The mask of the whole batch, from the part's first sample on.
            random.uniforms_from(step, mask, first * (len / count), len)
        }
    }

    /// One number a sample as `[batch, 1, 1, 1]`.
    pub fn column(&self, values: &[f64]) -> Tensor<4> {
        self.all.column(values)
    }
}
