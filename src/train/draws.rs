//! Random numbers of training steps as tensors: pure functions of (seed, stream, step, sample).

use std::collections::BTreeMap;
use std::sync::Arc;

use burn::tensor::{Device, Tensor, TensorData};

use super::accumulate::Part;
use super::resident::Resident;
use crate::data::{Dataset, Loader, Pick};
use crate::diffusion::{Denoiser, one_hot, per_sample};
use crate::gpu::kernels::{Distribution, Draw, drawn_images};
use crate::gpu::tally::{Cost, time};
use crate::model::{Condition, Masks};
use crate::random::{Random, Stream};

/// Draws for images of one shape.
#[derive(Clone, Debug)]
pub struct Draws {
    source: Source,
    /// `[channels, h, w]`.
    image: [usize; 3],
    /// Classes that a class is drawn from; 0 draws none.
    classes: usize,
    device: Device,
    resident: Resident,
}

/// Where the numbers come from.
#[derive(Clone, Debug)]
enum Source {
    Seed(u32),
    Recorded(Arc<Recorded>),
}

/// Numbers drawn elsewhere, for whole batches: another program's run, to be followed step by step.
#[derive(Clone, Debug, Default)]
pub struct Recorded(BTreeMap<(u32, u64), Vec<f32>>);

impl Recorded {
    /// The numbers of a stream at a step, sample after sample.
    pub fn insert(&mut self, stream: Stream, step: u64, numbers: Vec<f32>) {
        self.0.insert((stream as u32, step), numbers);
    }

