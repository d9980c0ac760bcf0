//! The steps on burn's CPU tensors: one pass that reads every number once and writes it once.

use burn::backend::Flex;
use burn::backend::tensor::FloatTensor;

use super::super::cpu;
use super::{AdamNumbers, AdamOps, composed};

/// The step's numbers, rounded as burn rounds them, and its arithmetic in the composition's order: the two
/// give the same bits.
#[derive(Clone, Copy)]
struct Rule {
    beta1: f32,
    rest1: f32,
    beta2: f32,
    rest2: f32,
    eps: f32,
    rate: f32,
    correction2: f32,
}

impl Rule {
    fn of(numbers: AdamNumbers) -> Self {
        let AdamNumbers { beta1, beta2, eps, rate, correction2 } = numbers;
        let [rest1, rest2] = [beta1, beta2].map(|beta| (1.0 - beta) as f32);
        let [beta1, beta2, eps, rate] = [beta1, beta2, eps, rate].map(|number| number as f32);
        Self { beta1, rest1, beta2, rest2, eps, rate, correction2: correction2 as f32 }
    }

    /// Moves one weight, its mean and its square by its gradient.
    #[inline(always)]
    fn apply(self, w: &mut f32, m: &mut f32, v: &mut f32, g: f32) {
        *m = *m * self.beta1 + g * self.rest1;
        *v = *v * self.beta2 + g * g * self.rest2;
        *w -= *m / ((*v / self.correction2).sqrt() + self.eps) * self.rate;
    }
}

impl AdamOps for Flex {
    fn adam_step(
        weights: FloatTensor<Self>,
        mean: FloatTensor<Self>,
        square: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        numbers: AdamNumbers,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>) {
        if !cpu::takes(&[&weights, &mean, &square, &gradient]) {
            return composed::step::<Self>(weights, mean, square, gradient, numbers);
        }
        let rule = Rule::of(numbers);
        cpu::in_place([weights, mean, square], gradient, |[w, m, v], g| {
            for (((w, m), v), g) in w.iter_mut().zip(m).zip(v).zip(g) {
                rule.apply(w, m, v, *g);
            }
        })
        .into()
    }

    fn adam_step_averaged(
        weights: FloatTensor<Self>,
        mean: FloatTensor<Self>,
        square: FloatTensor<Self>,
        average: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        numbers: AdamNumbers,
        keep: f64,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>) {
        if !cpu::takes(&[&weights, &mean, &square, &average, &gradient]) {
            return composed::averaged::<Self>(weights, mean, square, average, gradient, numbers, keep);
        }
        let rule = Rule::of(numbers);
        let (keep, rest) = (keep as f32, (1.0 - keep) as f32);
        cpu::in_place([weights, mean, square, average], gradient, |[w, m, v, a], g| {
            for ((((w, m), v), a), g) in w.iter_mut().zip(m).zip(v).zip(a).zip(g) {
                rule.apply(w, m, v, *g);
                *a = *a * keep + *w * rest;
            }
        })
        .into()
    }
}
