//! Autodiff's part: what the forward pass keeps, and where the gradients go.

use burn::backend::Backend;
use burn::backend::autodiff::Autodiff;
use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::tensor::FloatTensor;

use super::SameConvOps;

#[derive(Clone, Debug)]
struct Kept<B: Backend> {
    x: FloatTensor<B>,
    weight: FloatTensor<B>,
    bias: FloatTensor<B>,
}

impl<B: SameConvOps, C: CheckpointStrategy> SameConvOps for Autodiff<B, C> {
    fn same_conv(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
    ) -> FloatTensor<Self> {
        let (x, x_node) = x.into_parts();
        let (weight, weight_node) = weight.into_parts();
        let (bias, bias_node) = bias.into_parts();
        let y = B::same_conv(x.clone(), weight.clone(), bias.clone());
        let nodes = [x_node, weight_node, bias_node];
        match SameConvBackward.prepare::<C>(nodes).compute_bound().stateful() {
            OpsKind::Tracked(prepared) => prepared.finish(Kept::<B> { x, weight, bias }, y),
            OpsKind::UnTracked(prepared) => prepared.finish(y),
        }
    }

    // The slopes themselves stay differentiable, burn's own: the trait's default bodies.
}

#[derive(Debug)]
struct SameConvBackward;

impl<B: SameConvOps> Backward<B, 3> for SameConvBackward {
    type State = Kept<B>;

    fn backward(self, ops: Ops<Kept<B>, 3>, grads: &mut Gradients, _checkpointer: &mut Checkpointer) {
        let gradient = grads.consume::<B>(&ops.node);
        let Kept { x, weight, bias } = ops.state;
        let [x_node, weight_node, bias_node] = ops.parents;
        if let Some(node) = x_node {
            let slope = B::same_conv_slope(x.clone(), weight.clone(), gradient.clone());
            grads.register::<B>(node.id, slope);
        }
        // A frozen network asks for neither: half of the backward's work is then spared.
        if weight_node.is_some() || bias_node.is_some() {
            let (weight_slope, bias_slope) = B::same_conv_slopes_affine(x, weight, bias, gradient);
            for (parent, slope) in [(weight_node, weight_slope), (bias_node, bias_slope)] {
                if let Some(node) = parent {
                    grads.register::<B>(node.id, slope);
                }
            }
        }
    }
}
