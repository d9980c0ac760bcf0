//! A preconditioned network: the denoiser D(x, sigma) = E[x0 | x].

use std::sync::Arc;

use burn::tensor::{Device, FloatDType, Tensor};

use super::precond::{Coefficients, Precond};
use crate::error::{Error, Result};
use crate::gpu::kernels::from_numbers;
use crate::model::{self, Condition, Dropout, Layout, LayoutBuilder, Leaves, Network, UnetConfig};

/// Most parameters, three times those of the largest published network: beyond it a typo is likelier.
const MAX_PARAMETERS: usize = 1 << 30;
/// Prefix of the network's parameters in EDM's files.
const PREFIX: &str = "model";

/// The plan of a denoiser; its numbers come with each call.
#[derive(Clone, Debug)]
pub struct Denoiser {
    pub net: Network,
    pub precond: Precond,
    layout: Arc<Layout>,
    /// What images are inside the network.
    images: FloatDType,
}

impl Denoiser {
    /// Images are in single precision inside the network, too.
    ///
    /// # Errors
    /// `Kind::Usage` where the configuration describes no network.
    pub fn new(config: UnetConfig, precond: Precond) -> Result<Self> {
        model::check(&config)?;
        let mut builder = LayoutBuilder::new();
        let outputs = precond.outputs(config.img_channels);
        let net = Network::new(&mut builder, PREFIX, config, outputs);
        let layout = builder.finish();
        let parameters = layout.parameter_count();
        if parameters > MAX_PARAMETERS {
            return Err(Error::usage(format!("the network would have {parameters} parameters"))
                .hint(format!("give fewer channels or blocks: {MAX_PARAMETERS} are the most")));
        }
        Ok(Self { net, precond, layout: Arc::new(layout), images: FloatDType::F32 })
    }

    /// The same with images of this type inside the network. What goes in and what comes out, weights and the
    /// embedding of noise levels stay in single precision.
    pub fn with_images(self, images: FloatDType) -> Self {
        Self { images, ..self }
    }

    /// The type of images inside the network.
    pub fn images(&self) -> FloatDType {
        self.images
    }

    pub fn config(&self) -> &UnetConfig {
        &self.net.config
    }

    pub fn layout(&self) -> &Arc<Layout> {
        &self.layout
    }

    /// Shape of a batch of `count` images.
    pub fn shape(&self, count: usize) -> [usize; 4] {
        let c = &self.net.config;
        [count, c.img_channels, c.img_resolution, c.img_resolution]
    }

    /// Numbers in one image.
    pub fn image_len(&self) -> usize {
        self.shape(1).iter().product()
    }

    /// D(x, sigma) with one noise level a sample: `[batch, channels, h, w]`.
    pub fn denoise(&self, w: &Leaves, x: Tensor<4>, sigmas: &[f64]) -> Tensor<4> {
        self.denoise_with(w, x, sigmas, &Condition::default(), &mut Dropout::off())
    }

    /// D(x, sigma) under labels, with dropout.
    pub fn denoise_with(
        &self,
        w: &Leaves,
        x: Tensor<4>,
        sigmas: &[f64],
        condition: &Condition,
        dropout: &mut Dropout,
    ) -> Tensor<4> {
        let device = x.device();
        let at: Vec<Coefficients> = sigmas.iter().map(|s| self.precond.at(*s)).collect();
        let column = |pick: fn(&Coefficients) -> f64| per_sample(at.iter().map(pick), &device);
        let c_noise: Vec<f64> = at.iter().map(|p| p.c_noise).collect();
        let noise = self.net.embed(w, &c_noise, &device);
        let f = self.predict(w, x.clone() * column(|p| p.c_in), noise, condition, dropout);
        // iDDPM's network also predicts a variance, behind the image's channels.
        let f = f.narrow(1, 0, self.config().img_channels);
        x * column(|p| p.c_skip) + f * column(|p| p.c_out)
    }

    /// F(c_in x; noise embedding), in single precision outside whatever it is inside: `[batch, channels, h, w]` in,
    /// the network's outputs in place of the channels out.
    pub(super) fn predict(
        &self,
        w: &Leaves,
        input: Tensor<4>,
        noise: Tensor<2>,
        condition: &Condition,
        dropout: &mut Dropout,
    ) -> Tensor<4> {
        if self.images == FloatDType::F32 {
            return self.net.forward(w, input, noise, condition, dropout);
        }
        let f = self.net.forward(w, input.cast(self.images), noise, condition, dropout);
        f.cast(FloatDType::F32)
    }
}

/// One number a sample as a `[batch, 1, 1, 1]` tensor.
pub fn per_sample(values: impl Iterator<Item = f64>, device: &Device) -> Tensor<4> {
    let values: Vec<f32> = values.map(|v| v as f32).collect();
    let batch = values.len();
    from_numbers(values, [batch, 1, 1, 1], device)
}