    /// `len` numbers of a sample.
    ///
    /// # Panics
    /// Where nothing was recorded: whatever stood in for it would be taken for a draw.
    fn sample(&self, stream: Stream, step: u64, sample: usize, len: usize) -> &[f32] {
        let all = self.0.get(&(stream as u32, step)).map_or(&[][..], Vec::as_slice);
        all.get(sample * len..(sample + 1) * len).unwrap_or_else(|| {
            panic!("no numbers are recorded of {stream:?} at step {step} for sample {sample} ({len} wanted)")
        })
    }
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
        Self {
            source: Source::Seed(seed),
            image: [channels, height, width],
            classes,
            device: device.clone(),
            resident: Resident::default(),
        }
    }

    /// The same, but for noise, levels and latents, which were drawn elsewhere.
    pub fn following(&self, recorded: &Arc<Recorded>) -> Self {
        Self { source: Source::Recorded(recorded.clone()), ..self.clone() }
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

    /// Images number `first .. first + count` of training, and their classes.
    pub fn reals(&self, data: &Loader, first: u64, count: usize) -> (Tensor<4>, Option<Vec<u32>>) {
        self.picked(data, &data.picks(first, count))
    }

    /// The same images, none of them mirrored: for whoever mirrors them himself.
    pub fn unflipped_reals(&self, data: &Loader, first: u64, count: usize) -> (Tensor<4>, Option<Vec<u32>>) {
        self.picked(data, &data.unflipped_picks(first, count))
    }

    fn picked(&self, data: &Loader, picks: &[Pick]) -> (Tensor<4>, Option<Vec<u32>>) {
        if let Some(images) = self.resident.pick(data.dataset(), picks, &self.device) {
            return (images, data.labels_of(picks));
        }
        let numbers = picks.len() * data.dataset().image_len();
        let batch = time("images of the batch", Cost::each(numbers, 0, 1), || data.batch_of(picks));
        (self.images(batch.images), batch.labels)
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
    /// The samples that these are for.
    pub fn part(&self) -> Part {
        self.part
    }

    fn random(&self, stream: Stream) -> Random {
        let Source::Seed(seed) = self.all.source else { return Random::new(0, stream) };
        Random::new(seed, stream)
    }

    fn samples(&self) -> impl Iterator<Item = u32> + use<> {
        let Part { first, count } = self.part;
        (first as u32..).take(count)
    }

    /// Unit-normal images.
    pub fn normal_images(&self, stream: Stream) -> Tensor<4> {
        let Self { all, step, part: Part { first, count } } = *self;
        let [channels, height, width] = all.image;
        match &all.source {
            Source::Seed(seed) => {
                let draw = Draw { random: Random::new(*seed, stream), step, first: first as u32 };
                drawn_images(draw, Distribution::Normal, [count, channels, height, width], &all.device)
            }
            Source::Recorded(recorded) => {
                let samples = first..first + count;
                let of = |i| recorded.sample(stream, step, i, channels * height * width);
                all.images(samples.flat_map(of).copied().collect())
            }
        }
    }

    /// One standard normal a sample.
    pub fn normals(&self, stream: Stream) -> Vec<f64> {
        self.each(stream, Random::normal)
    }

    /// One uniform in [0, 1) a sample.
    pub fn uniforms(&self, stream: Stream) -> Vec<f64> {
        self.each(stream, Random::uniform)
    }

    fn each(&self, stream: Stream, draw: fn(&Random, u64, u32) -> f32) -> Vec<f64> {
        let one = |i: u32| match &self.all.source {
            Source::Seed(seed) => draw(&Random::new(*seed, stream), self.step, i),
            Source::Recorded(recorded) => recorded.sample(stream, self.step, i as usize, 1)[0],
        };
        self.samples().map(|i| f64::from(one(i))).collect()
    }

    /// A class a sample, that of a random image of `data`: the teacher knows the classes that are there, as
    /// often as they are there. Nothing for networks without classes.
    pub fn classes(&self, stream: Stream, data: &Dataset) -> Condition {
        if self.all.classes == 0 {
            return Condition::default();
        }
        let labels = data.labels.as_deref().unwrap_or_default();
        // A uniform below 1 times a count is below it.
        let at = |u: f64, count: usize| (u * count as f64) as usize;
        let class =
            |u: f64| labels.get(at(u, labels.len())).copied().unwrap_or(at(u, self.all.classes) as u32);
        let drawn: Vec<u32> = self.uniforms(stream).into_iter().map(class).collect();
        self.all.labelled(Some(&drawn))
    }

    /// Dropout masks of the step.
    pub fn masks(&self, stream: Stream) -> Masks {
        Masks { random: self.random(stream), step: self.step, first: self.part.first }
    }

    /// One number a sample as `[batch, 1, 1, 1]`.
    pub fn column(&self, values: &[f64]) -> Tensor<4> {
        self.all.column(values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Draws for pictures of 2×2 numbers and ten classes.
    fn following(recorded: Recorded) -> Draws {
        let source = Source::Recorded(Arc::new(recorded));
        let (device, resident) = (Device::flex(), Resident::default());
        Draws { source, image: [1, 2, 2], classes: 10, device, resident }
    }

    fn unlabelled() -> Dataset {
        Dataset::new("none", 1, 2, vec![0; 4], None, Vec::new()).expect("a data set")
    }

    #[test]
    fn what_was_recorded_is_drawn_whatever_the_part() {
        let mut recorded = Recorded::default();
        recorded.insert(Stream::Noise, 3, (0..8).map(|i| i as f32).collect());
        recorded.insert(Stream::Class, 3, vec![0.75, 0.05]);
        let draws = following(recorded);
        let second = draws.at(3, Part { first: 1, count: 1 });
        let images = second.normal_images(Stream::Noise).into_data().try_to_vec::<f32>().expect("numbers");
        assert_eq!(images, [4.0, 5.0, 6.0, 7.0]);
        let both = draws.at(3, Part { first: 0, count: 2 });
        let labels = both.classes(Stream::Class, &unlabelled()).labels.expect("labels");
        let classes: Vec<i64> = labels.argmax(1).into_data().iter::<i64>().collect();
        assert_eq!(classes, [7, 0]);
    }

    #[test]
    fn images_of_training_are_the_loaders() {
        let pixels = (0..24).map(|i| i * 10).collect();
        let dataset = Dataset::new("six", 1, 2, pixels, Some((0..6).collect()), Vec::new());
        let data = Loader::new(Arc::new(dataset.expect("a data set")), 1, true);
        let (images, classes) = following(Recorded::default()).reals(&data, 4, 5);
        let batch = data.batch(4, 5);
        assert_eq!(images.dims(), [5, 1, 2, 2]);
        assert_eq!(images.into_data().try_to_vec::<f32>().expect("numbers"), batch.images);
        assert_eq!(classes, batch.labels);
    }

    #[test]
    fn images_that_are_mirrored_later_are_not_mirrored_before() {
        let dataset = Dataset::new("one", 1, 2, vec![0, 51, 102, 255], None, Vec::new());
        let data = Loader::new(Arc::new(dataset.expect("a data set")), 1, true);
        let draws = following(Recorded::default());
        let numbers = |(images, _): (Tensor<4>, Option<Vec<u32>>)| {
            images.into_data().try_to_vec::<f32>().expect("numbers")
        };
        let one = data.dataset().image(0);
        assert_eq!(numbers(draws.unflipped_reals(&data, 3, 20)), one.repeat(20));
        assert_ne!(numbers(draws.reals(&data, 3, 20)), one.repeat(20));
    }

    #[test]
    fn networks_without_classes_draw_none() {
        let draws = Draws { classes: 0, ..following(Recorded::default()) };
        let drawn = draws.at(0, Part { first: 0, count: 2 }).classes(Stream::Class, &unlabelled());
        assert!(drawn.labels.is_none());
    }

    #[test]
    #[should_panic(expected = "no numbers are recorded of FakeClass at step 1 for sample 0")]
    fn a_class_that_was_not_recorded_is_not_class_zero() {
        let draws = following(Recorded::default());
        draws.at(1, Part { first: 0, count: 1 }).classes(Stream::FakeClass, &unlabelled());
    }
}
