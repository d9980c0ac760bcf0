//! Autodiff's part: where the gradients go.

use burn::backend::TensorMetadata;
use burn::backend::autodiff::Autodiff;
use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, Ops, OpsKind};
use burn::backend::tensor::FloatTensor;

use super::JointOps;

impl<B: JointOps, C: CheckpointStrategy> JointOps for Autodiff<B, C> {
    fn scaled_sum(a: FloatTensor<Self>, b: FloatTensor<Self>, scale: f64) -> FloatTensor<Self> {
        let ((a, a_node), (b, b_node)) = (a.into_parts(), b.into_parts());
        let sum = B::scaled_sum(a, b, scale);
        match ScaledSumBackward.prepare::<C>([a_node, b_node]).compute_bound().stateful() {
            OpsKind::Tracked(prepared) => prepared.finish(scale, sum),
            OpsKind::UnTracked(prepared) => prepared.finish(sum),
        }
    }

    fn shifted(x: FloatTensor<Self>, shift: FloatTensor<Self>) -> FloatTensor<Self> {
        let ((x, x_node), (shift, shift_node)) = (x.into_parts(), shift.into_parts());
        let y = B::shifted(x, shift);
        match ShiftedBackward.prepare::<C>([x_node, shift_node]).compute_bound().stateful() {
            OpsKind::Tracked(prepared) => prepared.finish((), y),
            OpsKind::UnTracked(prepared) => prepared.finish(y),
        }
    }

    fn joined(a: FloatTensor<Self>, b: FloatTensor<Self>) -> FloatTensor<Self> {
        let ((a, a_node), (b, b_node)) = (a.into_parts(), b.into_parts());
        let channels = a.shape()[1];
        let all = B::joined(a, b);
        match JoinedBackward.prepare::<C>([a_node, b_node]).compute_bound().stateful() {
            OpsKind::Tracked(prepared) => prepared.finish(channels, all),
            OpsKind::UnTracked(prepared) => prepared.finish(all),
        }
    }

    // The slopes themselves stay differentiable, burn's own: the trait's default bodies.
}

#[derive(Debug)]
struct ScaledSumBackward;

impl<B: JointOps> Backward<B, 2> for ScaledSumBackward {
    type State = f64;

    fn backward(self, ops: Ops<f64, 2>, grads: &mut Gradients, _checkpointer: &mut Checkpointer) {
        let slope = B::scaled(grads.consume::<B>(&ops.node), ops.state);
        for node in ops.parents.into_iter().flatten() {
            grads.register::<B>(node.id, slope.clone());
        }
    }
}

#[derive(Debug)]
struct ShiftedBackward;

impl<B: JointOps> Backward<B, 2> for ShiftedBackward {
    type State = ();

    fn backward(self, ops: Ops<(), 2>, grads: &mut Gradients, _checkpointer: &mut Checkpointer) {
        let gradient = grads.consume::<B>(&ops.node);
        let [x, shift] = ops.parents;
        if let Some(node) = shift {
            grads.register::<B>(node.id, B::channel_sums(gradient.clone()));
        }
        if let Some(node) = x {
            grads.register::<B>(node.id, gradient);
        }
    }
}

#[derive(Debug)]
struct JoinedBackward;

impl<B: JointOps> Backward<B, 2> for JoinedBackward {
    type State = usize;

    fn backward(self, ops: Ops<usize, 2>, grads: &mut Gradients, _checkpointer: &mut Checkpointer) {
        let (a, b) = B::parted(grads.consume::<B>(&ops.node), ops.state);
        for (parent, slope) in ops.parents.into_iter().zip([a, b]) {
            if let Some(node) = parent {
                grads.register::<B>(node.id, slope);
            }
        }
    }
}
