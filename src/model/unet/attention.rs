//! Self-attention over the pixels of an image, in one or several heads.

use burn::tensor::Tensor;

use super::style::BlockStyle;
use crate::gpu::kernels::{Activation, attention, scaled_sum};
use crate::model::layers::{Conv2d, ConvConfig, GroupNorm, norm_conv};
use crate::model::layout::LayoutBuilder;
use crate::model::weights::Leaves;

/// Attention behind a norm, with a skip around both. The channels of `qkv` interleave: head outermost,
/// then `channel · 3 + {q, k, v}`.
#[derive(Clone, Debug)]
pub struct Attention {
    norm2: GroupNorm,
    qkv: Conv2d,
    proj: Conv2d,
    heads: usize,
    skip_scale: f64,
}

impl Attention {
    pub fn new(b: &mut LayoutBuilder, name: &str, channels: usize, heads: usize, style: &BlockStyle) -> Self {
        let qkv = ConvConfig::plain(channels, 3 * channels, 1);
        let proj = ConvConfig::plain(channels, channels, 1);
        Self {
            norm2: GroupNorm::new(b, &format!("{name}.norm2"), channels, style.norm_eps),
            qkv: Conv2d::new(b, &format!("{name}.qkv"), qkv, style.init_attention),
            proj: Conv2d::new(b, &format!("{name}.proj"), proj, style.init_zero),
            heads,
            skip_scale: style.skip_scale,
        }
    }

    /// `[batch, channels, h, w]` in and out.
    pub fn forward(&self, w: &Leaves, x: Tensor<4>) -> Tensor<4> {
        let [batch, channels, height, width] = x.dims();
        let (rows, per_head, pixels) = (batch * self.heads, channels / self.heads, height * width);
        let qkv = norm_conv(w, x.clone(), (&self.norm2, Activation::None), None, &self.qkv);
        let mixed = attention(qkv.reshape([rows, per_head, 3, pixels]));
        let mixed = mixed.reshape([batch, channels, height, width]);
        scaled_sum(self.proj.forward(w, mixed), x, self.skip_scale)
    }
}
