//! Autodiff's part: what the forward pass keeps, and the gradients that it makes of that.

use burn::backend::Backend;
use burn::backend::autodiff::Autodiff;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::tensor::FloatTensor;

use super::super::differentiable::{Slopes, record};
use super::super::{Mask, Norm, group_norm};
use super::{NormConvOps, dropped, normalised};

/// Of all images only those before the norm.
#[derive(Clone, Debug)]
struct Kept<B: Backend> {
    norm: group_norm::Kept<B>,
    mask: Option<Mask>,
    weight: FloatTensor<B>,
    /// None where weights and bias are frozen: then nothing is normalised again.
    bias: Option<FloatTensor<B>>,
}

impl<B: NormConvOps, C: CheckpointStrategy> NormConvOps for Autodiff<B, C> {
    fn norm_conv(
        x: FloatTensor<Self>,
        norm_weight: FloatTensor<Self>,
        norm_bias: FloatTensor<Self>,
        norm: Norm,
        mask: Option<Mask>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
    ) -> FloatTensor<Self> {
        let is_frozen = !weight.is_tracked() && !bias.is_tracked();
        let (x, x_node) = x.into_parts();
        let (norm_weight, norm_weight_node) = norm_weight.into_parts();
        let (norm_bias, norm_bias_node) = norm_bias.into_parts();
        let (weight, weight_node) = weight.into_parts();
        let (bias, bias_node) = bias.into_parts();
        let (images, statistics) =
            normalised::<B>(x.clone(), norm_weight.clone(), norm_bias.clone(), norm, mask);
        let kept = Kept::<B> {
            norm: group_norm::Kept::<B> { x, weight: norm_weight, bias: norm_bias, statistics, norm },
            mask,
            weight: weight.clone(),
            bias: (!is_frozen).then(|| bias.clone()),
        };
        let y = B::same_conv(images, weight, bias);
        record::<B, C, _, 5>([x_node, norm_weight_node, norm_bias_node, weight_node, bias_node], y, kept)
    }
}

impl<B: NormConvOps> Kept<B> {
    /// The images that the convolution saw.
    fn images(&self) -> FloatTensor<B> {
        let group_norm::Kept { x, weight, bias, norm, .. } = self.norm.clone();
        let (images, _statistics) = normalised::<B>(x, weight, bias, norm, self.mask);
        images
    }
}

/// Made of the slopes of the three operations, which stay differentiable.
impl<B: NormConvOps> Slopes<B, 5> for Kept<B> {
    fn slopes(self, gradient: FloatTensor<B>, wanted: [bool; 5]) -> [Option<FloatTensor<B>>; 5] {
        // They come first: the images are gone again before the next ones are made.
        let affine = self.bias.clone().map(|bias| {
            B::same_conv_slopes_affine(self.images(), self.weight.clone(), bias, gradient.clone())
        });
        let (weight_slope, bias_slope) = affine.unzip();
        let [x, norm_weight, norm_bias, ..] = wanted;
        let before = [x, norm_weight, norm_bias];
        if before == [false; 3] {
            return [None, None, None, weight_slope, bias_slope];
        }
        let gradient = dropped::<B>(B::same_conv_slope(self.weight, gradient), self.mask);
        let [x_slope, norm_weight_slope, norm_bias_slope] =
            Slopes::<B, 3>::slopes(self.norm, gradient, before);
        [x_slope, norm_weight_slope, norm_bias_slope, weight_slope, bias_slope]
    }
}
