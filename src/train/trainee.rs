//! A network in training: weights, their average, their optimiser.

use burn::tensor::Tensor;

use super::adam::{Adam, AdamConfig};
use super::ema::ema_beta;
use super::guard::Guard;
use super::loss_scale::{LossScale, Rescaled};
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
    scale: LossScale,
    /// Share of the images seen that limits the average's half-life.
    ema_ramp_up: Option<f64>,
}

/// What can be done where gradients are not finite though their loss is not scaled up any more.
const TOO_LARGE_FOR_F16: &str = "numbers inside the network may be too large for f16: start a new run with \
    precision = \"f32\", or with a lower learning rate";

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
            scale: LossScale::default(),
            ema_ramp_up: (optimiser.ema_ramp_up > 0.0).then_some(optimiser.ema_ramp_up),
        }
    }

    /// The same with a loss that is scaled so. Without this the scale is 1.
    pub fn scaled(self, scale: LossScale) -> Self {
        Self { scale, ..self }
    }

    /// What the loss of the next step is to be multiplied by on the backward pass, as
    /// [`accumulate`](super::accumulate::accumulate) does it.
    pub fn loss_scale(&self) -> f64 {
        self.scale.of_next_step()
    }

    /// Takes one Adam step against the `gradients` of a whole batch and one step of the average. What
    /// happens to a step that is not finite is the recipe's choice. Gives the [`gradient_verdict`], which nobody has
    /// read yet: once somebody has, [`note_step`](Self::note_step) wants to know it.
    ///
    /// Leaves of these weights should be gone by now: what they hold would be copied.
    pub fn descend(&mut self, gradients: Vec<Tensor<1>>, update: Update) -> Tensor<1> {
        self.scale.made();
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

    /// Takes note of the verdict on the gradients of a step that [`descend`](Self::descend) has taken, in the order of
    /// the steps. Gives what has become of the scale of the loss, where that is worth telling.
    ///
    /// # Errors
    /// `Kind::Diverged` after too many bad steps in a row; those of a loss that was scaled up do not count.
    pub fn note_step(&mut self, verdict: [f32; 2]) -> Result<Option<Rescaled>> {
        let is_above_one = self.scale.is_above_one();
        let is_finite = FiniteNorm::of(verdict).is_finite();
        let rescaled = self.scale.note(self.name, is_finite);
        if is_above_one && !is_finite {
            self.guard.note_overflow();
        } else {
            let noted = self.note(verdict);
            noted.map_err(|error| if self.scale.moves() { error.hint(TOO_LARGE_FOR_F16) } else { error })?;
        }
        Ok(rescaled)
    }

    /// Takes note of the verdict on gradients that somebody else has taken a step against, of a loss that was not
    /// scaled.
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
        self.scale.save(self.name, counters);
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
        self.scale.restore(self.name, counters);
        self.adam.restore(self.name, tensors, counters)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use burn::tensor::{Device, FloatDType};

    use super::*;
    use crate::error::Kind;
    use crate::gpu::kernels::read_verdict;
    use crate::model::{Init, LayoutBuilder};

    /// A network of three zeros.
    fn net(optimiser: &Optimiser) -> Trainee {
        let mut builder = LayoutBuilder::new();
        builder.add("w".into(), &[3], Init::Zeros);
        let weights = Weights::init(Arc::new(builder.finish()), 0, &Device::flex());
        Trainee::new("net", weights, true, 0.9, optimiser)
    }

    fn step(net: &mut Trainee, gradient: [f32; 3]) -> Result<Option<Rescaled>> {
        let at = At { step: 0, images: 1000 };
        let update = Update { at, batch: 10, learning_rate: 0.1, ema_halflife_kimg: 1.0 };
        // As long as the block is.
        let gradient = Tensor::from_data(gradient, &Device::flex());
        let rest = net.weights.layout().block_lens()[0] - 3;
        let gradient = Tensor::cat(vec![gradient, Tensor::zeros([rest], &Device::flex())], 0);
        let verdict = net.descend(vec![gradient], update);
        net.note_step(read_verdict(verdict)?)
    }

    #[test]
    fn bad_steps_are_left_out_or_mended_and_ten_in_a_row_are_the_end() {
        for (bad_gradients, moves) in [(BadGradients::Skip, false), (BadGradients::Sanitise, true)] {
            let mut net = net(&Optimiser { bad_gradients, ..Optimiser::default() });
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
                    if count < 10 { Ok(None) } else { Err(Kind::Diverged) }
                );
            }
        }
    }

    /// From 2^10 down each scale is that of two steps, and only bad steps at 1 are counted towards the end.
    #[test]
    fn a_scaled_loss_that_overflows_is_halved_before_it_counts() {
        let mut net = net(&Optimiser::default()).scaled(LossScale::of(FloatDType::F16));
        let start = net.weights.named().expect("numbers");
        for number in 0..20 {
            assert_eq!(net.loss_scale(), 2_f64.powi(10 - number / 2));
            let told = step(&mut net, [f32::NAN, 0.0, 1.0]).expect("an overflow").expect("a word of it");
            let scale = 1 << (9 - number / 2);
            assert_eq!(told, Rescaled { network: "net", scale, overflowed: true });
            assert!(net.gradient_norm().is_nan());
        }
        assert_eq!((net.bad_steps(), net.guard.in_a_row, net.loss_scale()), (20, 0, 1.0));
        for _ in 0..9 {
            assert_eq!(step(&mut net, [f32::NAN, 0.0, 1.0]), Ok(None));
        }
        assert_eq!(net.weights.named().expect("numbers"), start, "a bad step is left out");
        let error = step(&mut net, [f32::INFINITY; 3]).expect_err("ten in a row");
        assert_eq!(error.kind, Kind::Diverged);
        assert!(error.remedy.is_some_and(|remedy| remedy.contains("f32")));
    }
}
