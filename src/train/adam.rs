//! Adam (Kingma and Ba, 2015), on the flat blocks of a network.

use burn::tensor::{Device, Tensor};

use super::named::{put, take};
use super::{Counters, Named};
use crate::error::{Error, Kind, Result};
use crate::gpu::kernels::{AdamNumbers, BadStep, adam_step, adam_step_averaged};
use crate::model::Weights;

/// What Adam is told once.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AdamConfig {
    pub beta1: f64,
    pub beta2: f64,
    pub eps: f64,
    /// What becomes of a step whose gradients are not finite.
    pub bad: BadStep,
}

impl AdamConfig {
    /// The defaults with the given first beta (0.9 for teachers, 0 in SiD); bad steps are left out.
    pub fn with_beta1(beta1: f64) -> Self {
        Self { beta1, beta2: 0.999, eps: 1e-8, bad: BadStep::Keep }
    }
}

/// First and second moments of the gradients, and the steps so far. Those that were left out for their gradients count
/// too: that they were only the device knows. The bias corrections run ahead by as many steps.
#[derive(Clone, Debug)]
pub struct Adam {
    config: AdamConfig,
    mean: Weights,
    square: Weights,
    steps: u64,
}

impl Adam {
    pub fn new(config: AdamConfig, weights: &Weights) -> Self {
        let zeros = || Weights::zeros(weights.layout().clone(), &weights.device());
        Self { config, mean: zeros(), square: zeros(), steps: 0 }
    }

    /// Moves `weights` against `gradients`, whose [`gradient_verdict`](crate::gpu::kernels::gradient_verdict) is
    /// `verdict`.
    pub fn step(
        &mut self,
        weights: &mut Weights,
        gradients: &[Tensor<1>],
        verdict: &Tensor<1>,
        learning_rate: f64,
    ) {
        let numbers = self.next(learning_rate);
        let blocks = [weights, &mut self.mean, &mut self.square];
        Weights::update_together(blocks, |i, blocks| {
            adam_step(blocks, gradients[i].clone(), verdict.clone(), numbers)
        });
    }

    /// The same, and then moves `average` to the new weights, keeping the share `keep` of what it was.
    pub fn step_averaged(
        &mut self,
        weights: &mut Weights,
        (average, keep): (&mut Weights, f64),
        gradients: &[Tensor<1>],
        verdict: &Tensor<1>,
        learning_rate: f64,
    ) {
        let numbers = self.next(learning_rate);
        let blocks = [weights, &mut self.mean, &mut self.square, average];
        Weights::update_together(blocks, |i, blocks| {
            adam_step_averaged(blocks, gradients[i].clone(), verdict.clone(), numbers, keep)
        });
    }

    /// Counts a step: its numbers, with the bias corrections 1 - beta^t of the paper's algorithm 1.
    fn next(&mut self, learning_rate: f64) -> AdamNumbers {
        let AdamConfig { beta1, beta2, eps, bad } = self.config;
        self.steps += 1;
        let t = self.steps as f64;
        let rate = learning_rate / (1.0 - beta1.powf(t));
        AdamNumbers { beta1, beta2, eps, rate, correction2: 1.0 - beta2.powf(t), bad }
    }

    /// First and second moments as they are now, without bias correction.
    pub fn moments(&self) -> [&Weights; 2] {
        [&self.mean, &self.square]
    }

    pub fn save(&self, prefix: &str, tensors: &mut Named, counters: &mut Counters) -> Result<()> {
        for (part, weights) in [("mean", &self.mean), ("square", &self.square)] {
            put(tensors, &format!("{prefix}.adam_{part}"), weights)?;
        }
        counters.insert(format!("{prefix}.adam_steps"), self.steps);
        Ok(())
    }

    pub fn restore(&mut self, prefix: &str, tensors: &Named, counters: &Counters) -> Result<()> {
        let device: Device = self.mean.device();
        let layout = self.mean.layout().clone();
        self.mean = take(tensors, &format!("{prefix}.adam_mean"), &layout, &device)?;
        self.square = take(tensors, &format!("{prefix}.adam_square"), &layout, &device)?;
        let name = format!("{prefix}.adam_steps");
        let missing = || Error::new(Kind::Checkpoint, format!("the manifest does not count {name}"));
        self.steps = counters.get(&name).copied().ok_or_else(missing)?;
        Ok(())
    }
}
