//! A network of any architecture, behind one face.

use burn::tensor::{Device, Tensor};

use super::config::{Architecture, UnetConfig};
use super::layout::LayoutBuilder;
use super::mlp::Mlp;
use super::unet::{Condition, Dropout, Unet};
use super::weights::Leaves;

/// The plan of a network; `Leaves` hold its numbers.
#[derive(Clone, Debug)]
pub struct Network {
    pub config: UnetConfig,
    kind: Kind,
}

#[derive(Clone, Debug)]
enum Kind {
    Unet(Box<Unet>),
    Mlp(Mlp),
}

impl Network {
    /// Describes the network under `prefix` (EDM's files use `model`), adding its parameters to `b`. It
    /// gives `outputs` channels (an MLP: those of the image).
    pub fn new(b: &mut LayoutBuilder, prefix: &str, config: UnetConfig, outputs: usize) -> Self {
        let kind = match config.architecture {
            Architecture::Mlp => Kind::Mlp(Mlp::new(b, prefix, &config)),
            Architecture::Song(_) | Architecture::Dhariwal => {
                Kind::Unet(Box::new(Unet::new(b, prefix, &config, outputs)))
            }
        };
        Self { config, kind }
    }

    /// The embedding of known noise levels, `[batch, noise channels]`.
    pub fn embed(&self, w: &Leaves, c_noise: &[f64], device: &Device) -> Tensor<2> {
        match &self.kind {
            Kind::Unet(net) => net.embed(w, c_noise, device),
            Kind::Mlp(net) => net.embed(c_noise, device),
        }
    }

    /// The embedding of predicted noise levels, `[batch] -> [batch, noise channels]`.
    pub fn embed_tensor(&self, w: &Leaves, c_noise: Tensor<1>) -> Tensor<2> {
        match &self.kind {
            Kind::Unet(net) => net.embed_tensor(w, c_noise),
            Kind::Mlp(net) => net.embed_tensor(c_noise),
        }
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
        match &self.kind {
            Kind::Unet(net) => net.forward(w, x, noise, condition, dropout),
            Kind::Mlp(net) => net.forward(w, x, noise),
        }
    }
}
