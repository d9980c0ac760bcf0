//! The steps on burn's CPU tensors: one pass that reads every number once and writes it once.

use burn::backend::Flex;
use burn::backend::flex::FlexTensor;
use burn::backend::tensor::FloatTensor;

use super::super::cpu;
use super::super::finite_norm::FiniteNorm;
use super::rule::Rule;
use super::{AdamNumbers, AdamOps, BadStep, IN_PLACE_OF_INFINITY, composed};

impl AdamOps for Flex {
    fn adam_step(
        weights: FloatTensor<Self>,
        mean: FloatTensor<Self>,
        square: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        verdict: FloatTensor<Self>,
        numbers: AdamNumbers,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>) {
        let takes = cpu::takes(&[&weights, &mean, &square, &gradient, &verdict]);
        let blocks = [weights, mean, square];
        if !takes {
            return composed::step::<Self>(blocks, gradient, verdict, numbers).into();
        }
        let rule = Rule::of(numbers);
        match (is_bad(verdict), numbers.bad) {
            (false, _) => step(blocks, gradient, rule, |g| g),
            (true, BadStep::Mend) => step(blocks, gradient, rule, mended),
            (true, BadStep::Keep) => blocks,
        }
        .into()
    }

    fn adam_step_averaged(
        weights: FloatTensor<Self>,
        mean: FloatTensor<Self>,
        square: FloatTensor<Self>,
        average: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        verdict: FloatTensor<Self>,
        numbers: AdamNumbers,
        keep: f64,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>) {
        let takes = cpu::takes(&[&weights, &mean, &square, &average, &gradient, &verdict]);
        let blocks = [weights, mean, square, average];
        if !takes {
            return composed::averaged::<Self>(blocks, gradient, verdict, numbers, keep).into();
        }
        let rule = Rule::of(numbers);
        match (is_bad(verdict), numbers.bad) {
            (false, _) => step_averaged(blocks, gradient, rule, keep, |g| g),
            (true, BadStep::Mend) => step_averaged(blocks, gradient, rule, keep, mended),
            (true, BadStep::Keep) => blocks,
        }
        .into()
    }
}

/// One pass; `seen` is what a gradient counts as.
fn step(
    blocks: [FlexTensor; 3],
    gradient: FlexTensor,
    rule: Rule,
    seen: impl Fn(f32) -> f32 + Sync + Send,
) -> [FlexTensor; 3] {
    cpu::in_place(blocks, gradient, |[w, m, v], g| {
        for (((w, m), v), g) in w.iter_mut().zip(m).zip(v).zip(g) {
            rule.apply(w, m, v, seen(*g));
        }
    })
}

/// The same with the average.
fn step_averaged(
    blocks: [FlexTensor; 4],
    gradient: FlexTensor,
    rule: Rule,
    keep: f64,
    seen: impl Fn(f32) -> f32 + Sync + Send,
) -> [FlexTensor; 4] {
    let (keep, rest) = (keep as f32, (1.0 - keep) as f32);
    cpu::in_place(blocks, gradient, |[w, m, v, a], g| {
        for ((((w, m), v), a), g) in w.iter_mut().zip(m).zip(v).zip(a).zip(g) {
            rule.apply(w, m, v, seen(*g));
            *a = *a * keep + *w * rest;
        }
    })
}

fn is_bad(verdict: FlexTensor) -> bool {
    let verdict = cpu::contiguous(verdict);
    let numbers = cpu::slice(&verdict);
    !FiniteNorm::of([numbers[0], numbers[1]]).is_finite()
}

fn mended(gradient: f32) -> f32 {
    if gradient.is_finite() {
        gradient
    } else if gradient.is_nan() {
        0.0
    } else {
        IN_PLACE_OF_INFINITY.copysign(gradient)
    }
}
