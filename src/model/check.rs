//! Refuses configurations that describe no network, or an absurd one.

use super::config::{Architecture, UnetConfig};
use crate::error::{Error, Kind, Result};

/// Bounds of a network's shape, well above the largest published ones; beyond them a typo is likelier.
const MAX_LEVELS: usize = 8;
const MAX_MODEL_CHANNELS: usize = 2048;
const MAX_CHANNEL_MULT: usize = 32;
const MAX_BLOCKS: usize = 32;
const MAX_RESOLUTION: usize = 1024;
/// Most classes or augmentation labels.
const MAX_LABELS: usize = 100_000;
/// Longest resampling filter, one side.
const MAX_FILTER: usize = 16;
/// Most attention resolutions: one a level would do.
const MAX_ATTENTION: usize = 64;

/// # Errors
/// `Kind::Usage` naming the setting, its value and what it may be.
pub fn check(config: &UnetConfig) -> Result<()> {
    let bad = |what: String, hint: &str| Err(Error::new(Kind::Usage, what).hint(hint));
    let levels = config.channel_mult.len();
    if levels == 0 || config.channel_mult.contains(&0) || config.model_channels == 0 {
        return bad("the network has no channels".into(), "give model_channels and channel_mult above zero");
    }
    let bounded = [
        ("levels (channel_mult)", levels, MAX_LEVELS),
        ("model_channels", config.model_channels, MAX_MODEL_CHANNELS),
        ("channel_mult", config.channel_mult.iter().copied().max().unwrap_or(0), MAX_CHANNEL_MULT),
        ("channel_mult_emb", config.channel_mult_emb, MAX_CHANNEL_MULT),
        ("num_blocks", config.num_blocks, MAX_BLOCKS),
        ("attention resolutions", config.attn_resolutions.len(), MAX_ATTENTION),
        ("img_resolution", config.img_resolution, MAX_RESOLUTION),
        ("label_dim", config.label_dim, MAX_LABELS),
        ("augment_dim", config.augment_dim, MAX_LABELS),
    ];
    for (name, value, most) in bounded {
        if value > most {
            return bad(format!("{name} is {value}"), &format!("give at most {most}"));
        }
    }
    if config.channel_mult_emb == 0 {
        return bad("channel_mult_emb is 0".into(), "give 1 or more; 4 is usual");
    }
    // Points of a plane have two.
    let channels: &[usize] = if config.architecture == Architecture::Mlp { &[1, 2, 3] } else { &[1, 3] };
    if !channels.contains(&config.img_channels) {
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
    if config.architecture == Architecture::Mlp {
        if config.label_dim > 0
            || config.augment_dim > 0
            || config.dropout > 0.0
            || config.img_resolution == 0
        {
            return bad(
                "a dense network knows no classes, no augmentation and no dropout".into(),
                "leave them out, or use one of the convolutional families",
            );
        }
        return Ok(());
    }
    let lowest = config.img_resolution >> (levels - 1);
    if lowest < 2 || lowest << (levels - 1) != config.img_resolution {
        return bad(
            format!("{levels} levels do not fit into {0}×{0} pixels", config.img_resolution),
            "halve the images less often: shorten channel_mult",
        );
    }
    dropout(config)?;
    if let Architecture::Song(style) = &config.architecture {
        if !(1..=MAX_CHANNEL_MULT).contains(&style.channel_mult_noise) {
            return bad(
                format!("channel_mult_noise is {}", style.channel_mult_noise),
                &format!("give 1 to {MAX_CHANNEL_MULT}"),
            );
        }
        let filter = &style.resample_filter;
        let even = filter.len().is_multiple_of(2) && (2..=MAX_FILTER).contains(&filter.len());
        let sum: f64 = filter.iter().sum();
        if !even || !sum.is_finite() || sum == 0.0 {
            return bad(
                format!("resample_filter is {filter:?}"),
                &format!("give an even number of taps, at most {MAX_FILTER}, whose sum is not 0"),
            );
        }
    }
    Ok(())
}

fn dropout(config: &UnetConfig) -> Result<()> {
    if (0.0..1.0).contains(&config.dropout) {
        return Ok(());
    }
    Err(Error::new(Kind::Usage, format!("dropout is {}", config.dropout))
        .hint("take a share from 0 up to, not including, 1"))
}
