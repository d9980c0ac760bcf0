//! Autodiff's part: what the forward passes keep, and where the gradients go.

use burn::backend::AutodiffBackend;
use burn::backend::Backend;
use burn::backend::autodiff::Autodiff;
use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::tensor::FloatTensor;

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
        let nodes = [y_node, real_node, fake_node];
        let loss = match SidBackward.prepare::<C>(nodes).compute_bound().stateful() {
            OpsKind::Tracked(prepared) => prepared.finish(kept, loss),
            OpsKind::UnTracked(prepared) => prepared.finish(loss),
        };
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
        let loss = match MatchingBackward.prepare::<C>([y_node]).compute_bound().stateful() {
            OpsKind::Tracked(prepared) => prepared.finish(kept, loss),
            OpsKind::UnTracked(prepared) => prepared.finish(loss),
        };
        (loss, <Self as AutodiffBackend>::from_inner(factor))
    }

    // The slopes themselves stay differentiable, composed: the trait's default bodies.
}

#[derive(Debug)]
struct SidBackward;

impl<B: ScoreLossOps> Backward<B, 3> for SidBackward {
    type State = KeptOfSid<B>;

    fn backward(self, ops: Ops<KeptOfSid<B>, 3>, grads: &mut Gradients, _checkpointer: &mut Checkpointer) {
        let gradient = grads.consume::<B>(&ops.node);
        let KeptOfSid { y, real, fake, factor, alpha } = ops.state;
        let scale = B::float_mul(gradient, factor);
        let (y, real, fake) = B::sid_generator_slopes(y, real, fake, scale, alpha);
        for (parent, slope) in ops.parents.into_iter().zip([y, real, fake]) {
            if let Some(node) = parent {
                grads.register::<B>(node.id, slope);
            }
        }
    }
}

#[derive(Debug)]
struct MatchingBackward;

impl<B: ScoreLossOps> Backward<B, 1> for MatchingBackward {
    type State = KeptOfMatching<B>;

    fn backward(
        self,
        ops: Ops<KeptOfMatching<B>, 1>,
        grads: &mut Gradients,
        _checkpointer: &mut Checkpointer,
    ) {
        let gradient = grads.consume::<B>(&ops.node);
        let [parent] = ops.parents;
        if let Some(node) = parent {
            let KeptOfMatching { real, fake, factor } = ops.state;
            let scale = B::float_mul(gradient, factor);
            grads.register::<B>(node.id, B::distribution_matching_slope(real, fake, scale));
        }
    }
}
