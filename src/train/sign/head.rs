//! Teaches a student's head what noise levels look like before distillation.

use burn::tensor::{Tensor, TensorData};

use crate::data::Loader;
use crate::diffusion::{BlindDenoiser, HEAD_SIGMA_MIN, SIGMA_MAX, vp_scale};
use crate::error::Result;
use crate::gpu::kernels::{gradient_verdict, read_verdict};
use crate::interrupt::Progress;
use crate::random::{Random, Stream};
use crate::train::adam::{Adam, AdamConfig};
use crate::train::trainee::Trainee;

/// Images of a step.
pub const BATCH: usize = 64;
const LEARNING_RATE: f64 = 3e-3;
/// Share of clean images: f has to be the identity on them.
const CLEAN_SHARE: f32 = 0.15;

/// Regresses what the head should say on noisy images; only parameters of the head move. Nothing for a
/// student without one. Steps whose gradients are not finite are left out, and count among the student's.
pub fn pretrain(
    plan: &BlindDenoiser,
    student: &mut Trainee,
    data: &Loader,
    seed: u32,
    steps: u64,
    progress: Progress<'_>,
) -> Result<()> {
    let shape = plan.denoiser.shape(BATCH);
    let device = student.weights.device();
    let mut adam = Adam::new(AdamConfig::with_beta1(0.9), &student.weights);
    let [low, high] = [HEAD_SIGMA_MIN, SIGMA_MAX].map(|s| s.ln() as f32);
    for step in 0..steps {
        let images = data.batch(step * BATCH as u64, BATCH).images;
        let (mut u, mut targets) = (Vec::with_capacity(images.len()), Vec::with_capacity(BATCH));
        for (i, image) in images.chunks(plan.denoiser.image_len()).enumerate() {
            let level = Random::new(seed, Stream::HeadSigma).uniform(step, i as u32);
            let clean = Random::new(seed, Stream::HeadClean).uniform(step, i as u32);
            let ln_sigma = if clean < CLEAN_SHARE { low } else { low + level * (high - low) };
            let sigma = if clean < CLEAN_SHARE { 0.0 } else { ln_sigma.exp() };
            let Some(target) = plan.head_target(f64::from(sigma)) else { return Ok(()) };
            let noise = Random::new(seed, Stream::HeadNoise).normals(step, i as u32, image.len());
            let scale = vp_scale(f64::from(sigma)) as f32;
            u.extend(image.iter().zip(noise).map(|(x, n)| (x + sigma * n) * scale));
            targets.push(target as f32);
        }
        let u = Tensor::<4>::from_data(TensorData::new(u, shape), &device);
        let target = Tensor::<1>::from_data(TensorData::new(targets, [BATCH]), &device);

        let leaves = student.weights.tracked();
        let Some(said) = plan.head(&leaves, Tensor::from_inner(u)) else { return Ok(()) };
        let error = said - Tensor::from_inner(target);
        let loss = (error.clone() * error).mean();
        let gradients = leaves.gradients(&mut loss.backward());
        drop(leaves);
        let rate = LEARNING_RATE * (1.0 - step as f64 / steps as f64);
        let verdict = gradient_verdict(&gradients);
        adam.step(&mut student.weights, &gradients, &verdict, rate);
        student.note(read_verdict(verdict)?)?;
        progress(step + 1, steps)?;
    }
    student.ema = student.ema.is_some().then(|| student.weights.clone());
    Ok(())
}
