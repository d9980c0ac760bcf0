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
    weight: FloatTensor<B>,
    /// What only the gradients in weights and bias need: a frozen network keeps no images.
    affine: Option<Affine<B>>,
}

#[derive(Clone, Debug)]
struct Affine<B: Backend> {
    x: FloatTensor<B>,
    bias: FloatTensor<B>,
}

impl<B: SameConvOps, C: CheckpointStrategy> SameConvOps for Autodiff<B, C> {
    fn same_conv(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
    ) -> FloatTensor<Self> {
        let is_frozen = !weight.is_tracked() && !bias.is_tracked();
        let (x, x_node) = x.into_parts();
        let (weight, weight_node) = weight.into_parts();
        let (bias, bias_node) = bias.into_parts();
        let affine = (!is_frozen).then(|| Affine::<B> { x: x.clone(), bias: bias.clone() });
        let kept = Kept::<B> { weight: weight.clone(), affine };
        let y = B::same_conv(x, weight, bias);
        let nodes = [x_node, weight_node, bias_node];
        match SameConvBackward.prepare::<C>(nodes).compute_bound().stateful() {
            OpsKind::Tracked(prepared) => prepared.finish(kept, y),
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
        let Kept { weight, affine } = ops.state;
        let [x_node, weight_node, bias_node] = ops.parents;
        if let Some(node) = x_node {
            let slope = B::same_conv_slope(weight.clone(), gradient.clone());
            grads.register::<B>(node.id, slope);
        }
        if let Some(Affine { x, bias }) = affine {
            let (weight_slope, bias_slope) = B::same_conv_slopes_affine(x, weight, bias, gradient);
            for (parent, slope) in [(weight_node, weight_slope), (bias_node, bias_slope)] {
                if let Some(node) = parent {
                    grads.register::<B>(node.id, slope);
                }
            }
        }
    }
}
