//! Autodiff's part: what the forward passes keep, and the gradients that they make of that.

use burn::backend::autodiff::Autodiff;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::tensor::FloatTensor;
use burn::backend::{AutodiffBackend, Backend};

use super::super::differentiable::{Slopes, record};
use super::ScoreLossOps;

#[derive(Clone, Debug)]
struct KeptOfSid<B: Backend> {
    y: FloatTensor<B>,
    real: FloatTensor<B>,
    fake: FloatTensor<B>,
    factor: FloatTensor<B>,
    alpha: f64,
}

#[derive(Clone, Debug)]
struct KeptOfMatching<B: Backend> {
    real: FloatTensor<B>,
    fake: FloatTensor<B>,
    factor: FloatTensor<B>,
}

impl<B: ScoreLossOps, C: CheckpointStrategy> ScoreLossOps for Autodiff<B, C> {
    fn sid_generator_loss(
        y: FloatTensor<Self>,
        real: FloatTensor<Self>,
        fake: FloatTensor<Self>,
        alpha: f64,
    ) -> (FloatTensor<Self>, FloatTensor<Self>) {
        let (y, y_node) = y.into_parts();
        let (real, real_node) = real.into_parts();
        let (fake, fake_node) = fake.into_parts();
        let (loss, factor) = B::sid_generator_loss(y.clone(), real.clone(), fake.clone(), alpha);
        let kept = KeptOfSid::<B> { y, real, fake, factor: factor.clone(), alpha };
        let loss = record::<B, C, _, 3>([y_node, real_node, fake_node], loss, kept);
        (loss, <Self as AutodiffBackend>::from_inner(factor))
    }

    fn distribution_matching(
        y: FloatTensor<Self>,
        real: FloatTensor<Self>,
        fake: FloatTensor<Self>,
    ) -> (FloatTensor<Self>, FloatTensor<Self>) {
        let (y, y_node) = y.into_parts();
        let [real, fake] = [real, fake].map(|constant| constant.into_primitive());
        let (loss, factor) = B::distribution_matching(y, real.clone(), fake.clone());
        let kept = KeptOfMatching::<B> { real, fake, factor: factor.clone() };
        let loss = record::<B, C, _, 1>([y_node], loss, kept);
        (loss, <Self as AutodiffBackend>::from_inner(factor))
    }

    // The slopes themselves stay differentiable, composed: the trait's default bodies.
}

impl<B: ScoreLossOps> Slopes<B, 3> for KeptOfSid<B> {
    fn slopes(self, gradient: FloatTensor<B>, _wanted: [bool; 3]) -> [Option<FloatTensor<B>>; 3] {
        let Self { y, real, fake, factor, alpha } = self;
        let scale = B::float_mul(gradient, factor);
        let (y, real, fake) = B::sid_generator_slopes(y, real, fake, scale, alpha);
        [y, real, fake].map(Some)
    }
}

impl<B: ScoreLossOps> Slopes<B, 1> for KeptOfMatching<B> {
    fn slopes(self, gradient: FloatTensor<B>, _wanted: [bool; 1]) -> [Option<FloatTensor<B>>; 1] {
        let scale = B::float_mul(gradient, self.factor);
        [Some(B::distribution_matching_slope(self.real, self.fake, scale))]
    }
}
