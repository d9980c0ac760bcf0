//! Group normalisation (Wu and He, 2018) with the activation that follows it, as one operation. On a
//! CPU its few passes over one group's values stay in cache, where burn's own operations make ten
//! passes over the whole batch and twenty backward.

mod backends;
mod backward;
mod composed;
mod cost;
mod rows;
#[cfg(test)]
mod tests;

use burn::backend::tensor::FloatTensor;
use burn::backend::{Backend, Dispatch, Shape, backend_extension};
use burn::tensor::Tensor;

pub(super) use backward::Kept;
pub use composed::group_norm_composed;

/// What is applied to the normalised values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activation {
    None,
    /// z · sigmoid(z).
    Silu,
}

/// What a group norm is, beside its tensors.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Norm {
    /// The channels fall into so many groups of neighbours.
    pub groups: usize,
    /// Added to the variance.
    pub eps: f32,
    pub activation: Activation,
}

/// `y = act(weight_c (x - mean_g) / sqrt(variance_g + eps) + bias_c)` for `x`: `[batch, channels, height,
/// width]`, `weight` and `bias`: `[channels]`. Mean and (biased) variance are those of a sample's group.
///
/// `x` may be in half precision, and the result is what it is; the statistics are in single precision, as `weight` and
/// `bias`. Gradients reach all three.
///
/// # Panics
/// If `groups` does not divide the channels, or `weight` or `bias` is not one number a channel.
pub fn group_norm(
    x: Tensor<4>,
    weight: Tensor<1>,
    bias: Tensor<1>,
    groups: usize,
    eps: f32,
    activation: Activation,
) -> Tensor<4> {
    let channels = x.dims()[1];
    assert!(
        groups > 0 && channels.is_multiple_of(groups),
        "group_norm: {channels} channels in {groups} groups"
    );
    assert_eq!(
        [weight.dims()[0], bias.dims()[0]],
        [channels; 2],
        "group_norm: one weight, one bias a channel"
    );
    let (y, _statistics) = <Dispatch as GroupNormOps>::group_norm(
        x.into_dispatch(),
        weight.into_dispatch(),
        bias.into_dispatch(),
        Norm { groups, eps, activation },
    );
    Tensor::from_dispatch(y)
}

/// The norm and its slopes as operations of a backend; without a kernel they are composed.
#[backend_extension(Cube, Flex, Autodiff, Fusion: cfg(feature = "fusion"))]
pub trait GroupNormOps: Backend {
    /// `y`, in the shape of `x`, and mean and 1 / sqrt(variance + eps) of each group,
    /// `[batch, groups, 2]`, which are constants to autodiff.
    #[fusion(meta = |x, _weight, _bias, norm| (x.clone(), statistics_spec(x, norm)))]
    fn group_norm(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        norm: Norm,
    ) -> (FloatTensor<Self>, FloatTensor<Self>) {
        composed::norm::<Self>(x, weight, bias, norm)
    }

    /// Gradient in `x` from that in `y`: all that a frozen norm is asked for.
    #[fusion(dtype = x, shape = x)]
    fn group_norm_slope(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        statistics: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        norm: Norm,
    ) -> FloatTensor<Self> {
        // Statistics anew from `x`, so that autodiff can follow them.
        let _ = statistics;
        composed::slope::<Self>(x, weight, bias, gradient, norm)
    }

    /// Gradients in `weight` and `bias`.
    #[fusion(meta = |_x, weight, bias, _statistics, _gradient, _norm| (weight.clone(), bias.clone()))]
    fn group_norm_slopes_affine(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        statistics: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        norm: Norm,
    ) -> (FloatTensor<Self>, FloatTensor<Self>) {
        let _ = statistics;
        composed::slopes_affine::<Self>(x, weight, bias, gradient, norm)
    }

    /// Gradients in `x`, `weight` and `bias`, by both operations above. (On a CPU one pass gives them all.)
    #[fusion(default)]
    fn group_norm_slopes(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        statistics: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        norm: Norm,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>) {
        slopes_apart::<Self>([x, weight, bias, statistics, gradient], norm)
    }
}

/// Gradients in the first three of `[x, weight, bias, statistics, gradient]`.
fn slopes_apart<B: GroupNormOps>(
    inputs: [FloatTensor<B>; 5],
    norm: Norm,
) -> (FloatTensor<B>, FloatTensor<B>, FloatTensor<B>) {
    let [x, weight, bias, statistics, gradient] = inputs.clone();
    let x_slope = B::group_norm_slope(x, weight, bias, statistics, gradient, norm);
    let [x, weight, bias, statistics, gradient] = inputs;
    let (weight_slope, bias_slope) = B::group_norm_slopes_affine(x, weight, bias, statistics, gradient, norm);
    (x_slope, weight_slope, bias_slope)
}

#[cfg(feature = "fusion")]
fn statistics_spec(
    x: &burn::backend::fusion::custom::TensorSpec,
    norm: &Norm,
) -> burn::backend::fusion::custom::TensorSpec {
    let shape = Shape::new([x.shape[0], norm.groups, 2]);
    burn::backend::fusion::custom::TensorSpec::new(shape, super::composed::wide(x.dtype))
}

/// How a norm lies over an image batch `[batch, channels, height, width]` in row-major order: one row
/// of values per sample and group.
#[derive(Clone, Copy, Debug)]
struct Plan {
    batch: usize,
    groups: usize,
    /// Channels of one group.
    channels: usize,
    /// Values of one channel.
    pixels: usize,
    eps: f32,
    activation: Activation,
}

impl Plan {
    fn new(images: &Shape, norm: Norm) -> Self {
        let Norm { groups, eps, activation } = norm;
        let pixels = images[2] * images[3];
        Self { batch: images[0], groups, channels: images[1] / groups, pixels, eps, activation }
    }

    /// Values of one group of one sample.
    fn row(&self) -> usize {
        self.channels * self.pixels
    }

    fn rows(&self) -> usize {
        self.batch * self.groups
    }

    fn all_channels(&self) -> usize {
        self.groups * self.channels
    }
}
