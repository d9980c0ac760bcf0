//! A network in training: weights, their average, their optimiser.

use burn::tensor::Tensor;

use super::adam::{Adam, AdamConfig};
use super::ema::ema_beta;
use super::guard::Guard;
use super::named::{put, take};
use super::{At, Counters, Named};
use crate::error::Result;
use crate::model::{Leaves, Weights};

#[derive(Clone, Debug)]
pub struct Trainee {
    name: &'static str,
    pub weights: Weights,
    /// None for networks whose average nobody asks for (the fake score).
    pub ema: Option<Weights>,
    adam: Adam,
    guard: Guard,
}

/// What one update needs to know.
#[derive(Clone, Copy, Debug)]
pub struct Update {
    pub at: At,
    pub batch: usize,
    pub learning_rate: f64,
    pub ema_halflife_kimg: f64,
}

impl Trainee {
    pub fn new(name: &'static str, weights: Weights, averaged: bool, adam: AdamConfig) -> Self {
        let adam = Adam::new(adam, &weights);
        Self { name, ema: averaged.then(|| weights.clone()), weights, adam, guard: Guard::default() }
    }

    /// Differentiates the scalar `loss` with respect to `leaves` (the tracked tensors it was computed
    /// from), takes one Adam step and one step of the average. A step that is not finite is left out.
    pub fn descend(&mut self, leaves: &Leaves, loss: &Tensor<1>, update: Update) -> Result<()> {
        let gradients = leaves.gradients(&loss.backward());
        if !self.guard.admits(self.name, &gradients)? {
            return Ok(());
        }
        self.adam.step(&mut self.weights, &gradients, update.learning_rate);
        let beta = ema_beta(update.batch, update.at.images, update.ema_halflife_kimg);
        if let Some(ema) = &mut self.ema {
            let now = self.weights.blocks();
            ema.update(|i, old| old * beta + now[i].clone() * (1.0 - beta));
        }
        Ok(())
    }

    /// Steps left out because their gradients were not finite.
    pub fn skipped(&self) -> u64 {
        self.guard.skipped
    }

    /// The average where there is one, else the weights themselves.
    pub fn averaged(&self) -> &Weights {
        self.ema.as_ref().unwrap_or(&self.weights)
    }

    pub fn save(&self, tensors: &mut Named, counters: &mut Counters) -> Result<()> {
        put(tensors, self.name, &self.weights)?;
        if let Some(ema) = &self.ema {
            put(tensors, &format!("{}.ema", self.name), ema)?;
        }
        counters.insert(format!("{}.skipped", self.name), self.guard.skipped);
        self.adam.save(self.name, tensors, counters)
    }

    pub fn restore(&mut self, tensors: &Named, counters: &Counters) -> Result<()> {
        let (layout, device) = (self.weights.layout().clone(), self.weights.device());
        self.weights = take(tensors, self.name, &layout, &device)?;
        if self.ema.is_some() {
            self.ema = Some(take(tensors, &format!("{}.ema", self.name), &layout, &device)?);
        }
        self.guard.skipped = counters.get(&format!("{}.skipped", self.name)).copied().unwrap_or(0);
        self.adam.restore(self.name, tensors, counters)
    }
}
