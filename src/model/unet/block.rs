//! The residual block of both families, with optional self-attention.

use burn::tensor::activation::silu;
use burn::tensor::{FloatDType, Tensor};

use super::attention::Attention;
use super::dropout::Dropout;
use super::style::BlockStyle;
use crate::gpu::kernels::{Activation, scaled_sum, shifted};
use crate::model::layers::{Conv2d, ConvConfig, Filter, GroupNorm, Linear, Resample, norm_conv};
use crate::model::layout::LayoutBuilder;
use crate::model::weights::Leaves;

/// What one block does, beside its network's style.
#[derive(Clone, Copy, Debug)]
pub struct BlockConfig {
    pub inputs: usize,
    pub outputs: usize,
    pub emb_channels: usize,
    pub resample: Resample,
    /// Heads of attention; 0 is none.
    pub heads: usize,
}

/// Two normalised convolutions with the embedding between them, a skip, then attention.
#[derive(Clone, Debug)]
pub struct UnetBlock {
    norm0: GroupNorm,
    conv0: Conv2d,
    affine: Linear,
    norm1: GroupNorm,
    conv1: Conv2d,
    skip: Skip,
    attention: Option<Attention>,
    adaptive_scale: bool,
    skip_scale: f64,
}

/// The way around the convolutions.
#[derive(Clone, Debug)]
enum Skip {
    Identity,
    Resample(Filter, Resample),
    Conv(Conv2d),
}

impl UnetBlock {
    pub fn new(b: &mut LayoutBuilder, name: &str, config: BlockConfig, style: &BlockStyle) -> Self {
        let BlockConfig { inputs, outputs, emb_channels, resample, heads } = config;
        let part = |part: &str| format!("{name}.{part}");
        let conv =
            |inputs, kernel| ConvConfig::plain(inputs, outputs, kernel).resampling(resample, &style.filter);
        let emb_outputs = if style.adaptive_scale { 2 * outputs } else { outputs };
        Self {
            norm0: GroupNorm::new(b, &part("norm0"), inputs, style.norm_eps),
            conv0: Conv2d::new(b, &part("conv0"), conv(inputs, 3), style.init),
            affine: Linear::new(b, &part("affine"), [emb_channels, emb_outputs], true, style.init),
            norm1: GroupNorm::new(b, &part("norm1"), outputs, style.norm_eps),
            conv1: Conv2d::new(b, &part("conv1"), ConvConfig::plain(outputs, outputs, 3), style.init_zero),
            skip: match resample {
                _ if inputs != outputs || (style.resample_proj && resample != Resample::Keep) => {
                    Skip::Conv(Conv2d::new(b, &part("skip"), conv(inputs, 1), style.init))
                }
                Resample::Keep => Skip::Identity,
                way => Skip::Resample(style.filter.clone(), way),
            },
            attention: (heads > 0).then(|| Attention::new(b, name, outputs, heads, style)),
            adaptive_scale: style.adaptive_scale,
            skip_scale: style.skip_scale,
        }
    }

    /// `x`: `[batch, in, h, w]`, `emb`: `[batch, emb_channels]`.
    pub fn forward(&self, w: &Leaves, x: Tensor<4>, emb: &Tensor<2>, dropout: &mut Dropout) -> Tensor<4> {
        let h = norm_conv(w, x.clone(), (&self.norm0, Activation::Silu), None, &self.conv0);
        let [batch, channels, ..] = h.dims();
        let of_emb = self.affine.forward(w, emb.clone());
        let h = if self.adaptive_scale {
            // In the images' precision, which may be half.
            let of_emb = of_emb.cast(FloatDType::from(h.dtype()));
            let part =
                |i: usize| of_emb.clone().narrow(1, i * channels, channels).reshape([batch, channels, 1, 1]);
            let (scale, shift) = (part(0), part(1));
            let h = silu(self.norm1.forward(w, h) * (scale + 1.0) + shift);
            self.conv1.forward(w, dropout.apply(h))
        } else {
            let h = shifted(h, of_emb);
            let mask = dropout.mask(h.dims());
            norm_conv(w, h, (&self.norm1, Activation::Silu), mask, &self.conv1)
        };
        let skip = match &self.skip {
            Skip::Identity => x,
            Skip::Resample(filter, way) => filter.apply(x, *way),
            Skip::Conv(conv) => conv.forward(w, x),
        };
        let h = scaled_sum(h, skip, self.skip_scale);
        match &self.attention {
            Some(attention) => attention.forward(w, h),
            None => h,
        }
    }
}
