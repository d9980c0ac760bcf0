//! Refuses configurations that describe no network, or an absurd one.

use super::config::{Architecture, UnetConfig};
use crate::error::{Error, Kind, Result};

/// Bounds of a network's shape, well above the largest published ones; beyond them a typo is likelier.
const MAX_LEVELS: usize = 8;
const MAX_MODEL_CHANNELS: usize = 2048;
const MAX_CHANNEL_MULT: usize = 32;
const MAX_BLOCKS: usize = 32;
const MAX_RESOLUTION: usize = 1024;
/// Widest images, pixels, among all of whose pixels there is attention: it takes the fourth power in memory.
const MAX_ATTENDED: usize = 64;
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
    let empty = &config.empty_classes;
    let is_known = |class: &u32| (*class as usize) < config.label_dim;
    if !empty.is_sorted_by(|a, b| a < b)
        || !empty.iter().all(is_known)
        || !empty.is_empty() && empty.len() >= config.label_dim
    {
        return bad("empty_classes are not classes of the network in rising order".into(), "leave them out");
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
    let attended = config.attn_resolutions.iter().filter(|at| (lowest..=config.img_resolution).contains(*at));
    let widest = attended.copied().max().unwrap_or(lowest).max(lowest);
    if widest > MAX_ATTENDED {
        return bad(
            format!("attention among all pixels of {widest}×{widest} takes too much memory"),
            &format!(
                "give attn_resolutions of at most {MAX_ATTENDED}, and channel_mult as many numbers as it takes to \
                 halve the images to that"
            ),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::SongStyle;

    #[test]
    fn attention_among_too_many_pixels_is_refused() {
        let of = |img_resolution: usize, levels: usize, attended: usize| UnetConfig {
            img_resolution,
            img_channels: 3,
            label_dim: 0,
            empty_classes: Vec::new(),
            augment_dim: 0,
            model_channels: 8,
            channel_mult: vec![1; levels],
            channel_mult_emb: 4,
            num_blocks: 1,
            attn_resolutions: vec![attended],
            dropout: 0.0,
            architecture: Architecture::Song(SongStyle::ddpmpp()),
        };
        for fine in [of(64, 1, 64), of(256, 3, 16), of(256, 4, 32)] {
            assert_eq!(check(&fine), Ok(()), "{fine:?}");
        }
        // In the middle, and at a level above it.
        for wide in [of(256, 2, 16), of(128, 4, 128)] {
            let error = check(&wide).expect_err("too wide");
            assert!(error.kind == Kind::Usage && error.what.contains("128×128"), "{error}");
        }
    }
}
