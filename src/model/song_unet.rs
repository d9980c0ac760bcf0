//! SongUNet in its DDPM++ form (Song et al., 2021), as Karras et al. (2022) configure it.

use burn::tensor::Tensor;
use burn::tensor::activation::silu;
use serde::{Deserialize, Serialize};

use super::block::{BlockConfig, Dropout, NORM_EPS, UnetBlock, ZERO_GAIN};
use super::embed::{positional_embedding, positional_embedding_of};
use super::layers::{Conv2d, GroupNorm, Linear, Resample};
use super::layout::LayoutBuilder;
use super::weights::Leaves;

/// Everything that a network's parameters and names follow from; stored with every checkpoint.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnetConfig {
    pub img_resolution: usize,
    pub img_channels: usize,
    pub label_dim: usize,
    pub augment_dim: usize,
    pub model_channels: usize,
    pub channel_mult: Vec<usize>,
    pub num_blocks: usize,
    pub attn_resolutions: Vec<usize>,
    pub dropout: f64,
}

/// The embedding is so many times wider than the model.
const EMB_MULT: usize = 4;

/// A U-Net over one level of resolution after another; `Leaves` hold its numbers.
#[derive(Clone, Debug)]
pub struct SongUnet {
    pub config: UnetConfig,
    map_label: Option<Linear>,
    map_augment: Option<Linear>,
    map_layer0: Linear,
    map_layer1: Linear,
    conv_in: Conv2d,
    encoder: Vec<UnetBlock>,
    /// Blocks of the decoder, and whether each one takes a skip.
    decoder: Vec<(UnetBlock, bool)>,
    aux_norm: GroupNorm,
    aux_conv: Conv2d,
}

/// What conditions a forward pass, one row a sample.
#[derive(Clone, Debug, Default)]
pub struct Condition {
    /// One-hot class labels, `[batch, label_dim]`; none is all zeros.
    pub labels: Option<Tensor<2>>,
    /// EDM's augmentation labels, `[batch, augment_dim]`; none is all zeros.
    pub augment: Option<Tensor<2>>,
}

impl SongUnet {
    /// Describes the network under `prefix` (EDM's files use `model`), adding its parameters to `b`.
    pub fn new(b: &mut LayoutBuilder, prefix: &str, config: UnetConfig) -> Self {
        let base = config.model_channels;
        let emb_channels = base * EMB_MULT;
        let name = |n: &str| format!("{prefix}.{n}");
        let map_label =
            (config.label_dim > 0).then(|| Linear::new(b, &name("map_label"), config.label_dim, base, true));
        let map_augment = (config.augment_dim > 0)
            .then(|| Linear::new(b, &name("map_augment"), config.augment_dim, base, false));
        let map_layer0 = Linear::new(b, &name("map_layer0"), base, emb_channels, true);
        let map_layer1 = Linear::new(b, &name("map_layer1"), emb_channels, emb_channels, true);

        let levels: Vec<(usize, usize)> = config
            .channel_mult
            .iter()
            .enumerate()
            .map(|(level, mult)| (config.img_resolution >> level, base * mult))
            .collect();
        let block = |b: &mut LayoutBuilder, n: String, inputs, outputs, resample, attention| {
            UnetBlock::new(b, &name(&n), BlockConfig { inputs, outputs, emb_channels, resample, attention })
        };

        // Encoder: what each stage pushes on the skip stack, by channels.
        let full = config.img_resolution;
        let conv_in =
            Conv2d::new(b, &name(&format!("enc.{full}x{full}_conv")), [config.img_channels, base], 3, 1.0);
        let mut encoder = Vec::new();
        let mut skips = vec![base];
        let mut channels = base;
        for (level, &(res, width)) in levels.iter().enumerate() {
            let attention = config.attn_resolutions.contains(&res);
            if level > 0 {
                let down = format!("enc.{res}x{res}_down");
                encoder.push(block(b, down, channels, channels, Resample::Down, false));
                skips.push(channels);
            }
            for i in 0..config.num_blocks {
                encoder.push(block(
                    b,
                    format!("enc.{res}x{res}_block{i}"),
                    channels,
                    width,
                    Resample::Keep,
                    attention,
                ));
                channels = width;
                skips.push(width);
            }
        }

        // Decoder: the lowest level opens with attention; elsewhere only a level's last block has it.
        let mut decoder = Vec::new();
        for (level, &(res, width)) in levels.iter().enumerate().rev() {
            if level + 1 == levels.len() {
                for (part, attention) in [("in0", true), ("in1", false)] {
                    let at = format!("dec.{res}x{res}_{part}");
                    decoder.push((block(b, at, channels, channels, Resample::Keep, attention), false));
                }
            } else {
                let up = format!("dec.{res}x{res}_up");
                decoder.push((block(b, up, channels, channels, Resample::Up, false), false));
            }
            for i in 0..=config.num_blocks {
                let skip = skips.pop().unwrap_or(0);
                let attention = i == config.num_blocks && config.attn_resolutions.contains(&res);
                let at = format!("dec.{res}x{res}_block{i}");
                decoder.push((block(b, at, channels + skip, width, Resample::Keep, attention), true));
                channels = width;
            }
        }
        let aux = |part: &str| name(&format!("dec.{full}x{full}_{part}"));
        Self {
            aux_norm: GroupNorm::new(b, &aux("aux_norm"), channels, NORM_EPS),
            aux_conv: Conv2d::new(b, &aux("aux_conv"), [channels, config.img_channels], 3, ZERO_GAIN),
            map_label,
            map_augment,
            map_layer0,
            map_layer1,
            conv_in,
            encoder,
            decoder,
            config,
        }
    }

