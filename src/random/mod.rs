//! Stateless randomness: every number is a pure function of (seed, stream, step, index).
//!
//! Nothing here keeps a position, so that a resumed run draws what an uninterrupted one would have
//! drawn, and a preview cannot disturb training.

mod philox;

use rayon::prelude::*;

use crate::simd;

pub use philox::philox4x32_10;

/// Independent sequences under one seed: each use of randomness has its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Stream {
    /// Initial weights of a network; `step` is the parameter's number.
    Init = 1,
    /// Order of the data set; `step` is the epoch.
    DataOrder = 2,
    /// x-flip of a training image.
    Flip = 3,
    /// Noise levels of a training step.
    Sigma = 4,
    /// Noise added to images in a training step.
    Noise = 5,
    /// Latents that training feeds to a generator.
    Latent = 6,
    /// Latents of `sample --seeds`: one seed, one picture.
    SampleLatent = 7,
    /// Noise levels of the fake score's own step.
    FakeSigma = 8,
    /// Noise of the fake score's own step.
    FakeNoise = 9,
    /// Latents of the fake score's own step.
    FakeLatent = 10,
    /// Noise levels of the consistency (flow) term.
    Flow = 11,
    /// Dropout masks.
    Dropout = 12,
    /// Pictures of the procedural demo set; `step` is the picture's number.
    Demo = 13,
    /// Noise added to an image before it is projected.
    Edit = 14,
    /// Latents and noise that a metric draws.
    Metric = 15,
    /// Inputs of the self-test and of unit tests.
    SelfTest = 16,
    /// Noise of the consistency term.
    FlowNoise = 17,
    /// Noise levels, noise and choice of clean images while a student's head is pretrained.
    HeadSigma = 18,
    HeadNoise = 19,
    HeadClean = 20,
    /// Dropout masks of the fake score.
    FakeDropout = 21,
    /// Fresh noise of a stochastic sampler; `step` is the sampler's step.
    Churn = 22,
    /// Samples of a toy world, and the shapes that it is made of.
    World = 27,
    WorldShape = 28,
    /// Uniforms and normals of a training image's augmentation.
    Augment = 23,
    AugmentNormal = 24,
    /// Classes of the latents that training feeds to a generator, and of the fake score's.
    Class = 25,
    FakeClass = 26,
    /// Which inputs of a student are noisy data and how noisy, in its own step and the fake score's.
    Noisy = 29,
    FakeNoisy = 30,
    /// Latents and classes of the pairs that a student regresses on; `step` is the batch of pairs.
    Pair = 31,
    PairClass = 32,
    /// Where on a trajectory a pair begins.
    PairLevel = 36,
    /// Uniforms and normals of the augmentation of the fake score's images.
    FakeAugment = 33,
    FakeAugmentNormal = 34,
    /// Noise and hidden pixels of a corrupted test input.
    Corrupt = 35,
    /// Weights of a network that extracts features untrained; `step` is the layer.
    RandomFeatures = 37,
    /// How far a classifier's training image is moved.
    Shift = 38,
    /// Noise on the images that judges are looked at with; `step` is the level.
    Diagnosis = 39,
}

/// Blocks of four numbers that a thread draws at a time.
const RUN: usize = 4096;

/// A counter-based generator for one (seed, stream).
#[derive(Clone, Copy, Debug)]
pub struct Random {
    key: [u32; 2],
}

impl Random {
    pub const fn new(seed: u32, stream: Stream) -> Self {
        Self { key: [seed, stream as u32] }
    }

    /// Seed and stream, as Philox takes them.
    pub fn key(&self) -> [u32; 2] {
        self.key
    }

    /// Four random words of (`step`, `index`).
    #[inline(always)]
    pub fn words(&self, step: u64, index: u64) -> [u32; 4] {
        let counter = [index as u32, (index >> 32) as u32, step as u32, (step >> 32) as u32];
        philox4x32_10(counter, self.key)
    }

    /// Standard normals of one sample of one step: element `i` comes from block `i / 4`, by
    /// Box–Muller in f64, so that it does not depend on the batch. (A GPU's own draws are these to within
    /// [1e-6](crate::gpu::kernels::Distribution::Normal).)
    pub fn normals(&self, step: u64, sample: u32, len: usize) -> Vec<f32> {
        self.normals_from(step, sample, 0, len)
    }

    /// Those `len` of a sample's normals that begin with number `first`.
    pub fn normals_from(&self, step: u64, sample: u32, first: usize, len: usize) -> Vec<f32> {
        self.fill(step, sample, first, len, |w| {
            let [a, b] = box_muller(w[0], w[1]);
            let [c, d] = box_muller(w[2], w[3]);
            [a, b, c, d]
        })
    }

    /// Uniforms in [0, 1) with 24 bits, of one sample of one step.
    pub fn uniforms(&self, step: u64, sample: u32, len: usize) -> Vec<f32> {
        self.uniforms_from(step, sample, 0, len)
    }

    /// Those `len` of a sample's uniforms that begin with number `first`.
    pub fn uniforms_from(&self, step: u64, sample: u32, first: usize, len: usize) -> Vec<f32> {
        self.fill(step, sample, first, len, |w| w.map(|w| (w >> 8) as f32 / (1u32 << 24) as f32))
    }

