//! Autodiff's part: what the forward pass keeps, and where the gradients go.

use burn::backend::AutodiffBackend;
use burn::backend::Backend;
use burn::backend::autodiff::Autodiff;
use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::tensor::FloatTensor;

use super::{GroupNormOps, Norm};

#[derive(Clone, Debug)]
struct Kept<B: Backend> {
    x: FloatTensor<B>,
    weight: FloatTensor<B>,
    bias: FloatTensor<B>,
    statistics: FloatTensor<B>,
    norm: Norm,
}

impl<B: GroupNormOps, C: CheckpointStrategy> GroupNormOps for Autodiff<B, C> {
    fn group_norm(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        norm: Norm,
    ) -> (FloatTensor<Self>, FloatTensor<Self>) {
        let (x, x_node) = x.into_parts();
        let (weight, weight_node) = weight.into_parts();
        let (bias, bias_node) = bias.into_parts();
        let (y, statistics) = B::group_norm(x.clone(), weight.clone(), bias.clone(), norm);
        let kept = Kept::<B> { x, weight, bias, statistics: statistics.clone(), norm };
        let nodes = [x_node, weight_node, bias_node];
        let y = match GroupNormBackward.prepare::<C>(nodes).compute_bound().stateful() {
            OpsKind::Tracked(prepared) => prepared.finish(kept, y),
            OpsKind::UnTracked(prepared) => prepared.finish(y),
        };
        (y, <Self as AutodiffBackend>::from_inner(statistics))
    }

    // The slopes themselves stay differentiable, composed: the trait's default body.
}

#[derive(Debug)]
struct GroupNormBackward;

impl<B: GroupNormOps> Backward<B, 3> for GroupNormBackward {
    type State = Kept<B>;

    fn backward(self, ops: Ops<Kept<B>, 3>, grads: &mut Gradients, _checkpointer: &mut Checkpointer) {
        let gradient = grads.consume::<B>(&ops.node);
        let Kept { x, weight, bias, statistics, norm } = ops.state;
        let (x, weight, bias) = B::group_norm_slopes(x, weight, bias, statistics, gradient, norm);
        for (parent, slope) in ops.parents.into_iter().zip([x, weight, bias]) {
            if let Some(node) = parent {
                grads.register::<B>(node.id, slope);
            }
        }
    }
}
