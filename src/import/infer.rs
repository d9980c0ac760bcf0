//! A network's architecture from the names and shapes of its tensors, for files that hold nothing else.

use std::collections::BTreeMap;

use super::shown::shown;
use crate::diffusion::Precond;
use crate::error::{Error, Kind, Result};
use crate::model::{self, Architecture, Decoder, Embedding, Encoder, SongStyle, UnetConfig};

/// Shapes by EDM's names (`model.…`).
pub type Shapes = BTreeMap<String, Vec<usize>>;

/// Levels that are looked for: more than any image can be halved.
const MAX_LEVELS: usize = 16;

/// What was found, and what had to be assumed because tensors do not show it.
#[derive(Clone, Debug, PartialEq)]
pub struct Inferred {
    pub precond: Precond,
    pub unet: UnetConfig,
    pub assumed: Vec<String>,
}

/// # Errors
/// `Kind::Checkpoint` where a tensor that every network of EDM's has is missing or of a strange shape.
pub fn infer(shapes: &Shapes) -> Result<Inferred> {
    let tensors = Tensors(shapes);
    let mut assumed = vec!["dropout 0: tensors do not show what the network was trained with".to_string()];
    let resolution = tensors.resolution()?;
    let [stem, img_channels] = tensors.dims(&format!("enc.{resolution}x{resolution}_conv"))?;
    let [emb, noise] = tensors.dims("map_layer0")?;
    let dhariwal = tensors.has("out_conv");
    // ADM's first convolution is already as wide as its first level; DDPM++'s is not.
    let model_channels = if dhariwal { noise } else { stem };
    let levels = tensors.levels(resolution);
    let channel_mult = levels.iter().map(|level| level.width).collect::<Vec<_>>();
    let last = if dhariwal { "out_conv".into() } else { format!("dec.{resolution}x{resolution}_aux_conv") };
    let [out_channels, _] = tensors.dims(&last)?;
    let architecture = if dhariwal {
        if let Some(taps) = tensors.taps()?.filter(|taps| *taps != 2) {
            return Err(strange(format!("its resampling filter has {taps} taps, where ADM's has 2")));
        }
        Architecture::Dhariwal
    } else {
        Architecture::Song(tensors.style(&levels, ratio(noise, model_channels)?, &mut assumed)?)
    };
    let unet = UnetConfig {
        img_resolution: resolution,
        img_channels,
        label_dim: tensors.inputs("map_label"),
        empty_classes: Vec::new(),
        augment_dim: tensors.inputs("map_augment"),
        model_channels,
        channel_mult: channel_mult
            .iter()
            .map(|width| ratio(*width, model_channels))
            .collect::<Result<_>>()?,
        channel_mult_emb: ratio(emb, model_channels)?,
        num_blocks: levels.first().map_or(0, |level| level.blocks),
        attn_resolutions: levels.iter().filter(|l| l.attention).map(|l| l.resolution).collect(),
        dropout: 0.0,
        architecture,
    };
    model::check(&unet).map_err(|e| Error { kind: Kind::Checkpoint, ..e })?;
    let precond = if img_channels.checked_mul(2) == Some(out_channels) {
        Precond::Iddpm
    } else {
        assumed.push("EDM preconditioning: tensors do not show it (--precond names another)".into());
        Precond::Edm
    };
    Ok(Inferred { precond, unet, assumed })
}

/// One resolution of the encoder.
struct Level {
    resolution: usize,
    width: usize,
    blocks: usize,
    attention: bool,
}

struct Tensors<'a>(&'a Shapes);

