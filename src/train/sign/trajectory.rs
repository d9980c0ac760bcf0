//! Pairs of neighbouring states on the teacher's probability-flow trajectories, for SIGN's flow term.

use burn::tensor::Tensor;

use crate::diffusion::{RHO, SIGMA_MIN, karras_sigmas_within, per_sample};
use crate::random::Stream;
use crate::train::draws::StepDraws;

/// Draws the pairs of a training step.
pub struct Trajectory {
    /// Noise levels, rising from 0.
    grid: Vec<f64>,
}

/// Two neighbouring states of one trajectory each, a sample a row; x in EDM's coordinates.
pub struct Neighbours {
    pub upper_x: Tensor<4>,
    pub upper_sigma: Vec<f64>,
    pub lower_x: Tensor<4>,
    /// 0 where the trajectory ends: there `lower_x` is the image itself.
    pub lower_sigma: Vec<f64>,
}

impl Trajectory {
    /// `levels` noise levels above 0, the highest of them `sigma_max`.
    pub fn new(levels: usize, sigma_max: f64) -> Self {
        let mut grid = karras_sigmas_within(SIGMA_MIN, sigma_max, RHO, levels);
        grid.reverse();
        Self { grid }
    }

    /// Noises `clean` to a random level each, and takes one Heun step down with the teacher's `denoise`.
    pub fn neighbours(
        &self,
        denoise: impl Fn(Tensor<4>, &[f64]) -> Tensor<4>,
        draws: &StepDraws<'_>,
        clean: Tensor<4>,
    ) -> Neighbours {
        let levels = (self.grid.len() - 1) as f64;
        let uniforms = draws.uniforms(Stream::Flow);
        let lower: Vec<usize> = uniforms.into_iter().map(|u| (u * levels) as usize).collect();
        let upper_sigma: Vec<f64> = lower.iter().map(|n| self.grid[n + 1]).collect();
        let lower_sigma: Vec<f64> = lower.iter().map(|n| self.grid[*n]).collect();
        let noise = draws.normal_images(Stream::FlowNoise);
        let upper_x = clean + noise * draws.column(&upper_sigma);
        let lower_x = self.heun_step(denoise, upper_x.clone(), &upper_sigma, &lower_sigma);
        Neighbours { upper_x, upper_sigma, lower_x, lower_sigma }
    }

    /// One Heun step from `sigma` down to `next`, each sample at its own levels.
    fn heun_step(
        &self,
        denoise: impl Fn(Tensor<4>, &[f64]) -> Tensor<4>,
        x: Tensor<4>,
        sigma: &[f64],
        next: &[f64],
    ) -> Tensor<4> {
        let device = x.device();
        let column = |values: &[f64]| per_sample(values.iter().copied(), &device);
        let over = |levels: &[f64]| -> Vec<f64> { levels.iter().map(|s| 1.0 / s).collect() };
        let step: Vec<f64> = next.iter().zip(sigma).map(|(n, s)| n - s).collect();
        let step = column(&step);
        let slope = (x.clone() - denoise(x.clone(), sigma)) * column(&over(sigma));
        let euler = x.clone() + slope.clone() * step.clone();
        // At level 0 there is no slope: the correction is switched off there, and the denoiser is
        // asked about the smallest level instead of a division by zero.
        let safe: Vec<f64> = next.iter().map(|n| n.max(self.grid[1])).collect();
        let correct: Vec<f64> = next.iter().map(|n| if *n > 0.0 { 0.5 } else { 0.0 }).collect();
        let second = (euler.clone() - denoise(euler, &safe)) * column(&over(&safe));
        x + (slope.clone() + (second - slope) * column(&correct)) * step
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diffusion::{Denoiser, Generator, GeneratorKind, GeneratorSpec, Precond};
    use crate::model::{Architecture, UnetConfig, Weights, read};
    use crate::train::accumulate::Part;
    use crate::train::draws::Draws;
    use burn::tensor::Device;

    /// With its last layer at zero a network's denoiser is c_skip x, whose Heun step is known.
    #[test]
    fn one_step_of_a_known_denoiser() {
        let unet = UnetConfig {
            img_resolution: 8,
            img_channels: 1,
            label_dim: 0,
            empty_classes: Vec::new(),
            augment_dim: 0,
            model_channels: 8,
            channel_mult: vec![1],
            num_blocks: 1,
            attn_resolutions: vec![],
            dropout: 0.0,
            channel_mult_emb: 4,
            architecture: Architecture::default(),
        };
        let device = Device::flex();
        let denoiser = Denoiser::new(unet.clone(), Precond::Edm).expect("a network");
        let mut named = Weights::init(denoiser.layout().clone(), 0, &device).named().expect("weights");
        for (name, values) in &mut named {
            if name.contains("aux_conv") {
                values.fill(0.0);
            }
        }
        let weights = Weights::from_named(denoiser.layout().clone(), &named, &device).expect("weights");
        let spec =
            GeneratorSpec { kind: GeneratorKind::Teacher { sample_steps: 2 }, precond: Precond::Edm, unet };
        let teacher = Generator::new(spec, weights).expect("a generator");

        let batch = 16;
        let draws = Draws::new(3, &denoiser, &device);
        let draws = draws.at(7, Part { first: 0, count: batch });
        let clean = draws.normal_images(Stream::SelfTest);
        let trajectory = Trajectory::new(6, 80.0);
        let leaves = teacher.weights().plain();
        let pair = trajectory.neighbours(|x, at| denoiser.denoise(&leaves, x, at), &draws, clean);
        let (upper, lower) = (read(pair.upper_x).expect("x"), read(pair.lower_x).expect("x"));
        assert!(pair.lower_sigma.contains(&0.0), "no trajectory ends in {:?}", pair.lower_sigma);
        for (i, (x, got)) in upper.iter().zip(lower).enumerate() {
            let (sigma, next) = (pair.upper_sigma[i / 64], pair.lower_sigma[i / 64]);
            let slope = |x: f64, s: f64| (x - Precond::Edm.at(s).c_skip * x) / s;
            let x = f64::from(*x);
            let first = slope(x, sigma);
            let euler = x + (next - sigma) * first;
            let mean = if next > 0.0 { 0.5 * (first + slope(euler, next)) } else { first };
            let want = x + (next - sigma) * mean;
            assert!(
                (f64::from(got) - want).abs() < 1e-4 * (1.0 + want.abs()),
                "{i}: {got} instead of {want}"
            );
        }
    }
}
