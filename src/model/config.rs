//! What a network's parameters, names and computation follow from.

use serde::{Deserialize, Serialize};

/// A network's shape; stored with every checkpoint.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnetConfig {
    pub img_resolution: usize,
    pub img_channels: usize,
    /// Classes of the one-hot labels; 0 is an unconditional network.
    pub label_dim: usize,
    /// Classes that no training image was of, in rising order: nothing is made of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub empty_classes: Vec<u32>,
    /// Numbers that describe how a training image was augmented; 0 where it was not.
    pub augment_dim: usize,
    pub model_channels: usize,
    /// Width of each level, in `model_channels`; every level halves the resolution.
    pub channel_mult: Vec<usize>,
    /// Width of the embedding, in `model_channels`.
    #[serde(default = "default_channel_mult_emb")]
    pub channel_mult_emb: usize,
    pub num_blocks: usize,
    pub attn_resolutions: Vec<usize>,
    pub dropout: f64,
    #[serde(default)]
    pub architecture: Architecture,
}

fn default_channel_mult_emb() -> usize {
    4
}

/// The families of networks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Architecture {
    /// DDPM++, NCSN++ and what lies between them (Song et al., 2021).
    Song(SongStyle),
    /// ADM (Dhariwal and Nichol, 2021).
    Dhariwal,
    /// Dense layers, for toy worlds: `num_blocks` of `model_channels`. Levels and attention do not apply.
    Mlp,
}

impl Architecture {
    /// The first family's style; none for the others.
    pub fn song(&self) -> Option<&SongStyle> {
        match self {
            Architecture::Song(style) => Some(style),
            _ => None,
        }
    }
}

impl Default for Architecture {
    fn default() -> Self {
        Architecture::Song(SongStyle::ddpmpp())
    }
}

/// Where the members of the first family differ.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SongStyle {
    pub embedding: Embedding,
    /// Width of the noise embedding, in `model_channels`.
    pub channel_mult_noise: usize,
    pub encoder: Encoder,
    pub decoder: Decoder,
    /// One side of the separable filter in front of and behind a change of resolution.
    pub resample_filter: Vec<f64>,
}

impl SongStyle {
    pub fn ddpmpp() -> Self {
        Self {
            embedding: Embedding::Positional,
            channel_mult_noise: 1,
            encoder: Encoder::Standard,
            decoder: Decoder::Standard,
            resample_filter: vec![1.0, 1.0],
        }
    }

    pub fn ncsnpp() -> Self {
        Self {
            embedding: Embedding::Fourier,
            channel_mult_noise: 2,
            encoder: Encoder::Residual,
            decoder: Decoder::Standard,
            resample_filter: vec![1.0, 3.0, 3.0, 1.0],
        }
    }
}

/// How a noise level becomes a vector.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Embedding {
    /// Sines and cosines of a geometric row of frequencies.
    Positional,
    /// Of random frequencies, which are part of the network.
    Fourier,
}

/// What else the encoder hears of the image at lower resolutions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Encoder {
    Standard,
    /// The image itself, made smaller and added.
    Skip,
    /// A chain of convolutions beside the blocks.
    Residual,
}

/// Whether the decoder's levels each add to the output, or the last one alone makes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Decoder {
    Standard,
    Skip,
}
