//! Autodiff's part: what the forward pass keeps, and where the gradient goes.

use burn::backend::AutodiffBackend;
use burn::backend::Backend;
use burn::backend::autodiff::Autodiff;
use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::tensor::FloatTensor;

use super::AttentionOps;

#[derive(Clone, Debug)]
struct Kept<B: Backend> {
    qkv: FloatTensor<B>,
    kept: FloatTensor<B>,
}

impl<B: AttentionOps, C: CheckpointStrategy> AttentionOps for Autodiff<B, C> {
    fn self_attention(qkv: FloatTensor<Self>) -> (FloatTensor<Self>, FloatTensor<Self>) {
        let (qkv, node) = qkv.into_parts();
        let (y, kept) = B::self_attention(qkv.clone());
        let state = Kept::<B> { qkv, kept: kept.clone() };
        let y = match AttentionBackward.prepare::<C>([node]).compute_bound().stateful() {
            OpsKind::Tracked(prepared) => prepared.finish(state, y),
            OpsKind::UnTracked(prepared) => prepared.finish(y),
        };
        (y, <Self as AutodiffBackend>::from_inner(kept))
    }
}

#[derive(Debug)]
struct AttentionBackward;

impl<B: AttentionOps> Backward<B, 1> for AttentionBackward {
    type State = Kept<B>;

    fn backward(self, ops: Ops<Kept<B>, 1>, grads: &mut Gradients, _checkpointer: &mut Checkpointer) {
        let gradient = grads.consume::<B>(&ops.node);
        let [parent] = ops.parents;
        if let Some(node) = parent {
            let Kept { qkv, kept } = ops.state;
            grads.register::<B>(node.id, B::self_attention_slope(qkv, kept, gradient));
        }
    }
}
