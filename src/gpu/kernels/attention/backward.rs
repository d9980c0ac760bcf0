//! Autodiff's part: what the forward pass keeps, and the gradient that it makes of that.

use burn::backend::autodiff::Autodiff;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::tensor::FloatTensor;
use burn::backend::{AutodiffBackend, Backend};

use super::super::differentiable::{Slopes, record};
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
        let y = record::<B, C, _, 1>([node], y, Kept::<B> { qkv, kept: kept.clone() });
        (y, <Self as AutodiffBackend>::from_inner(kept))
    }
}

impl<B: AttentionOps> Slopes<B, 1> for Kept<B> {
    fn slopes(self, gradient: FloatTensor<B>, _wanted: [bool; 1]) -> [Option<FloatTensor<B>>; 1] {
        [Some(B::self_attention_slope(self.qkv, self.kept, gradient))]
    }
}
