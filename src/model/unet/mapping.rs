//! From noise level and labels to the embedding that every block hears.

use burn::tensor::activation::silu;
use burn::tensor::{Device, Tensor};

use super::Condition;
use super::style::BlockStyle;
use crate::model::config::{Embedding, UnetConfig};
use crate::model::embed::{Order, embed, embed_tensor, fourier_frequencies, positional_frequencies};
use crate::model::init::{Init, LayerInit, Spread};
use crate::model::layers::Linear;
use crate::model::layout::{BufferId, LayoutBuilder};
use crate::model::weights::Leaves;

/// Spread of the random frequencies (Tancik et al., 2020), in turns per unit of `c_noise`.
const FOURIER_SCALE: f64 = 16.0;

#[derive(Clone, Debug)]
pub struct Mapping {
    noise: Noise,
    map_label: Option<Linear>,
    map_augment: Option<Linear>,
    map_layer0: Linear,
    map_layer1: Linear,
    label_dim: usize,
    /// SongUNet adds the labels in front of its layers, ADM behind them.
    labels_first: bool,
}

/// Where the sines' frequencies come from.
#[derive(Clone, Debug)]
enum Noise {
    Positional { frequencies: Vec<f64>, order: Order },
    Fourier { turns: BufferId },
}

impl Mapping {
    pub fn new(b: &mut LayoutBuilder, prefix: &str, config: &UnetConfig, style: &BlockStyle) -> Self {
        let name = |n: &str| format!("{prefix}.{n}");
        let emb_channels = config.model_channels * config.channel_mult_emb;
        let (labels, augment) = (config.label_dim, config.augment_dim);
        let layers = |b: &mut LayoutBuilder, inputs: usize| {
            let layer0 = Linear::new(b, &name("map_layer0"), [inputs, emb_channels], true, style.init);
            let layer1 = Linear::new(b, &name("map_layer1"), [emb_channels; 2], true, style.init);
            (layer0, layer1)
        };
        match config.architecture.song() {
            Some(song) => {
                let width = config.model_channels * song.channel_mult_noise;
                let noise = match song.embedding {
                    Embedding::Positional => Noise::Positional {
                        frequencies: positional_frequencies(width / 2, true),
                        order: Order::SinCos,
                    },
                    Embedding::Fourier => {
                        let init = Init::Normal { std: FOURIER_SCALE };
                        Noise::Fourier { turns: b.add_buffer(name("map_noise.freqs"), width / 2, init) }
                    }
                };
                let map_label = (labels > 0)
                    .then(|| Linear::new(b, &name("map_label"), [labels, width], true, style.init));
                let map_augment = (augment > 0)
                    .then(|| Linear::new(b, &name("map_augment"), [augment, width], false, style.init));
                let (map_layer0, map_layer1) = layers(b, width);
                let label_dim = labels;
                Self { noise, map_label, map_augment, map_layer0, map_layer1, label_dim, labels_first: true }
            }
            None => {
                let width = config.model_channels;
                let frequencies = positional_frequencies(width / 2, false);
                let map_augment = (augment > 0)
                    .then(|| Linear::new(b, &name("map_augment"), [augment, width], false, style.init_zero));
                let (map_layer0, map_layer1) = layers(b, width);
                // One class in many is set: the factor makes its column of unit size.
                let gain = (labels as f64).sqrt();
                let init = LayerInit { spread: Spread::KaimingNormal, weight_gain: gain, bias_gain: 0.0 };
                let map_label = (labels > 0)
                    .then(|| Linear::new(b, &name("map_label"), [labels, emb_channels], false, init));
                let noise = Noise::Positional { frequencies, order: Order::CosSin };
                let label_dim = labels;
                Self { noise, map_label, map_augment, map_layer0, map_layer1, label_dim, labels_first: false }
            }
        }
    }

    /// Known noise levels: `[batch, noise channels]`.
    pub fn embed(&self, w: &Leaves, c_noise: &[f64], device: &Device) -> Tensor<2> {
        match &self.noise {
            Noise::Positional { frequencies, order } => embed(c_noise, frequencies, *order, device),
            Noise::Fourier { turns } => {
                embed(c_noise, &fourier_frequencies(w.buffer(*turns)), Order::SinCos, device)
            }
        }
    }

    /// Predicted noise levels, `[batch] -> [batch, noise channels]`.
    pub fn embed_tensor(&self, w: &Leaves, c_noise: Tensor<1>) -> Tensor<2> {
        match &self.noise {
            Noise::Positional { frequencies, order } => embed_tensor(c_noise, frequencies, *order),
            Noise::Fourier { turns } => {
                embed_tensor(c_noise, &fourier_frequencies(w.buffer(*turns)), Order::SinCos)
            }
        }
    }

    /// The embedding of noise and labels: `[batch, emb_channels]`.
    pub fn forward(&self, w: &Leaves, noise: Tensor<2>, condition: &Condition) -> Tensor<2> {
        let mut emb = noise;
        if self.labels_first {
            // A one-hot row is scaled to unit variance; zeros still leave the layer's bias.
            emb = self.add_labels(w, emb, condition, (self.label_dim as f64).sqrt());
        }
        if let (Some(map), Some(augment)) = (&self.map_augment, &condition.augment) {
            emb = emb + map.forward(w, augment.clone());
        }
        let mut emb = self.map_layer1.forward(w, silu(self.map_layer0.forward(w, emb)));
        if !self.labels_first {
            emb = self.add_labels(w, emb, condition, 1.0);
        }
        silu(emb)
    }

    fn add_labels(&self, w: &Leaves, emb: Tensor<2>, condition: &Condition, scale: f64) -> Tensor<2> {
        let Some(map) = &self.map_label else { return emb };
        let [batch, _] = emb.dims();
        let zeros = || Tensor::zeros([batch, self.label_dim], &emb.device());
        let labels = condition.labels.clone().unwrap_or_else(zeros);
        emb + map.forward(w, labels * scale)
    }
}
