//! In what the blocks of the two families differ.

use std::f64::consts::FRAC_1_SQRT_2;

use crate::model::config::UnetConfig;
use crate::model::init::{LayerInit, Spread};
use crate::model::layers::Filter;

/// How blocks are built throughout a network.
#[derive(Clone, Debug, PartialEq)]
pub struct BlockStyle {
    /// The embedding scales and shifts the second norm's result (ADM) instead of shifting its input.
    pub adaptive_scale: bool,
    /// Factor behind every sum with a skip.
    pub skip_scale: f64,
    /// Epsilon of the group norms.
    pub norm_eps: f64,
    /// The skip of a block that resamples has a convolution even where the channels stay.
    pub resample_proj: bool,
    pub filter: Filter,
    /// Heads of attention by channels.
    pub heads: Heads,
    pub init: LayerInit,
    /// Start of layers that should begin as (almost) nothing.
    pub init_zero: LayerInit,
    pub init_attention: LayerInit,
}

/// How many heads attention has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heads {
    One,
    /// One head for every so many channels; fewer channels have no attention at all.
    PerChannels(usize),
}

impl Heads {
    pub fn of(self, channels: usize) -> usize {
        match self {
            Heads::One => 1,
            Heads::PerChannels(each) => channels / each,
        }
    }
}

impl BlockStyle {
    /// The style of a network's blocks (Karras et al., 2022, appendix F, table 7).
    pub fn of(config: &UnetConfig) -> Self {
        match config.architecture.song() {
            Some(style) => Self::song(Filter::new(&style.resample_filter)),
            None => Self::dhariwal(),
        }
    }

    pub fn song(filter: Filter) -> Self {
        Self {
            adaptive_scale: false,
            skip_scale: FRAC_1_SQRT_2,
            norm_eps: 1e-6,
            resample_proj: true,
            filter,
            heads: Heads::One,
            init: LayerInit::xavier(1.0),
            init_zero: LayerInit::xavier(1e-5),
            init_attention: LayerInit::xavier(0.2f64.sqrt()),
        }
    }

    pub fn dhariwal() -> Self {
        let third = (1.0f64 / 3.0).sqrt();
        let init = LayerInit { spread: Spread::KaimingUniform, weight_gain: third, bias_gain: third };
        Self {
            adaptive_scale: true,
            skip_scale: 1.0,
            norm_eps: 1e-5,
            resample_proj: false,
            filter: Filter::pair(),
            heads: Heads::PerChannels(64),
            init,
            init_zero: LayerInit { weight_gain: 0.0, bias_gain: 0.0, ..init },
            init_attention: init,
        }
    }
}
