//! Random numbers of training steps as tensors: pure functions of (seed, stream, step, sample).

use burn::tensor::{Device, Tensor, TensorData};

use crate::random::{Random, Stream};

/// Draws for batches of one shape.
#[derive(Clone, Debug)]
pub struct Draws {
    seed: u32,
    /// `[batch, channels, h, w]`.
    shape: [usize; 4],
    device: Device,
}

impl Draws {
    pub fn new(seed: u32, shape: [usize; 4], device: &Device) -> Self {
        Self { seed, shape, device: device.clone() }
    }

    fn random(&self, stream: Stream) -> Random {
        Random::new(self.seed, stream)
    }

    /// Unit-normal images of a step.
    pub fn normal_images(&self, stream: Stream, step: u64) -> Tensor<4> {
        let [batch, channels, height, width] = self.shape;
        self.images(self.random(stream).normal_batch(step, 0, batch, channels * height * width))
    }

    /// Numbers laid out as a batch of this shape.
    pub fn images(&self, numbers: Vec<f32>) -> Tensor<4> {
        Tensor::from_data(TensorData::new(numbers, self.shape), &self.device)
    }

    /// One standard normal a sample.
    pub fn normals(&self, stream: Stream, step: u64) -> Vec<f64> {
        let random = self.random(stream);
        (0..self.shape[0] as u32).map(|i| f64::from(random.normal(step, i))).collect()
    }

    /// One uniform in [0, 1) a sample.
    pub fn uniforms(&self, stream: Stream, step: u64) -> Vec<f64> {
        let random = self.random(stream);
        (0..self.shape[0] as u32).map(|i| f64::from(random.uniform(step, i))).collect()
    }

    /// Dropout masks of one step, one after another.
    pub fn masks(&self, stream: Stream, step: u64) -> impl FnMut(usize) -> Vec<f32> + use<> {
        let random = self.random(stream);
        let mut mask = 0;
        move |len| {
            mask += 1;
            random.uniforms(step, mask, len)
        }
    }

    /// One number a sample as `[batch, 1, 1, 1]`.
    pub fn column(&self, values: &[f64]) -> Tensor<4> {
        crate::diffusion::per_sample(values.iter().copied(), &self.device)
    }
}