impl Tensors<'_> {
    fn shape(&self, module: &str) -> Option<&[usize]> {
        self.0.get(&format!("model.{module}.weight")).map(Vec::as_slice)
    }

    fn has(&self, module: &str) -> bool {
        self.shape(module).is_some()
    }

    /// Outputs and inputs of a layer.
    fn dims(&self, module: &str) -> Result<[usize; 2]> {
        match self.shape(module) {
            Some([outputs, inputs, ..]) => Ok([*outputs, *inputs]),
            Some(shape) => Err(strange(format!("model.{module}.weight has the shape {shape:?}"))),
            None => Err(strange(format!("there is no tensor model.{module}.weight"))),
        }
    }

    /// Inputs of a layer that not every network has; none are 0.
    fn inputs(&self, module: &str) -> usize {
        self.shape(module).and_then(|shape| shape.get(1).copied()).unwrap_or(0)
    }

    /// Side of the images: the first convolution is called by it.
    fn resolution(&self) -> Result<usize> {
        let sides = self.0.keys().filter_map(|name| {
            let name = name.strip_prefix("model.enc.")?.strip_suffix("_conv.weight")?;
            let (width, height) = name.split_once('x')?;
            (width == height).then(|| width.parse::<usize>().ok())?
        });
        sides.max().ok_or_else(|| strange("no tensor is called model.enc.RxR_conv.weight".into()))
    }

    /// The encoder from the top down, for as long as there are blocks.
    fn levels(&self, resolution: usize) -> Vec<Level> {
        let level = |depth: usize| {
            let side = resolution.checked_shr(depth as u32)?;
            let block = |n: usize, part: &str| format!("enc.{side}x{side}_block{n}.{part}");
            let width = *self.shape(&block(0, "conv0"))?.first()?;
            let blocks = (0..self.0.len()).take_while(|n| self.has(&block(*n, "conv0"))).count();
            let attention = (0..blocks).any(|n| self.has(&block(n, "qkv")));
            Some(Level { resolution: side, width, blocks, attention })
        };
        (0..MAX_LEVELS).map_while(level).collect()
    }

    /// Which of the first family's variants it is.
    fn style(
        &self,
        levels: &[Level],
        channel_mult_noise: usize,
        assumed: &mut Vec<String>,
    ) -> Result<SongStyle> {
        let lower = levels.iter().skip(1).map(|l| format!("{0}x{0}", l.resolution)).collect::<Vec<_>>();
        let encoder = if lower.iter().any(|side| self.has(&format!("enc.{side}_aux_skip"))) {
            Encoder::Skip
        } else if lower.iter().any(|side| self.has(&format!("enc.{side}_aux_residual"))) {
            Encoder::Residual
        } else {
            Encoder::Standard
        };
        let skip_decoder = lower.iter().any(|side| self.has(&format!("dec.{side}_aux_conv")));
        let fourier = self.0.contains_key("model.map_noise.freqs");
        Ok(SongStyle {
            embedding: if fourier { Embedding::Fourier } else { Embedding::Positional },
            channel_mult_noise,
            encoder,
            decoder: if skip_decoder { Decoder::Skip } else { Decoder::Standard },
            resample_filter: self.filter(encoder, assumed)?,
        })
    }

    /// The resampling filter. Its buffers show how many taps it has, and the published ones of that
    /// length are one each; without buffers it is what the network's family has.
    fn filter(&self, encoder: Encoder, assumed: &mut Vec<String>) -> Result<Vec<f64>> {
        let taps = self.taps()?;
        let usual = if encoder == Encoder::Standard { 2 } else { 4 };
        let filter = match taps.unwrap_or(usual) {
            2 => vec![1.0, 1.0],
            4 => vec![1.0, 3.0, 3.0, 1.0],
            other => {
                return Err(strange(format!(
                    "its resampling filter has {other} taps, where 2 or 4 are known"
                )));
            }
        };
        match taps {
            Some(2) => {}
            Some(_) => assumed.push(format!("resampling filter {filter:?}, which is usual for its length")),
            None => assumed.push(format!("resampling filter {filter:?}, which is usual for this network")),
        }
        Ok(filter)
    }

    /// Taps of the resampling filter, of which every buffer is the square: `[1, 1, taps, taps]`.
    fn taps(&self) -> Result<Option<usize>> {
        let mut taps = None;
        for (name, shape) in self.0.iter().filter(|(name, _)| name.ends_with(".resample_filter")) {
            match shape.as_slice() {
                [1, 1, rows, columns] if rows == columns && taps.is_none_or(|taps| taps == *rows) => {
                    taps = Some(*rows);
                }
                _ => return Err(strange(format!("{} has the shape {shape:?}", shown(name)))),
            }
        }
        Ok(taps)
    }
}

/// A width in units of another.
fn ratio(width: usize, unit: usize) -> Result<usize> {
    match width.checked_rem(unit) {
        Some(0) => Ok(width / unit),
        _ => Err(strange(format!("a layer of {width} channels is no multiple of {unit}"))),
    }
}

fn strange(what: String) -> Error {
    Error::new(Kind::Checkpoint, format!("these are not the tensors of one of EDM's networks: {what}"))
        .hint("SongUNet (DDPM++, NCSN++) and DhariwalUNet (ADM) can be imported")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buffers_show_the_filter() {
        let filter = |encoder, buffers: &[&[usize]]| {
            let named =
                buffers.iter().zip(0..).map(|(shape, i)| (format!("{i}.resample_filter"), shape.to_vec()));
            Tensors(&named.collect()).filter(encoder, &mut Vec::new())
        };
        let (two, four) = (vec![1.0, 1.0], vec![1.0, 3.0, 3.0, 1.0]);
        for (encoder, usual) in [(Encoder::Standard, &two), (Encoder::Residual, &four)] {
            assert_eq!(filter(encoder, &[]).as_ref(), Ok(usual));
            // Whatever is usual, the file's own word counts.
            assert_eq!(filter(encoder, &[&[1, 1, 2, 2], &[1, 1, 2, 2]]).as_ref(), Ok(&two));
            assert_eq!(filter(encoder, &[&[1, 1, 4, 4], &[1, 1, 4, 4]]).as_ref(), Ok(&four));
            let error = filter(encoder, &[&[1, 1, 3, 3]]).expect_err("accepted").to_string();
            assert!(error.contains("3 taps"), "{error}");
            let unlike: [&[&[usize]]; 3] = [&[&[1, 1, 2, 2], &[1, 1, 4, 4]], &[&[2, 4]], &[&[]]];
            for strange in unlike {
                filter(encoder, strange).expect_err("accepted");
            }
        }
    }
}
