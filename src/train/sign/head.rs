//! Teaches a student's head what noise levels look like before distillation.

use burn::tensor::Tensor;

use super::source::coordinates;
use crate::data::Loader;
use crate::diffusion::{BlindDenoiser, HEAD_SIGMA_MIN, SIGMA_MAX};
use crate::error::Result;
use crate::gpu::Reading;
use crate::gpu::kernels::{from_numbers, gradient_verdict};
use crate::interrupt::Progress;
use crate::random::Stream;
use crate::train::accumulate::Part;
use crate::train::adam::{Adam, AdamConfig};
use crate::train::draws::Draws;
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
    all: &Draws,
    steps: u64,
    progress: Progress<'_>,
) -> Result<()> {
    let device = student.weights.device();
    let mut adam = Adam::new(AdamConfig::with_beta1(0.9), &student.weights);
    let [low, high] = [HEAD_SIGMA_MIN, SIGMA_MAX].map(|s| s.ln() as f32);
    // Verdict of the step before: the host waits for it once the next is queued.
    let mut unread = None;
    for step in 0..steps {
        let draws = all.at(step, Part { first: 0, count: BATCH });
        let (mut sigmas, mut targets) = (Vec::with_capacity(BATCH), Vec::with_capacity(BATCH));
        let levels = draws.uniforms(Stream::HeadSigma);
        for (level, clean) in levels.into_iter().zip(draws.uniforms(Stream::HeadClean)) {
            let (level, clean) = (level as f32, clean as f32);
            let ln_sigma = if clean < CLEAN_SHARE { low } else { low + level * (high - low) };
            let sigma = f64::from(if clean < CLEAN_SHARE { 0.0 } else { ln_sigma.exp() });
            let Some(target) = plan.head_target(sigma) else { return Ok(()) };
            sigmas.push(sigma);
            targets.push(target as f32);
        }
        let (images, _) = all.reals(data, step * BATCH as u64, BATCH);
        let noisy = images + draws.normal_images(Stream::HeadNoise) * all.column(&sigmas);
        let u = coordinates(noisy, &sigmas, all);
        let target = from_numbers(targets, [BATCH], &device);

        let leaves = student.weights.tracked();
        let Some(said) = plan.head(&leaves, Tensor::from_inner(u)) else { return Ok(()) };
        let error = said - Tensor::from_inner(target);
        let loss = (error.clone() * error).mean();
        let gradients = leaves.gradients(&mut loss.backward());
        drop(leaves);
        let rate = LEARNING_RATE * (1.0 - step as f64 / steps as f64);
        let verdict = gradient_verdict(&gradients);
        adam.step(&mut student.weights, &gradients, &verdict, rate);
        if let Some(before) = unread.replace(Reading::begin(verdict)) {
            note(student, before)?;
        }
        progress(step + 1, steps)?;
    }
    if let Some(last) = unread {
        note(student, last)?;
    }
    student.ema = student.ema.is_some().then(|| student.weights.clone());
    Ok(())
}

fn note(student: &mut Trainee, verdict: Reading) -> Result<()> {
    let found = verdict.finish()?;
    student.note([found[0], found[1]])
}
