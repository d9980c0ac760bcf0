//! A preconditioned network: the denoiser D(x, sigma) = E[x0 | x].

use std::sync::Arc;

use burn::tensor::{Device, Tensor, TensorData};

use super::precond::EdmPrecond;
use crate::error::{Error, Kind, Result};
use crate::model::{Condition, Dropout, Layout, LayoutBuilder, Leaves, SongUnet, UnetConfig};

/// Prefix of the network's parameters in EDM's files.
const PREFIX: &str = "model";

/// The plan of a denoiser; its numbers come with each call.
#[derive(Clone, Debug)]
pub struct Denoiser {
    pub net: SongUnet,
    layout: Arc<Layout>,
}

impl Denoiser {
    /// # Errors
    /// `Kind::Usage` where the configuration describes no network.
    pub fn new(config: UnetConfig) -> Result<Self> {
        check(&config)?;
        let mut builder = LayoutBuilder::new();
        let net = SongUnet::new(&mut builder, PREFIX, config);
        Ok(Self { net, layout: Arc::new(builder.finish()) })
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
        let at: Vec<EdmPrecond> = sigmas.iter().map(|s| EdmPrecond::at(*s)).collect();
        let column = |pick: fn(&EdmPrecond) -> f64| per_sample(at.iter().map(pick), &device);
        let c_noise: Vec<f64> = at.iter().map(|p| p.c_noise).collect();
        let noise = self.net.embed(&c_noise, &device);
        let f = self.net.forward(w, x.clone() * column(|p| p.c_in), noise, condition, dropout);
        x * column(|p| p.c_skip) + f * column(|p| p.c_out)
    }
}

/// One number a sample as a `[batch, 1, 1, 1]` tensor.
pub fn per_sample(values: impl Iterator<Item = f64>, device: &Device) -> Tensor<4> {
    let values: Vec<f32> = values.map(|v| v as f32).collect();
    let batch = values.len();
    Tensor::from_data(TensorData::new(values, [batch, 1, 1, 1]), device)
}

/// Bounds of a network's shape, well above the largest published ones; beyond them a typo is likelier.
const MAX_LEVELS: usize = 8;
const MAX_MODEL_CHANNELS: usize = 2048;
const MAX_CHANNEL_MULT: usize = 32;
const MAX_BLOCKS: usize = 32;
const MAX_RESOLUTION: usize = 1024;
/// Most classes or augmentation labels.
const MAX_LABELS: usize = 100_000;

fn check(config: &UnetConfig) -> Result<()> {
    let bad = |what: String, hint: &str| Err(Error::new(Kind::Usage, what).hint(hint));
    let levels = config.channel_mult.len();
    if levels == 0 || config.channel_mult.contains(&0) || config.model_channels == 0 {
        return bad("the network has no channels".into(), "give model_channels and channel_mult above zero");
    }
    let bounded = [
        ("levels (channel_mult)", levels, MAX_LEVELS),
        ("model_channels", config.model_channels, MAX_MODEL_CHANNELS),
        ("channel_mult", config.channel_mult.iter().copied().max().unwrap_or(0), MAX_CHANNEL_MULT),
        ("num_blocks", config.num_blocks, MAX_BLOCKS),
        ("img_resolution", config.img_resolution, MAX_RESOLUTION),
        ("label_dim", config.label_dim, MAX_LABELS),
        ("augment_dim", config.augment_dim, MAX_LABELS),
    ];
    for (name, value, most) in bounded {
        if value > most {
            return bad(format!("{name} is {value}"), &format!("give at most {most}"));
        }
    }
    if ![1, 3].contains(&config.img_channels) {
        return bad(
            format!("the images have {} channels", config.img_channels),
            "give gray (1) or RGB (3) images",
        );
    }
    if !config.model_channels.is_multiple_of(4) {
        return bad(
            format!("model_channels is {}", config.model_channels),
            "take a multiple of 4: group normalisation works on groups of 4 channels",
        );
    }
    let lowest = config.img_resolution >> (levels - 1);
    if lowest < 2 || lowest << (levels - 1) != config.img_resolution {
        return bad(
            format!("{levels} levels do not fit into {0}×{0} pixels", config.img_resolution),
            "halve the images less often: shorten channel_mult",
        );
    }
    if !(0.0..1.0).contains(&config.dropout) {
        return bad(format!("dropout is {}", config.dropout), "take a share from 0 up to, not including, 1");
    }
    Ok(())
}
