//! Backward of an operation that only sees the difference of two images: the gradient in the second
//! is the negative of that in the first.

use std::fmt::Debug;
use std::marker::PhantomData;

use burn::backend::Backend;
use burn::backend::autodiff::Autodiff;
use burn::backend::autodiff::checkpoint::base::Checkpointer;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::autodiff::grads::Gradients;
use burn::backend::autodiff::ops::{Backward, NodeGuard, Ops, OpsKind};
use burn::backend::tensor::FloatTensor;

/// What an operation keeps from its forward pass, and what it makes of it.
pub trait Slope<B: Backend>: Clone + Debug + Send + 'static {
    /// The gradient in the first image, from the gradient in the operation's result.
    fn slope(self, gradient: FloatTensor<B>) -> FloatTensor<B>;
}

/// Runs the operation and, if either image wants gradients, records how to go back.
pub fn record<B: Backend, C: CheckpointStrategy, S: Slope<B>>(
    images: [NodeGuard; 2],
    run: impl FnOnce() -> (FloatTensor<B>, S),
) -> FloatTensor<Autodiff<B, C>> {
    let (result, kept) = run();
    match OppositeSlopes::<S>(PhantomData).prepare::<C>(images).compute_bound().stateful() {
        OpsKind::Tracked(prepared) => prepared.finish(kept, result),
        OpsKind::UnTracked(prepared) => prepared.finish(result),
    }
}

#[derive(Debug)]
struct OppositeSlopes<S>(PhantomData<S>);

impl<B: Backend, S: Slope<B>> Backward<B, 2> for OppositeSlopes<S> {
    type State = S;

    fn backward(self, ops: Ops<S, 2>, grads: &mut Gradients, _checkpointer: &mut Checkpointer) {
        let [first, second] = ops.parents;
        let slope = ops.state.slope(grads.consume::<B>(&ops.node));
        if let Some(node) = second {
            grads.register::<B>(node.id, B::float_neg(slope.clone()));
        }
        if let Some(node) = first {
            grads.register::<B>(node.id, slope);
        }
    }
}
