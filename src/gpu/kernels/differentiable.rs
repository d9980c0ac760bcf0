//! Autodiff's part of an operation: what its forward pass keeps, and the gradients that it makes of that.

use std::fmt::Debug;
use std::marker::PhantomData;

use burn::backend::Backend;
use burn::backend::autodiff::Autodiff;
use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, NodeGuard, Ops, OpsKind};
use burn::backend::tensor::FloatTensor;

/// What an operation of `N` inputs and one result keeps of its forward pass.
pub trait Slopes<B: Backend, const N: usize>: Clone + Debug + Send + 'static {
    /// Gradients in the inputs from that in the result, in the inputs' order. Nobody asks for those that are not
    /// `wanted`: they may be left out.
    fn slopes(self, gradient: FloatTensor<B>, wanted: [bool; N]) -> [Option<FloatTensor<B>>; N];
}

/// `result` of an operation, with the way back recorded if any of its inputs wants a gradient.
pub fn record<B: Backend, C: CheckpointStrategy, S: Slopes<B, N>, const N: usize>(
    inputs: [NodeGuard; N],
    result: FloatTensor<B>,
    kept: S,
) -> FloatTensor<Autodiff<B, C>> {
    match Recorded::<S>(PhantomData).prepare::<C>(inputs).compute_bound().stateful() {
        OpsKind::Tracked(prepared) => prepared.finish(kept, result),
        OpsKind::UnTracked(prepared) => prepared.finish(result),
    }
}

/// Gradients in two images of which an operation sees the difference, from that in the first: the other is its
/// negative.
pub fn opposite<B: Backend>(slope: FloatTensor<B>, wanted: [bool; 2]) -> [Option<FloatTensor<B>>; 2] {
    let [first, second] = wanted;
    [first.then(|| slope.clone()), second.then(|| B::float_neg(slope))]
}

#[derive(Debug)]
struct Recorded<S>(PhantomData<S>);

impl<B: Backend, S: Slopes<B, N>, const N: usize> Backward<B, N> for Recorded<S> {
    type State = S;

    fn backward(self, ops: Ops<S, N>, grads: &mut Gradients, _checkpointer: &mut Checkpointer) {
        let gradient = grads.consume::<B>(&ops.node);
        let wanted = ops.parents.each_ref().map(Option::is_some);
        for (parent, slope) in ops.parents.into_iter().zip(ops.state.slopes(gradient, wanted)) {
            if let (Some(node), Some(slope)) = (parent, slope) {
                grads.register::<B>(node.id, slope);
            }
        }
    }
}
