//! Autodiff's part: what the forward pass keeps, and the gradients that it makes of that.

use burn::backend::autodiff::Autodiff;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::tensor::FloatTensor;
use burn::backend::{AutodiffBackend, Backend};

use super::super::differentiable::{Slopes, record};
use super::{GroupNormOps, Norm};

#[derive(Clone, Debug)]
pub struct Kept<B: Backend> {
    pub x: FloatTensor<B>,
    pub weight: FloatTensor<B>,
    pub bias: FloatTensor<B>,
    pub statistics: FloatTensor<B>,
    pub norm: Norm,
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
        let y = record::<B, C, _, 3>([x_node, weight_node, bias_node], y, kept);
        (y, <Self as AutodiffBackend>::from_inner(statistics))
    }

    // The slopes themselves stay differentiable, composed: the trait's default bodies.
}

impl<B: GroupNormOps> Slopes<B, 3> for Kept<B> {
    fn slopes(self, gradient: FloatTensor<B>, wanted: [bool; 3]) -> [Option<FloatTensor<B>>; 3] {
        let Self { x, weight, bias, statistics, norm } = self;
        match wanted {
            [true, false, false] => {
                [Some(B::group_norm_slope(x, weight, bias, statistics, gradient, norm)), None, None]
            }
            [false, ..] => {
                let slopes = B::group_norm_slopes_affine(x, weight, bias, statistics, gradient, norm);
                [None, Some(slopes.0), Some(slopes.1)]
            }
            _ => {
                let slopes = B::group_norm_slopes(x, weight, bias, statistics, gradient, norm);
                [slopes.0, slopes.1, slopes.2].map(Some)
            }
        }
    }
}