    /// The embedding of known noise levels, `[batch, model_channels]`.
    pub fn embed(&self, c_noise: &[f64], device: &burn::tensor::Device) -> Tensor<2> {
        positional_embedding(c_noise, self.config.model_channels, device)
    }

    /// The embedding of predicted noise levels, `[batch] -> [batch, model_channels]`.
    pub fn embed_tensor(&self, c_noise: Tensor<1>) -> Tensor<2> {
        positional_embedding_of(c_noise, self.config.model_channels)
    }

    /// F(x; noise embedding): `[batch, img_channels, h, w]` in and out.
    pub fn forward(
        &self,
        w: &Leaves,
        x: Tensor<4>,
        noise: Tensor<2>,
        condition: &Condition,
        dropout: &mut Dropout,
    ) -> Tensor<4> {
        let mut emb = noise;
        if let Some(map) = &self.map_label {
            // No labels are zeros, which still leave the layer's bias.
            let [batch, _] = emb.dims();
            let zeros = || Tensor::zeros([batch, self.config.label_dim], &emb.device());
            let labels = condition.labels.clone().unwrap_or_else(zeros);
            emb = emb + map.forward(w, labels * (self.config.label_dim as f64).sqrt());
        }
        if let (Some(map), Some(augment)) = (&self.map_augment, &condition.augment) {
            emb = emb + map.forward(w, augment.clone());
        }
        let emb = silu(self.map_layer0.forward(w, emb));
        let emb = silu(self.map_layer1.forward(w, emb));

        let mut x = self.conv_in.forward(w, x);
        let mut skips = vec![x.clone()];
        for block in &self.encoder {
            x = block.forward(w, x, &emb, dropout);
            skips.push(x.clone());
        }
        for (block, takes_skip) in &self.decoder {
            if let Some(skip) = takes_skip.then(|| skips.pop()).flatten() {
                x = Tensor::cat(vec![x, skip], 1);
            }
            x = block.forward(w, x, &emb, dropout);
        }
        self.aux_conv.forward(w, self.aux_norm.forward_silu(w, x))
    }
}
