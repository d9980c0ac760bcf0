//! A trained network as something that makes images: a teacher in many steps, a student in one.

use std::sync::Arc;

use burn::tensor::{Device, Tensor, TensorData};
use serde::{Deserialize, Serialize};

use super::sampler::heun;
use super::{BlindDenoiser, Denoiser, SIGMA_MAX};
use crate::error::{Error, Kind, Result};
use crate::model::{Condition, Layout, UnetConfig, Weights, read};
use crate::random::{Random, Stream};

/// Images of one forward pass; more are made in several.
const CHUNK: usize = 64;

/// What a checkpoint says about its network: enough to rebuild it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GeneratorSpec {
    pub kind: GeneratorKind,
    pub unet: UnetConfig,
}

/// How images come out of the network.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", tag = "name")]
pub enum GeneratorKind {
    /// EDM denoiser, deterministic Heun.
    Teacher { sample_steps: usize },
    /// D(sigma z, sigma) once.
    Sid { sigma_init: f64 },
    /// f(z) once, or again.
    Sign,
}

#[derive(Clone, Debug)]
enum Net {
    Plain(Denoiser),
    Blind(BlindDenoiser),
}

/// A network with its numbers, ready to make or project images.
#[derive(Clone, Debug)]
pub struct Generator {
    pub spec: GeneratorSpec,
    net: Net,
    weights: Weights,
}

impl GeneratorSpec {
    /// The parameters that a generator of this kind has.
    pub fn layout(&self) -> Result<Arc<Layout>> {
        let denoiser = Denoiser::new(self.unet.clone())?;
        Ok(match self.kind {
            GeneratorKind::Sign => BlindDenoiser::new(denoiser).layout().clone(),
            _ => denoiser.layout().clone(),
        })
    }
}

impl Generator {
    pub fn new(spec: GeneratorSpec, weights: Weights) -> Result<Self> {
        let denoiser = Denoiser::new(spec.unet.clone())?;
        let net = match spec.kind {
            GeneratorKind::Sign => Net::Blind(BlindDenoiser::new(denoiser)),
            _ => Net::Plain(denoiser),
        };
        Ok(Self { spec, net, weights })
    }

    pub fn weights(&self) -> &Weights {
        &self.weights
    }

    /// Numbers in one image: channels × side × side.
    pub fn image_len(&self) -> usize {
        let unet = &self.spec.unet;
        unet.img_channels * unet.img_resolution * unet.img_resolution
    }

    /// Unit-normal latents of `seeds`, one after another: a seed is always the same picture, whatever
    /// is made beside it.
    pub fn latents(&self, seeds: impl IntoIterator<Item = u32>) -> Vec<f32> {
        let of = |seed| Random::new(seed, Stream::SampleLatent).normals(0, 0, self.image_len());
        seeds.into_iter().flat_map(of).collect()
    }

    /// Images in [-1, 1] (not clipped) from unit-normal `latents`, `image_len` numbers each. A
    /// teacher takes `steps` Heun steps, SiD one, SIGN applies f `steps` times; 0 is the kind's default.
    pub fn sample(&self, latents: &[f32], steps: usize) -> Result<Vec<f32>> {
        let mut images = Vec::with_capacity(latents.len());
        for chunk in latents.chunks(CHUNK * self.image_len()) {
            images.extend(match (self.spec.kind, &self.net) {
                (GeneratorKind::Teacher { sample_steps }, Net::Plain(denoiser)) => {
                    let steps = if steps == 0 { sample_steps } else { steps };
                    self.heun(denoiser, chunk, steps)?
                }
                (GeneratorKind::Sid { .. }, _) if steps > 1 => {
                    return Err(Error::new(Kind::Usage, "a SiD model makes its images in one step")
                        .hint("leave the steps out; a SIGN model or a teacher takes more"));
                }
                (GeneratorKind::Sid { sigma_init }, Net::Plain(denoiser)) => {
                    let noisy = chunk.iter().map(|z| z * sigma_init as f32).collect();
                    self.denoise(denoiser, noisy, sigma_init)?
                }
                _ => {
                    // A teacher's x_T = 80 z in variance-preserving coordinates.
                    let c = (SIGMA_MAX / (1.0 + SIGMA_MAX * SIGMA_MAX).sqrt()) as f32;
                    let mut images: Vec<f32> = chunk.iter().map(|z| z * c).collect();
                    for _ in 0..steps.max(1) {
                        images = self.project(&images)?;
                    }
                    images
                }
            });
        }
        Ok(images)
    }

    /// One application of f to images (or images with noise) in variance-preserving coordinates.
    ///
    /// # Errors
    /// `Kind::Usage` for a teacher or a SiD generator: only SIGN maps images to images.
    pub fn project(&self, u: &[f32]) -> Result<Vec<f32>> {
        let Net::Blind(blind) = &self.net else {
            return Err(Error::new(
                Kind::Usage,
                "this model makes images from noise only: it cannot project one",
            )
            .hint("use a SIGN model (`signet train --method sign`)"));
        };
        let leaves = self.weights.plain();
        let mut out = Vec::with_capacity(u.len());
        for chunk in u.chunks(CHUNK * self.image_len()) {
            out.extend(read(blind.project(&leaves, self.tensor(chunk.to_vec()), &Condition::default()))?);
        }
        Ok(out)
    }

    fn heun(&self, denoiser: &Denoiser, latents: &[f32], steps: usize) -> Result<Vec<f32>> {
        let mut evaluate = |x: &[f64], sigma: f64| -> Result<Vec<f64>> {
            let noisy = x.iter().map(|v| *v as f32).collect();
            Ok(self.denoise(denoiser, noisy, sigma)?.into_iter().map(f64::from).collect())
        };
        let images = heun(&mut evaluate, latents, steps, |_, _| {})?;
        Ok(images.into_iter().map(|v| v as f32).collect())
    }

    fn denoise(&self, denoiser: &Denoiser, noisy: Vec<f32>, sigma: f64) -> Result<Vec<f32>> {
        let x = self.tensor(noisy);
        let sigmas = vec![sigma; x.dims()[0]];
        read(denoiser.denoise(&self.weights.plain(), x, &sigmas))
    }

    fn tensor(&self, images: Vec<f32>) -> Tensor<4> {
        let unet = &self.spec.unet;
        let count = images.len() / self.image_len();
        let shape = [count, unet.img_channels, unet.img_resolution, unet.img_resolution];
        Tensor::from_data(TensorData::new(images, shape), &self.device())
    }

    fn device(&self) -> Device {
        self.weights.device()
    }
}