    /// One standard normal for (`step`, `sample`).
    pub fn normal(&self, step: u64, sample: u32) -> f32 {
        self.normals(step, sample, 1)[0]
    }

    /// One uniform in [0, 1) for (`step`, `sample`).
    pub fn uniform(&self, step: u64, sample: u32) -> f32 {
        self.uniforms(step, sample, 1)[0]
    }

    /// Normals of samples `first .. first + count`, `len` each, laid one after another.
    pub fn normal_batch(&self, step: u64, first: u32, count: usize, len: usize) -> Vec<f32> {
        let samples = (0..count as u32).into_par_iter();
        samples.flat_map_iter(|i| self.normals(step, first + i, len)).collect()
    }

    /// Uniforms of samples `first .. first + count`, `len` each, laid one after another.
    pub fn uniform_batch(&self, step: u64, first: u32, count: usize, len: usize) -> Vec<f32> {
        (0..count as u32).flat_map(|i| self.uniforms(step, first + i, len)).collect()
    }

    /// A permutation of `0..len` (Fisher–Yates), the same for the same `step`.
    pub fn permutation(&self, step: u64, len: usize) -> Vec<u32> {
        let mut order: Vec<u32> = (0..len as u32).collect();
        for i in (1..len).rev() {
            let [w, v, ..] = self.words(step, i as u64);
            let wide = (u64::from(w) << 32) | u64::from(v);
            // The high half of a 64×64 product: unbiased to within 2^-64 · len.
            let j = ((u128::from(wide) * (i as u128 + 1)) >> 64) as usize;
            order.swap(i, j);
        }
        order
    }

    fn fill(
        &self,
        step: u64,
        sample: u32,
        first: usize,
        len: usize,
        four: impl Fn([u32; 4]) -> [f32; 4] + Sync,
    ) -> Vec<f32> {
        let (skipped, first) = (first % 4, first / 4);
        let mut out = vec![0.0; (skipped + len).next_multiple_of(4)];
        let run = |(i, run): (usize, &mut [[f32; 4]])| {
            let first = (first + i * RUN) as u64;
            simd::dispatch(
                #[inline(always)]
                || {
                    for (numbers, block) in run.iter_mut().zip(first..) {
                        *numbers = four(self.words(step, (u64::from(sample) << 32) | block));
                    }
                },
            );
        };
        let blocks = out.as_chunks_mut().0;
        if blocks.len() > RUN {
            blocks.par_chunks_mut(RUN).enumerate().for_each(run);
        } else {
            run((0, blocks));
        }
        out.truncate(skipped + len);
        out.drain(..skipped);
        out
    }
}

/// Two standard normals from two random words (Box and Muller, 1958).
fn box_muller(a: u32, b: u32) -> [f32; 2] {
    // (a + 1) / 2^32 lies in (0, 1]: the logarithm is finite.
    let radius = (-2.0 * ((f64::from(a) + 1.0) / 4_294_967_296.0).ln()).sqrt();
    let (sin, cos) = (std::f64::consts::TAU * f64::from(b) / 4_294_967_296.0).sin_cos();
    [(radius * cos) as f32, (radius * sin) as f32]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn normals_have_unit_moments_and_ignore_the_batch() {
        let random = Random::new(7, Stream::SelfTest);
        let x = random.normals(3, 0, 100_000);
        let mean = x.iter().map(|v| f64::from(*v)).sum::<f64>() / x.len() as f64;
        let var = x.iter().map(|v| (f64::from(*v) - mean).powi(2)).sum::<f64>() / x.len() as f64;
        assert!(mean.abs() < 0.01, "mean {mean}");
        assert!((var - 1.0).abs() < 0.02, "variance {var}");
        let batch = random.normal_batch(3, 4, 3, 17);
        assert_eq!(batch[17..34], random.normals(3, 5, 17)[..]);
        assert_ne!(batch[..17], batch[17..34]);
        let uniforms = random.uniforms(3, 1, 23);
        assert_eq!(random.uniforms_from(3, 1, 6, 11), uniforms[6..17]);
        assert_eq!(random.normals_from(3, 0, 5, 30), x[5..35]);
    }

    #[test]
    fn streams_seeds_and_steps_differ() {
        let base = Random::new(1, Stream::Noise).words(2, 3);
        assert_ne!(base, Random::new(2, Stream::Noise).words(2, 3));
        assert_ne!(base, Random::new(1, Stream::Latent).words(2, 3));
        assert_ne!(base, Random::new(1, Stream::Noise).words(3, 3));
        assert_ne!(base, Random::new(1, Stream::Noise).words(2, 4));
    }

    #[test]
    fn a_permutation_holds_every_index_once() {
        let random = Random::new(0, Stream::DataOrder);
        let mut order = random.permutation(5, 1000);
        assert_ne!(order, random.permutation(6, 1000));
        order.sort_unstable();
        assert!(order.iter().enumerate().all(|(i, v)| i as u32 == *v));
    }
}
