//! SongUNet's residual block with optional self-attention (Karras et al., 2022, appendix F.7; Song et al., 2021).

use burn::tensor::Tensor;
use burn::tensor::activation::softmax;

use super::layers::{Conv2d, GroupNorm, Linear, Resample};
use super::layout::LayoutBuilder;
use super::weights::Leaves;

/// Epsilon of the group norms in SongUNet's blocks.
pub const NORM_EPS: f64 = 1e-6;
/// Factor of the start of layers that should begin as nothing: second convolutions, projections.
pub const ZERO_GAIN: f64 = 1e-5;

/// What a block does; names of the fields follow EDM's code.
#[derive(Clone, Copy, Debug)]
pub struct BlockConfig {
    pub inputs: usize,
    pub outputs: usize,
    pub emb_channels: usize,
    pub resample: Resample,
    pub attention: bool,
}

/// Two normalised convolutions with the noise embedding between them, a skip, then attention.
#[derive(Clone, Debug)]
pub struct UnetBlock {
    norm0: GroupNorm,
    conv0: Conv2d,
    affine: Linear,
    norm1: GroupNorm,
    conv1: Conv2d,
    skip: Option<Conv2d>,
    attention: Option<Attention>,
}

impl UnetBlock {
    pub fn new(b: &mut LayoutBuilder, name: &str, config: BlockConfig) -> Self {
        let BlockConfig { inputs, outputs, emb_channels, resample, attention } = config;
        let part = |part: &str| format!("{name}.{part}");
        Self {
            norm0: GroupNorm::new(b, &part("norm0"), inputs, NORM_EPS),
            conv0: Conv2d::resampling(b, &part("conv0"), [inputs, outputs], 3, 1.0, resample),
            affine: Linear::new(b, &part("affine"), emb_channels, outputs, true),
            norm1: GroupNorm::new(b, &part("norm1"), outputs, NORM_EPS),
            conv1: Conv2d::new(b, &part("conv1"), [outputs, outputs], 3, ZERO_GAIN),
            // SongUNet projects the skip whenever it resamples (`resample_proj`).
            skip: (inputs != outputs || resample != Resample::Keep)
                .then(|| Conv2d::resampling(b, &part("skip"), [inputs, outputs], 1, 1.0, resample)),
            attention: attention.then(|| Attention::new(b, name, outputs)),
        }
    }

    /// `x`: `[batch, in, h, w]`, `emb`: `[batch, emb_channels]`.
    pub fn forward(&self, w: &Leaves, x: Tensor<4>, emb: &Tensor<2>, dropout: &mut Dropout) -> Tensor<4> {
        let h = self.conv0.forward(w, self.norm0.forward_silu(w, x.clone()));
        let [batch, channels, ..] = h.dims();
        let shift = self.affine.forward(w, emb.clone()).reshape([batch, channels, 1, 1]);
        let h = self.norm1.forward_silu(w, h + shift);
        let h = self.conv1.forward(w, dropout.apply(h));
        let skip = match &self.skip {
            Some(conv) => conv.forward(w, x),
            None => x,
        };
        let h = (h + skip) * std::f64::consts::FRAC_1_SQRT_2;
        match &self.attention {
            Some(attention) => attention.forward(w, h),
            None => h,
        }
    }
}

/// Single-head self-attention over pixels. The channels of `qkv` interleave: `channel · 3 + {q, k, v}`.
#[derive(Clone, Debug)]
struct Attention {
    norm2: GroupNorm,
    qkv: Conv2d,
    proj: Conv2d,
}

impl Attention {
    fn new(b: &mut LayoutBuilder, name: &str, channels: usize) -> Self {
        Self {
            norm2: GroupNorm::new(b, &format!("{name}.norm2"), channels, NORM_EPS),
            qkv: Conv2d::new(b, &format!("{name}.qkv"), [channels, 3 * channels], 1, 0.2f64.sqrt()),
            proj: Conv2d::new(b, &format!("{name}.proj"), [channels, channels], 1, ZERO_GAIN),
        }
    }

    fn forward(&self, w: &Leaves, x: Tensor<4>) -> Tensor<4> {
        let [batch, channels, height, width] = x.dims();
        let pixels = height * width;
        let qkv = self.qkv.forward(w, self.norm2.forward(w, x.clone()));
        let qkv = qkv.reshape([batch, channels, 3, pixels]);
        let pick = |i: usize| qkv.clone().narrow(2, i, 1).reshape([batch, channels, pixels]);
        let (q, k, v) = (pick(0), pick(1), pick(2));
        let q = q.swap_dims(1, 2) * (channels as f64).powf(-0.5);
        let attend = softmax(q.matmul(k), 2);
        let mixed = v.matmul(attend.swap_dims(1, 2)).reshape([batch, channels, height, width]);
        (self.proj.forward(w, mixed) + x) * std::f64::consts::FRAC_1_SQRT_2
    }
}

/// Dropout masks drawn from the stateless generator, one after another through a forward pass.
pub struct Dropout<'a> {
    draw: Option<&'a mut dyn FnMut(usize) -> Vec<f32>>,
    rate: f64,
}

impl<'a> Dropout<'a> {
    /// No dropout: sampling, frozen networks.
    pub fn off() -> Self {
        Self { draw: None, rate: 0.0 }
    }

    /// `draw(len)` gives `len` uniforms in [0, 1) for the next mask.
    pub fn on(rate: f64, draw: &'a mut dyn FnMut(usize) -> Vec<f32>) -> Self {
        Self { draw: (rate > 0.0).then_some(draw), rate }
    }

    fn apply(&mut self, x: Tensor<4>) -> Tensor<4> {
        let Some(draw) = &mut self.draw else { return x };
        let shape = x.shape();
        let keep = 1.0 - self.rate;
        let mask = draw(shape.num_elements());
        let mask: Vec<f32> =
            mask.into_iter().map(|u| if f64::from(u) < keep { (1.0 / keep) as f32 } else { 0.0 }).collect();
        let mask = Tensor::from_data(burn::tensor::TensorData::new(mask, shape), &x.device());
        x * mask
    }
}
