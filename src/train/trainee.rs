//! A network in training: weights, their average, their optimiser.

use burn::tensor::Tensor;

use super::adam::{Adam, AdamConfig};
use super::ema::ema_beta;
use super::guard::Guard;
use super::named::{put, take};
use super::{At, Counters, Named};
use crate::error::Result;
use crate::gpu::kernels::{BadStep, FiniteNorm, gradient_verdict};
use crate::gpu::tally::{Cost, time};
use crate::model::Weights;
use crate::recipe::{BadGradients, Optimiser};

#[derive(Clone, Debug)]
pub struct Trainee {
    name: &'static str,
    pub weights: Weights,
    /// None for networks whose average nobody asks for (the fake score).
    pub ema: Option<Weights>,
    adam: Adam,
    guard: Guard,
    /// Share of the images seen that limits the average's half-life.
    ema_ramp_up: Option<f64>,
}

/// Which of a network's weights are asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Averaging {
    /// The running average: what samples, metrics and edits are made with.
    #[default]
    Ema,
    /// The weights that the optimiser moves, as they are.
    Raw,
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
    /// `beta1` is the first beta of Adam: 0.9 for teachers, 0 in SiD.
    pub fn new(
        name: &'static str,
        weights: Weights,
        averaged: bool,
        beta1: f64,
        optimiser: &Optimiser,
    ) -> Self {
        let bad = match optimiser.bad_gradients {
            BadGradients::Skip => BadStep::Keep,
            BadGradients::Sanitise => BadStep::Mend,
        };
        let adam = AdamConfig { eps: optimiser.adam_eps, bad, ..AdamConfig::with_beta1(beta1) };
        Self {
            name,
            adam: Adam::new(adam, &weights),
            ema: averaged.then(|| weights.clone()),
            weights,
            guard: Guard::new(),
            ema_ramp_up: (optimiser.ema_ramp_up > 0.0).then_some(optimiser.ema_ramp_up),
        }
    }

    /// Takes one Adam step against the `gradients` of a whole batch and one step of the average. What
    /// happens to a step that is not finite is the recipe's choice. Gives the [`gradient_verdict`], which nobody has
    /// read yet: once somebody has, [`note`](Self::note) wants to know it.
    ///
    /// Leaves of these weights should be gone by now: what they hold would be copied.
    pub fn descend(&mut self, gradients: Vec<Tensor<1>>, update: Update) -> Tensor<1> {
        let verdict = gradient_verdict(&gradients);
        let Update { at, batch, learning_rate, ema_halflife_kimg } = update;
        let (count, weights) = (self.weights.layout().parameter_count(), &mut self.weights);
        // Read: gradients, weights, both moments and the average; written: all but the gradients.
        match &mut self.ema {
            None => time("Adam", Cost::each(count, 13, 7), || {
                self.adam.step(weights, &gradients, &verdict, learning_rate);
            }),
            Some(ema) => {
                let beta = ema_beta(batch, at.images, ema_halflife_kimg, self.ema_ramp_up);
                time("Adam and average", Cost::each(count, 16, 9), || {
                    self.adam.step_averaged(weights, (ema, beta), &gradients, &verdict, learning_rate);
                });
            }
        }
        verdict
    }

    /// Takes note of the verdict on the gradients of a step, in the order of the steps.
    ///
    /// # Errors
    /// `Kind::Diverged` after too many bad steps in a row.
    pub fn note(&mut self, verdict: [f32; 2]) -> Result<()> {
        self.guard.note(self.name, FiniteNorm::of(verdict))
    }

    /// Length of the last noted step's gradient, of the loss as it is weighted; NaN where it was not finite.
    pub fn gradient_norm(&self) -> f32 {
        self.guard.norm
    }

    /// Noted steps whose gradients were not finite.
    pub fn bad_steps(&self) -> u64 {
        self.guard.bad_steps
    }

    /// The weights themselves, or their average where there is one.
    pub fn chosen(&self, averaging: Averaging) -> &Weights {
        match averaging {
            Averaging::Ema => self.ema.as_ref().unwrap_or(&self.weights),
            Averaging::Raw => &self.weights,
        }
    }

    pub fn save(&self, tensors: &mut Named, counters: &mut Counters) -> Result<()> {
        put(tensors, self.name, &self.weights)?;
        if let Some(ema) = &self.ema {
            put(tensors, &format!("{}.ema", self.name), ema)?;
        }
        counters.insert(format!("{}.bad_steps", self.name), self.guard.bad_steps);
        counters.insert(format!("{}.bad_in_a_row", self.name), self.guard.in_a_row);
        self.adam.save(self.name, tensors, counters)
    }

    pub fn restore(&mut self, tensors: &Named, counters: &Counters) -> Result<()> {
        let (layout, device) = (self.weights.layout().clone(), self.weights.device());
        self.weights = take(tensors, self.name, &layout, &device)?;
        if self.ema.is_some() {
            self.ema = Some(take(tensors, &format!("{}.ema", self.name), &layout, &device)?);
        }
        let count = |what: &str| counters.get(&format!("{}.{what}", self.name)).copied().unwrap_or(0);
        (self.guard.bad_steps, self.guard.in_a_row) = (count("bad_steps"), count("bad_in_a_row"));
        self.adam.restore(self.name, tensors, counters)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use burn::tensor::Device;

    use super::*;
    use crate::error::Kind;
    use crate::gpu::kernels::read_verdict;
    use crate::model::{Init, LayoutBuilder};

    fn step(net: &mut Trainee, gradient: [f32; 3]) -> Result<()> {
        let at = At { step: 0, images: 1000 };
        let update = Update { at, batch: 10, learning_rate: 0.1, ema_halflife_kimg: 1.0 };
        // As long as the block is.
        let gradient = Tensor::from_data(gradient, &Device::flex());
        let rest = net.weights.layout().block_lens()[0] - 3;
        let gradient = Tensor::cat(vec![gradient, Tensor::zeros([rest], &Device::flex())], 0);
        let verdict = net.descend(vec![gradient], update);
        net.note(read_verdict(verdict)?)
    }

    #[test]
    fn bad_steps_are_left_out_or_mended_and_ten_in_a_row_are_the_end() {
        for (bad_gradients, moves) in [(BadGradients::Skip, false), (BadGradients::Sanitise, true)] {
            let mut builder = LayoutBuilder::new();
            builder.add("w".into(), &[3], Init::Zeros);
            let weights = Weights::init(Arc::new(builder.finish()), 0, &Device::flex());
            let optimiser = Optimiser { bad_gradients, ..Optimiser::default() };
            let mut net = Trainee::new("net", weights, true, 0.9, &optimiser);
            let state = |net: &Trainee| {
                [Averaging::Raw, Averaging::Ema].map(|which| net.chosen(which).named().expect("numbers"))
            };
            let start = state(&net);
            step(&mut net, [3.0, 0.0, 4.0]).expect("a good step");
            assert_eq!((net.gradient_norm(), net.bad_steps()), (5.0, 0));
            assert!(state(&net).iter().zip(&start).all(|(now, before)| now != before));
            for count in 1..=10 {
                let before = state(&net);
                let noted = step(&mut net, [f32::NAN, f32::INFINITY, -1.0]);
                let moved = state(&net).iter().zip(&before).all(|(now, before)| now != before);
                assert_eq!((moved, net.bad_steps()), (moves, count), "{bad_gradients:?}");
                assert!(net.gradient_norm().is_nan());
                assert_eq!(
                    noted.map_err(|error| error.kind),
                    if count < 10 { Ok(()) } else { Err(Kind::Diverged) }
                );
            }
        }
    }
}
