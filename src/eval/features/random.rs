//! Features of a convolutional network that was never trained: colours, edges and textures without any
//! weights at hand. Its numbers compare only with numbers of the same seed.

use burn::tensor::activation::leaky_relu;
use burn::tensor::module::conv2d;
use burn::tensor::ops::ConvOptions;
use burn::tensor::{Device, Tensor, TensorData};

use super::{Extractor, Features, Images};
use crate::data::pixels::to_unit;
use crate::error::Result;
use crate::gpu::read;
use crate::random::{Random, Stream};

/// Side of the images that the network sees, pixels.
const RANDOM_SIDE: usize = 32;
/// Channels of the image and after each layer.
const CHANNELS: [usize; 4] = [3, 32, 64, 64];
/// Of each layer.
const STRIDES: [usize; 3] = [1, 2, 2];
/// The first layer sees a pixel and its neighbours only: its statistics are left out.
const FIRST_MEASURED: usize = 1;
/// Slope of the leaky ReLU below zero.
const LEAK: f64 = 0.2;
/// Added to a variance before the root: a flat image's is zero up to rounding, which the root would enlarge.
const VARIANCE_FLOOR: f32 = 1e-6;

/// Three 3×3 convolutions with normal weights (He et al., 2015), a pure function of the seed.
pub struct RandomFeatures {
    layers: Vec<Tensor<4>>,
    seed: u32,
    device: Device,
}

impl RandomFeatures {
    pub fn new(seed: u32, device: &Device) -> Self {
        let random = Random::new(seed, Stream::RandomFeatures);
        let layers = CHANNELS.windows(2).zip(0..).map(|(channels, layer)| {
            let [inputs, outputs] = [channels[0], channels[1]];
            let deviation = (2.0 / ((1.0 + LEAK * LEAK) * (9 * inputs) as f64)).sqrt() as f32;
            let normals = random.normals(layer, 0, outputs * inputs * 9).into_iter();
            let weight = TensorData::new(normals.map(|n| n * deviation).collect(), [outputs, inputs, 3, 3]);
            Tensor::from_data(weight, device)
        });
        Self { layers: layers.collect(), seed, device: device.clone() }
    }
}

impl Extractor for RandomFeatures {
    fn name(&self) -> String {
        format!("random-{}", self.seed)
    }

    fn dim(&self) -> usize {
        2 * CHANNELS[1 + FIRST_MEASURED..].iter().sum::<usize>()
    }

    fn input(&self) -> String {
        format!(
            "pixels repeated or averaged to {RANDOM_SIDE}×{RANDOM_SIDE}, in [-1, 1]; untrained network of seed {}",
            self.seed
        )
    }

    /// Mean and standard deviation over the pixels of each channel of the later layers: what there is of
    /// a pattern, and how unevenly.
    fn extract(&self, images: &Images<'_>) -> Result<Features> {
        let numbers: Vec<f32> = images.rgb_of_side(RANDOM_SIDE).into_iter().map(to_unit).collect();
        let shape = [images.count(), 3, RANDOM_SIDE, RANDOM_SIDE];
        let mut x = Tensor::<4>::from_data(TensorData::new(numbers, shape), &self.device);
        let mut features = Vec::new();
        for (layer, (weight, stride)) in self.layers.iter().zip(STRIDES).enumerate() {
            let options = ConvOptions::new([stride; 2], [1, 1], [1, 1], 1);
            x = leaky_relu(conv2d(x, weight.clone(), None, options), LEAK);
            if layer >= FIRST_MEASURED {
                let [batch, channels, height, width] = x.dims();
                let pixels = x.clone().reshape([batch, channels, height * width]);
                let mean = pixels.clone().mean_dim(2);
                let around = pixels - mean.clone();
                let variance = (around.clone() * around).mean_dim(2);
                features
                    .extend([mean, (variance + VARIANCE_FLOOR).sqrt()].map(|t| t.reshape([batch, channels])));
            }
        }
        Ok(Features { pooled: read(Tensor::<2>::cat(features, 1))?, logits: Vec::new() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noise(count: usize) -> Vec<u8> {
        let words = (0..(count * 3 * 1024) as u32).map(|i| (i ^ i >> 7).wrapping_mul(2_654_435_761) >> 24);
        words.map(|word| word as u8).collect()
    }

    fn of(seed: u32, bytes: &[u8]) -> Vec<f32> {
        let images = Images { bytes, channels: 3, side: 32 };
        RandomFeatures::new(seed, &Device::flex()).extract(&images).expect("features").pooled
    }

    #[test]
    fn an_image_has_features_of_its_own_under_every_seed() {
        let bytes = noise(2);
        let (both, second) = (of(0, &bytes), of(0, &bytes[3 * 1024..]));
        let dim = RandomFeatures::new(0, &Device::flex()).dim();
        assert_eq!((dim, both.len()), (256, 512));
        assert_eq!(both[dim..], second[..]);
        assert_ne!(both[..dim], both[dim..]);
        assert_ne!(of(1, &bytes), both);
        assert!(both.iter().all(|value| value.is_finite()));
    }

    /// The same pixels in another order: means of colours cannot tell, textures can.
    #[test]
    fn texture_is_seen() {
        let stripes = |period: usize| -> Vec<u8> {
            (0..3 * 1024).map(|i| if (i % 32 / period).is_multiple_of(2) { 40 } else { 215 }).collect()
        };
        let (fine, coarse, gray) = (of(0, &stripes(1)), of(0, &stripes(8)), of(0, &[127; 3 * 1024]));
        let norm = |v: &[f32]| v.iter().map(|x| x * x).sum::<f32>().sqrt();
        let apart = |a: &[f32], b: &[f32]| norm(&a.iter().zip(b).map(|(a, b)| a - b).collect::<Vec<_>>());
        assert!(apart(&fine, &coarse) > 0.3 * norm(&coarse), "{}", apart(&fine, &coarse) / norm(&coarse));
        assert!(norm(&gray) < 0.1 * norm(&coarse), "{} against {}", norm(&gray), norm(&coarse));
    }

    /// The activations neither die out nor grow from layer to layer.
    #[test]
    fn weights_keep_the_scale() {
        let features = of(0, &noise(1));
        for layer in features.chunks(128) {
            let (mean, deviation) = layer.split_at(64);
            let square = |v: &[f32]| v.iter().map(|x| x * x).sum::<f32>() / v.len() as f32;
            let power = square(mean) + square(deviation);
            // Bytes drawn evenly have a mean square of 1/3 in [-1, 1].
            assert!((0.1..1.0).contains(&power), "mean square {power}");
        }
    }

    /// `SIGNET_DEVICE` is another device than the CPU, say wgpu:0.
    #[test]
    #[ignore = "needs SIGNET_DEVICE"]
    fn another_device_agrees() {
        let device = std::env::var("SIGNET_DEVICE").expect("SIGNET_DEVICE").parse().expect("a device");
        let opened = crate::gpu::open(&device).expect("it opens");
        let bytes = noise(2);
        let images = Images { bytes: &bytes, channels: 3, side: 32 };
        let got = RandomFeatures::new(0, &opened.device).extract(&images).expect("features").pooled;
        let want: Vec<f64> = of(0, &bytes).into_iter().map(f64::from).collect();
        let error = crate::gpu::compare::max_relative_error(&got, &want);
        println!("{}: largest relative error {error:e}", opened.name);
        assert!(error < 1e-5, "{error:e}");
    }
}
