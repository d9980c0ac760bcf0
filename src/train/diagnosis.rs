//! What a student is judged by, to look at: its images under noise, and what teacher and fake score take them
//! for. Where the two agree nothing moves the student.

use burn::tensor::{Device, Tensor, TensorData};

use super::judge::Judge;
use crate::diffusion::{Classes, Denoiser, Generator, Starts, denoising_weight, one_hot};
use crate::error::Result;
use crate::model::{Condition, Dropout, Leaves, read};
use crate::random::{Random, Stream};

/// Seeds of the images; the same as the first of a run's grids.
pub const DIAGNOSED: u32 = 6;
/// Noise levels, from below the grain of images to above their contrast.
pub const LEVELS: [f64; 8] = [0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.5, 5.0];
/// Of the noise.
const SEED: u32 = 0;

/// Images in [-1, 1], one after another, for every seed and, within it, every level of `LEVELS`.
#[derive(Clone, Debug)]
pub struct Diagnosis {
    pub noisy: Vec<f32>,
    pub teacher: Vec<f32>,
    pub fake: Vec<f32>,
    /// For every level the mean over images and pixels of (teacher - fake)².
    pub disagreement: Vec<f64>,
    /// For every level the fake score's own loss per pixel: weighted (fake - image)².
    pub fake_loss: Vec<f64>,
}

/// Both networks are looked at as they are now; nothing is trained.
pub struct Judges<'a> {
    pub judge: &'a Judge,
    pub denoiser: &'a Denoiser,
    pub teacher: &'a Leaves,
    pub fake: &'a Leaves,
}

impl Judges<'_> {
    /// About the images that `generator` makes.
    ///
    /// # Errors
    /// What goes wrong on the device.
    pub fn diagnose(&self, generator: &Generator, device: &Device) -> Result<Diagnosis> {
        let unet = &generator.spec.unet;
        let seeds: Vec<u32> = (0..DIAGNOSED).collect();
        let starts = Starts::new(unet, &seeds, Classes::Spread)?;
        let made = generator.sample(&starts)?;
        let len = generator.image_len();
        let (mut images, mut noisy, mut sigmas, mut classes) = (vec![], vec![], vec![], vec![]);
        let random = Random::new(SEED, Stream::Diagnosis);
        for (seed, image) in made.chunks_exact(len).enumerate() {
            for (level, sigma) in LEVELS.iter().enumerate() {
                let noise = random.normals(level as u64, seed as u32, len);
                noisy.extend(image.iter().zip(noise).map(|(x, n)| x + *sigma as f32 * n));
                images.extend_from_slice(image);
                sigmas.push(*sigma);
                classes.extend(starts.classes.as_ref().and_then(|classes| classes.get(seed)));
            }
        }
        let labels = (!classes.is_empty()).then(|| one_hot(&classes, unet.label_dim, device));
        let condition = Condition { labels, augment: None };
        let x =
            Tensor::<4>::from_data(TensorData::new(noisy.clone(), self.denoiser.shape(sigmas.len())), device);
        let teacher = read(self.judge.denoise(self.teacher, x.clone(), &sigmas, &condition))?;
        let off = &mut Dropout::off();
        let fake = read(self.denoiser.denoise_with(self.fake, x, &sigmas, &condition, off))?;
        let per_level = |a: &[f32], b: &[f32]| -> Vec<f64> {
            let mut sums = vec![0.0; LEVELS.len()];
            for (i, (a, b)) in a.chunks_exact(len).zip(b.chunks_exact(len)).enumerate() {
                let square: f64 = a.iter().zip(b).map(|(a, b)| f64::from(a - b).powi(2)).sum();
                sums[i % LEVELS.len()] += square / (len as f64 * f64::from(DIAGNOSED));
            }
            sums
        };
        let losses = per_level(&fake, &images).into_iter().zip(LEVELS);
        Ok(Diagnosis {
            disagreement: per_level(&teacher, &fake),
            fake_loss: losses.map(|(square, sigma)| square * denoising_weight(sigma)).collect(),
            noisy,
            teacher,
            fake,
        })
    }
}
