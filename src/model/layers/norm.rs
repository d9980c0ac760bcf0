//! Group normalisation.

use burn::tensor::Tensor;

use crate::gpu::kernels::{Activation, Norm, group_norm};
use crate::model::init::Init;
use crate::model::layout::{LayoutBuilder, ParamId};
use crate::model::weights::Leaves;

/// Group normalisation with `min(32, channels / 4)` groups, or the next fewer that divide the channels.
#[derive(Clone, Debug)]
pub struct GroupNorm {
    weight: ParamId,
    bias: ParamId,
    groups: usize,
    eps: f64,
}

impl GroupNorm {
    pub fn new(b: &mut LayoutBuilder, name: &str, channels: usize, eps: f64) -> Self {
        Self {
            weight: b.add(format!("{name}.weight"), &[channels], Init::Ones),
            bias: b.add(format!("{name}.bias"), &[channels], Init::Zeros),
            groups: (1..=(channels / 4).clamp(1, 32))
                .rev()
                .find(|g| channels.is_multiple_of(*g))
                .unwrap_or(1),
            eps,
        }
    }

    /// The channels fall into so many groups of neighbours.
    pub fn groups(&self) -> usize {
        self.groups
    }

    /// `[batch, channels, h, w]` in and out.
    pub fn forward(&self, w: &Leaves, x: Tensor<4>) -> Tensor<4> {
        self.apply(w, x, Activation::None)
    }

    /// The norm and what follows it.
    pub(super) fn apply(&self, w: &Leaves, x: Tensor<4>, activation: Activation) -> Tensor<4> {
        let ([weight, bias], Norm { groups, eps, activation }) = self.parts(w, activation);
        group_norm(x, weight, bias, groups, eps, activation)
    }

    /// Weight and bias, `[channels]`, and what else the kernels want to know.
    pub(super) fn parts(&self, w: &Leaves, activation: Activation) -> ([Tensor<1>; 2], Norm) {
        let affine = [self.weight, self.bias].map(|param| w.get::<1>(param));
        (affine, Norm { groups: self.groups, eps: self.eps as f32, activation })
    }
}
