//! Autodiff's part: what the forward pass keeps, and the gradients that it makes of that.

use burn::backend::Backend;
use burn::backend::autodiff::Autodiff;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::tensor::FloatTensor;

use super::super::differentiable::{Slopes, record};
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
        record::<B, C, _, 3>([x_node, weight_node, bias_node], y, kept)
    }

    // The slopes themselves stay differentiable, burn's own: the trait's default bodies.
}

impl<B: SameConvOps> Slopes<B, 3> for Kept<B> {
    fn slopes(self, gradient: FloatTensor<B>, wanted: [bool; 3]) -> [Option<FloatTensor<B>>; 3] {
        let Self { weight, affine } = self;
        let slope = wanted[0].then(|| B::same_conv_slope(weight.clone(), gradient.clone()));
        let Some(Affine { x, bias }) = affine else { return [slope, None, None] };
        let (weight_slope, bias_slope) = B::same_conv_slopes_affine(x, weight, bias, gradient);
        [slope, Some(weight_slope), Some(bias_slope)]
    }
}
