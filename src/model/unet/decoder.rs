//! The way back up: each block takes a skip, and one or more outputs make the image.

use burn::tensor::Tensor;

use super::block::{BlockConfig, UnetBlock};
use super::dropout::Dropout;
use super::style::BlockStyle;
use crate::gpu::kernels::{Activation, joined};
use crate::model::config::{self, UnetConfig};
use crate::model::layers::{Conv2d, ConvConfig, Filter, GroupNorm, Resample, norm_conv};
use crate::model::layout::LayoutBuilder;
use crate::model::weights::Leaves;

#[derive(Clone, Debug)]
pub struct Decoder {
    steps: Vec<Step>,
    filter: Filter,
}

#[derive(Clone, Debug)]
enum Step {
    Block {
        block: Box<UnetBlock>,
        takes_skip: bool,
    },
    /// An image off the present state, added to what the levels below have made.
    Output {
        norm: GroupNorm,
        conv: Conv2d,
    },
}

impl Decoder {
    /// `channels` come out of the encoder, `skips` lie on its stack; the image has `outputs` channels.
    pub fn new(
        b: &mut LayoutBuilder,
        prefix: &str,
        config: &UnetConfig,
        style: &BlockStyle,
        (mut channels, mut skips): (usize, Vec<usize>),
        outputs: usize,
    ) -> Self {
        let name = |res: usize, part: &str| format!("{prefix}.dec.{res}x{res}_{part}");
        let emb_channels = config.model_channels * config.channel_mult_emb;
        let mut steps = Vec::new();
        for (level, mult) in config.channel_mult.iter().enumerate().rev() {
            let res = config.img_resolution >> level;
            let mut open = |part: &str, resample, heads| {
                let (inputs, outputs) = (channels, channels);
                let block = BlockConfig { inputs, outputs, emb_channels, resample, heads };
                let block = UnetBlock::new(b, &name(res, part), block, style);
                steps.push(Step::Block { block: Box::new(block), takes_skip: false });
            };
            // The lowest level opens with attention, whatever its resolution.
            if level + 1 == config.channel_mult.len() {
                open("in0", Resample::Keep, style.heads.of(channels));
                open("in1", Resample::Keep, 0);
            } else {
                open("up", Resample::Up, 0);
            }
            let width = config.model_channels * mult;
            for i in 0..=config.num_blocks {
                let inputs = channels + skips.pop().unwrap_or(0);
                // SongUNet has attention in a level's last block only.
                let turn = config.architecture.song().is_none() || i == config.num_blocks;
                let attention = turn && config.attn_resolutions.contains(&res);
                let heads = if attention { style.heads.of(width) } else { 0 };
                let resample = Resample::Keep;
                let block = BlockConfig { inputs, outputs: width, emb_channels, resample, heads };
                let block = UnetBlock::new(b, &name(res, &format!("block{i}")), block, style);
                steps.push(Step::Block { block: Box::new(block), takes_skip: true });
                channels = width;
            }
            let names = match config.architecture.song() {
                Some(song) if level == 0 || song.decoder == config::Decoder::Skip => {
                    Some([name(res, "aux_norm"), name(res, "aux_conv")])
                }
                None if level == 0 => Some(["out_norm", "out_conv"].map(|n| format!("{prefix}.{n}"))),
                _ => None,
            };
            if let Some([norm, conv]) = names {
                let norm = GroupNorm::new(b, &norm, channels, style.norm_eps);
                let conv = Conv2d::new(b, &conv, ConvConfig::plain(channels, outputs, 3), style.init_zero);
                steps.push(Step::Output { norm, conv });
            }
        }
        Self { steps, filter: style.filter.clone() }
    }

    /// From the encoder's states to the image, `[batch, outputs, h, w]`.
    pub fn forward(
        &self,
        w: &Leaves,
        mut skips: Vec<Tensor<4>>,
        emb: &Tensor<2>,
        dropout: &mut Dropout,
    ) -> Option<Tensor<4>> {
        let mut x = skips.last()?.clone();
        let mut image: Option<Tensor<4>> = None;
        for step in &self.steps {
            match step {
                Step::Block { block, takes_skip } => {
                    if *takes_skip {
                        let skip = skips.pop()?;
                        x = joined(x, skip);
                    }
                    x = block.forward(w, x, emb, dropout);
                }
                Step::Output { norm, conv } => {
                    let made = norm_conv(w, x.clone(), (norm, Activation::Silu), None, conv);
                    image = Some(match image {
                        None => made,
                        Some(below) => self.filter.apply(below, Resample::Up) + made,
                    });
                }
            }
        }
        image
    }
}
