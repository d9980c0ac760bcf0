//! A residual network for small images (He et al., 2016, section 4.2), as it is trained: 16, 32 and 64
//! channels, shortcuts without parameters, and the tensor names that `Resnet` reads.

use std::sync::Arc;

use burn::tensor::Tensor;
use burn::tensor::activation::relu;
use burn::tensor::module::conv2d;
use burn::tensor::ops::ConvOptions;

use super::norm::{Moments, batch_norm};
use crate::eval::features::resnet_shortcut;
use crate::gpu::kernels::same_conv;
use crate::model::{Init, LayerInit, Layout, LayoutBuilder, Leaves, Linear, ParamId};

/// Channels of the three stages.
const CHANNELS: [usize; 3] = [16, 32, 64];

/// The network as a plan over weights.
pub struct Network {
    layout: Arc<Layout>,
    stem: Unit,
    blocks: Vec<[Unit; 2]>,
    head: Linear,
}

/// A 3×3 convolution and the batch norm behind it.
struct Unit {
    weight: ParamId,
    norm: [ParamId; 2],
    norm_name: String,
    stride: usize,
    outputs: usize,
}

impl Network {
    /// `blocks` a stage: 1 is ResNet-8, 2 is ResNet-14.
    pub fn new(blocks: usize, classes: usize) -> Self {
        let mut b = LayoutBuilder::new();
        let stem = Unit::new(&mut b, ["conv1".into(), "bn1".into()], [3, CHANNELS[0]], 1);
        let (mut units, mut inputs) = (Vec::new(), CHANNELS[0]);
        for (stage, outputs) in (1..).zip(CHANNELS) {
            for block in 0..blocks {
                let part = |name: &str, i: usize| format!("layer{stage}.{block}.{name}{i}");
                let stride = if stage > 1 && block == 0 { 2 } else { 1 };
                let mut unit = |i, channels, stride| {
                    Unit::new(&mut b, [part("conv", i), part("bn", i)], channels, stride)
                };
                units.push([unit(1, [inputs, outputs], stride), unit(2, [outputs; 2], 1)]);
                inputs = outputs;
            }
        }
        let head = Linear::new(&mut b, "linear", [inputs, classes], true, LayerInit::xavier(1.0));
        Self { layout: Arc::new(b.finish()), stem, blocks: units, head }
    }

    pub fn layout(&self) -> &Arc<Layout> {
        &self.layout
    }

    /// Names of the norms, in the order of the moments that `forward` gives.
    pub fn norms(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&self.stem).chain(self.blocks.iter().flatten()).map(|unit| unit.norm_name.as_str())
    }

    /// Logits `[batch, classes]` of images `[batch, 3, 32, 32]`, normalised by the batch itself, and the
    /// moments of every norm.
    pub fn forward(&self, w: &Leaves, images: Tensor<4>) -> (Tensor<2>, Vec<Moments>) {
        let mut moments = Vec::with_capacity(1 + 2 * self.blocks.len());
        let mut x = relu(self.stem.forward(w, images, &mut moments));
        for [first, second] in &self.blocks {
            let h = relu(first.forward(w, x.clone(), &mut moments));
            let h = second.forward(w, h, &mut moments);
            x = relu(h + resnet_shortcut(x, first.stride, second.outputs));
        }
        let [batch, channels, height, width] = x.dims();
        let pooled = x.reshape([batch, channels, height * width]).mean_dim(2).reshape([batch, channels]);
        (self.head.forward(w, pooled), moments)
    }
}

impl Unit {
    fn new(
        b: &mut LayoutBuilder,
        [conv, norm]: [String; 2],
        [inputs, outputs]: [usize; 2],
        stride: usize,
    ) -> Self {
        // He et al. (2015), by the fan-out, which keeps gradients to their size.
        let std = (2.0 / (9 * outputs) as f64).sqrt();
        Self {
            weight: b.add(format!("{conv}.weight"), &[outputs, inputs, 3, 3], Init::Normal { std }),
            norm: [("weight", Init::Ones), ("bias", Init::Zeros)]
                .map(|(part, init)| b.add(format!("{norm}.{part}"), &[outputs], init)),
            norm_name: norm,
            stride,
            outputs,
        }
    }

    fn forward(&self, w: &Leaves, x: Tensor<4>, moments: &mut Vec<Moments>) -> Tensor<4> {
        let weight = w.get::<4>(self.weight);
        let y = if self.stride == 1 {
            let no_bias = Tensor::zeros([self.outputs], &x.device());
            same_conv(x, weight, no_bias)
        } else {
            conv2d(x, weight, None, ConvOptions::new([self.stride; 2], [1, 1], [1, 1], 1))
        };
        let [gamma, beta] = self.norm.map(|id| w.get::<1>(id));
        let (y, own) = batch_norm(y, gamma, beta);
        moments.push(own);
        y
    }
}
