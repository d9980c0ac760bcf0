//! The U-Nets of Karras et al. (2022): DDPM++ and NCSN++ (Song et al., 2021) and ADM (Dhariwal and
//! Nichol, 2021). One skeleton; `style` says where the families differ.

mod attention;
mod block;
mod decoder;
mod dropout;
mod encoder;
mod mapping;
mod style;

use burn::tensor::{Device, Tensor};

pub use block::{BlockConfig, UnetBlock};
pub use dropout::{Dropout, Masks};
pub use style::{BlockStyle, Heads};

use super::config::UnetConfig;
use super::layout::LayoutBuilder;
use super::weights::Leaves;
use decoder::Decoder;
use encoder::Encoder;
use mapping::Mapping;

/// The plan of a U-Net; `Leaves` hold its numbers.
#[derive(Clone, Debug)]
pub struct Unet {
    outputs: usize,
    mapping: Mapping,
    encoder: Encoder,
    decoder: Decoder,
}

/// What conditions a forward pass, one row a sample.
#[derive(Clone, Debug, Default)]
pub struct Condition {
    /// One-hot class labels, `[batch, label_dim]`; none is all zeros.
    pub labels: Option<Tensor<2>>,
    /// EDM's augmentation labels, `[batch, augment_dim]`; none is all zeros.
    pub augment: Option<Tensor<2>>,
}

impl Unet {
    /// Describes the network under `prefix` (EDM's files use `model`), adding its parameters to `b`. It
    /// gives `outputs` channels.
    pub fn new(b: &mut LayoutBuilder, prefix: &str, config: &UnetConfig, outputs: usize) -> Self {
        let style = BlockStyle::of(config);
        let mapping = Mapping::new(b, prefix, config, &style);
        let (encoder, skips, channels) = Encoder::new(b, prefix, config, &style);
        let decoder = Decoder::new(b, prefix, config, &style, (channels, skips), outputs);
        Self { outputs, mapping, encoder, decoder }
    }

    /// The embedding of known noise levels, `[batch, noise channels]`.
    pub fn embed(&self, w: &Leaves, c_noise: &[f64], device: &Device) -> Tensor<2> {
        self.mapping.embed(w, c_noise, device)
    }

    /// The embedding of predicted noise levels, `[batch] -> [batch, noise channels]`.
    pub fn embed_tensor(&self, w: &Leaves, c_noise: Tensor<1>) -> Tensor<2> {
        self.mapping.embed_tensor(w, c_noise)
    }

    /// F(x; noise embedding): `[batch, img_channels, h, w] -> [batch, outputs, h, w]`.
    pub fn forward(
        &self,
        w: &Leaves,
        x: Tensor<4>,
        noise: Tensor<2>,
        condition: &Condition,
        dropout: &mut Dropout,
    ) -> Tensor<4> {
        let emb = self.mapping.forward(w, noise, condition);
        let [batch, _, height, width] = x.dims();
        let device = x.device();
        let states = self.encoder.forward(w, x, &emb, dropout);
        let image = self.decoder.forward(w, states, &emb, dropout);
        // A network without levels does not pass `check`; it would make nothing.
        image.unwrap_or_else(|| Tensor::zeros([batch, self.outputs, height, width], &device))
    }
}
