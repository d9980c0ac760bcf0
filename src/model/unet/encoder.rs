//! The way down: from the image to its lowest resolution, leaving a skip behind each step.

use burn::tensor::Tensor;

use super::block::{BlockConfig, UnetBlock};
use super::dropout::Dropout;
use super::style::BlockStyle;
use crate::gpu::kernels::scaled_sum;
use crate::model::config::{self, UnetConfig};
use crate::model::layers::{Conv2d, ConvConfig, Filter, Resample};
use crate::model::layout::LayoutBuilder;
use crate::model::weights::Leaves;

#[derive(Clone, Debug)]
pub struct Encoder {
    conv_in: Conv2d,
    steps: Vec<Step>,
    filter: Filter,
    /// Factor behind the sum of blocks and image chain.
    skip_scale: f64,
}

/// What follows the first convolution. `Skip` and `Residual` work on what the image itself became.
#[derive(Clone, Debug)]
enum Step {
    Block(Box<UnetBlock>),
    /// The image, made smaller, through a convolution and added.
    Skip(Conv2d),
    /// The image's own chain, one convolution further down, merged with the blocks.
    Residual(Conv2d),
}

impl Encoder {
    /// The encoder, the channels of the skips that it leaves, and those of its result.
    pub fn new(
        b: &mut LayoutBuilder,
        prefix: &str,
        config: &UnetConfig,
        style: &BlockStyle,
    ) -> (Self, Vec<usize>, usize) {
        let name = |res: usize, part: &str| format!("{prefix}.enc.{res}x{res}_{part}");
        let emb_channels = config.model_channels * config.channel_mult_emb;
        let song = config.architecture.song();
        let kind = song.map_or(config::Encoder::Standard, |song| song.encoder);
        // ADM opens at the width of its first level, the others at the model's.
        let first_mult = config.channel_mult.first().copied().unwrap_or(1);
        let first = if song.is_some() { config.model_channels } else { config.model_channels * first_mult };
        let conv = ConvConfig::plain(config.img_channels, first, 3);
        let conv_in = Conv2d::new(b, &name(config.img_resolution, "conv"), conv, style.init);
        let (mut steps, mut skips) = (Vec::new(), vec![first]);
        let (mut channels, mut image_channels) = (first, config.img_channels);
        for (level, mult) in config.channel_mult.iter().enumerate() {
            let res = config.img_resolution >> level;
            if level > 0 {
                let (inputs, outputs) = (channels, channels);
                let block = BlockConfig { inputs, outputs, emb_channels, resample: Resample::Down, heads: 0 };
                let block = UnetBlock::new(b, &name(res, "down"), block, style);
                steps.push(Step::Block(Box::new(block)));
                skips.push(channels);
                match kind {
                    config::Encoder::Standard => {}
                    config::Encoder::Skip => {
                        let conv = ConvConfig::plain(image_channels, channels, 1);
                        steps.push(Step::Skip(Conv2d::new(b, &name(res, "aux_skip"), conv, style.init)));
                    }
                    config::Encoder::Residual => {
                        let conv = ConvConfig::plain(image_channels, channels, 3);
                        let conv = conv.resampling(Resample::Down, &style.filter);
                        let conv = ConvConfig { fused: true, ..conv };
                        let conv = Conv2d::new(b, &name(res, "aux_residual"), conv, style.init);
                        steps.push(Step::Residual(conv));
                        image_channels = channels;
                    }
                }
            }
            let attention = config.attn_resolutions.contains(&res);
            for i in 0..config.num_blocks {
                let (inputs, outputs) = (channels, config.model_channels * mult);
                let heads = if attention { style.heads.of(outputs) } else { 0 };
                let block = BlockConfig { inputs, outputs, emb_channels, resample: Resample::Keep, heads };
                let block = UnetBlock::new(b, &name(res, &format!("block{i}")), block, style);
                steps.push(Step::Block(Box::new(block)));
                channels = outputs;
                skips.push(channels);
            }
        }
        let (filter, skip_scale) = (style.filter.clone(), style.skip_scale);
        (Self { conv_in, steps, filter, skip_scale }, skips, channels)
    }

    /// The states after the first convolution and after each block; the last one is the result.
    pub fn forward(
        &self,
        w: &Leaves,
        x: Tensor<4>,
        emb: &Tensor<2>,
        dropout: &mut Dropout,
    ) -> Vec<Tensor<4>> {
        let mut image = x.clone();
        let mut skips = vec![self.conv_in.forward(w, x)];
        for step in &self.steps {
            let Some(x) = skips.last().cloned() else { break };
            match step {
                Step::Block(block) => skips.push(block.forward(w, x, emb, dropout)),
                // The merged state takes the place of the last block's.
                Step::Skip(conv) => {
                    image = self.filter.apply(image, Resample::Down);
                    skips.pop();
                    skips.push(x + conv.forward(w, image.clone()));
                }
                Step::Residual(conv) => {
                    image = scaled_sum(conv.forward(w, image), x, self.skip_scale);
                    skips.pop();
                    skips.push(image.clone());
                }
            }
        }
        skips
    }
}
