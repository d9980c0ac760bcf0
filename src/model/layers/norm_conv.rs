//! A norm and the convolution behind it, which a GPU takes as one.

use burn::tensor::Tensor;

use super::conv::Conv2d;
use super::norm::GroupNorm;
use crate::gpu::kernels::{self, Activation, Mask, dropout};
use crate::gpu::queues;
use crate::model::weights::Leaves;

/// `conv(dropout(activation(norm(x))))`, without dropout where there is no `mask`: `[batch, in, h, w] -> [batch, out,
/// h', w']`.
///
/// On a GPU the normalised images are not kept for the backward pass but made again: memory is scarce there and the norm
/// cheap. A CPU would pay with time, and a convolution that resamples sees other images than the norm's.
pub fn norm_conv(
    w: &Leaves,
    x: Tensor<4>,
    norm: (&GroupNorm, Activation),
    mask: Option<Mask>,
    conv: &Conv2d,
) -> Tensor<4> {
    let way = if conv.keeps_size() && queues(&x.device()) { together } else { apart };
    way(w, x, norm, mask, conv)
}

/// One operation. The convolution keeps the size of its images.
fn together(
    w: &Leaves,
    x: Tensor<4>,
    (norm, activation): (&GroupNorm, Activation),
    mask: Option<Mask>,
    conv: &Conv2d,
) -> Tensor<4> {
    let (affine, norm) = norm.parts(w, activation);
    let (weight, bias) = conv.parts(w);
    kernels::norm_conv(x, affine, norm, mask, weight, bias)
}

/// One operation after another.
fn apart(
    w: &Leaves,
    x: Tensor<4>,
    (norm, activation): (&GroupNorm, Activation),
    mask: Option<Mask>,
    conv: &Conv2d,
) -> Tensor<4> {
    let y = norm.apply(w, x, activation);
    let y = match mask {
        Some(mask) => dropout(y, mask),
        None => y,
    };
    conv.forward(w, y)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use burn::tensor::{Device, TensorData};

    use super::*;
    use crate::gpu::read;
    use crate::model::init::LayerInit;
    use crate::model::layers::{ConvConfig, Filter, Resample};
    use crate::model::layout::LayoutBuilder;
    use crate::model::weights::Weights;
    use crate::random::{Random, Stream};

    const MASK: Mask =
        Mask { random: Random::new(1, Stream::Dropout), step: 3, number: 1, first: 0, keep: 0.75 };

    type Way = fn(&Leaves, Tensor<4>, (&GroupNorm, Activation), Option<Mask>, &Conv2d) -> Tensor<4>;

    /// What a GPU does gives what every other device does, in every bit.
    #[test]
    fn both_ways_are_one_layer() {
        let device = Device::flex();
        let mut b = LayoutBuilder::new();
        let norm = GroupNorm::new(&mut b, "norm", 8, 1e-6);
        let convs = [3, 1].map(|kernel| {
            let config = ConvConfig::plain(8, 5, kernel);
            Conv2d::new(&mut b, &format!("conv{kernel}"), config, LayerInit::xavier(1.0))
        });
        let weights = Weights::init(Arc::new(b.finish()), 0, &device);
        let values = Random::new(0, Stream::SelfTest).normals(0, 0, 2 * 8 * 15);
        let data = TensorData::new(values, [2, 8, 3, 5]);
        for conv in &convs {
            for (activation, mask) in [(Activation::None, None), (Activation::Silu, Some(MASK))] {
                let run = |way: Way| {
                    let leaves = weights.tracked();
                    let x = Tensor::<4>::from_data(data.clone(), &device.clone().autodiff()).require_grad();
                    let y = way(&leaves, x.clone(), (&norm, activation), mask, conv);
                    let mut gradients = (y.clone() * y.clone()).sum().backward();
                    let slope = x.grad(&gradients).expect("it asked");
                    let slopes = leaves.gradients(&mut gradients).into_iter().map(read);
                    let all = [read(y.inner()), read(slope)].into_iter().chain(slopes);
                    all.map(|numbers| numbers.expect("numbers")).collect::<Vec<Vec<f32>>>()
                };
                assert!(run(together) == run(apart), "{conv:?} {activation:?}");
            }
        }
    }

    #[test]
    fn what_resamples_is_kept_apart() {
        let mut b = LayoutBuilder::new();
        let mut keeps_size = |name: &str, way| {
            let config = ConvConfig::plain(4, 4, 3).resampling(way, &Filter::pair());
            Conv2d::new(&mut b, name, config, LayerInit::xavier(1.0)).keeps_size()
        };
        let ways = [("keep", Resample::Keep), ("up", Resample::Up), ("down", Resample::Down)];
        assert_eq!(ways.map(|(name, way)| keeps_size(name, way)), [true, false, false]);
    }
}
