//! Inception-v3 as TensorFlow published it on 2015-12-05, from the user's weights: the features that FID,
//! KID and IS are defined on (Heusel et al., 2017; Salimans et al., 2016).

mod blocks;
mod layers;
mod plan;
mod pool;
mod resize;
#[cfg(test)]
mod tests;
mod weights;

use std::collections::BTreeMap;

use burn::tensor::{Device, Tensor, TensorData};

pub use resize::Resize;
pub use weights::{TELLTALES, is_inception};

use self::layers::Conv;
use self::plan::Part;
use self::weights::Weights;
use super::{Extractor, Features, Images};
use crate::error::Result;
use crate::gpu::read;

/// Numbers of an image.
const DIM: usize = 2048;
/// Classes that the network was trained on: ImageNet's 1000 and eight that mean nothing.
const CLASSES: usize = 1008;
/// Images at once: about half a gigabyte of memory.
const BATCH: usize = 16;

/// FID's network on a device.
pub struct Inception {
    stages: Vec<(&'static str, Part<Conv>)>,
    /// `[features, classes]`; the last layer's bias is left out, as the Inception score has it.
    head: Tensor<2>,
    resize: Resize,
    device: Device,
}

impl Inception {
    /// The network of a state dict with torchvision's names: `Conv2d_1a_3x3.conv.weight`,
    /// `Conv2d_1a_3x3.bn.running_mean`, `Mixed_5b.branch1x1.conv.weight`, …, `fc.weight`.
    ///
    /// # Errors
    /// `Kind::Checkpoint` naming the first tensor that is missing, of another size or not of finite numbers.
    pub fn new(named: &BTreeMap<String, Vec<f32>>, resize: Resize, device: &Device) -> Result<Self> {
        let weights = Weights(named);
        let (mut stages, mut channels) = (Vec::new(), 3);
        for (name, plan) in blocks::stages() {
            let (part, outputs) =
                plan.built(channels, &mut |window, inputs| Conv::new(weights, window, inputs, device))?;
            stages.push((name, part));
            channels = outputs;
        }
        let head = weights.get("fc.weight", &[CLASSES, DIM])?.to_vec();
        weights.get("fc.bias", &[CLASSES])?;
        let head = Tensor::<2>::from_data(TensorData::new(head, [CLASSES, DIM]), device).transpose();
        Ok(Self { stages, head, resize, device: device.clone() })
    }

    /// Pooled features `[batch, 2048]` and logits `[batch, 1008]`; `seen` is shown what each stage made.
    fn forward(&self, images: &Images<'_>, mut seen: impl FnMut(&str, &Tensor<4>)) -> [Tensor<2>; 2] {
        let shape = [images.count(), 3, resize::SIDE, resize::SIDE];
        let pixels = TensorData::new(self.resize.apply(images), shape);
        let mut x = Tensor::<4>::from_data(pixels, &self.device);
        for (name, stage) in &self.stages {
            x = stage.forward(x);
            seen(name, &x);
        }
        let pooled = pool::global_average(x);
        [pooled.clone(), pooled.matmul(self.head.clone())]
    }
}

impl Extractor for Inception {
    fn name(&self) -> String {
        "inception".into()
    }

    fn is_fid(&self) -> bool {
        true
    }

    fn dim(&self) -> usize {
        DIM
    }

    fn classes(&self) -> usize {
        CLASSES
    }

    fn input(&self) -> String {
        self.resize.words().into()
    }

    fn batch(&self) -> usize {
        BATCH
    }

    /// The last block's mean over the image; logits without the last layer's bias.
    fn extract(&self, images: &Images<'_>) -> Result<Features> {
        if images.count() == 0 {
            return Ok(Features::default());
        }
        let [pooled, logits] = self.forward(images, |_, _| {});
        Ok(Features { pooled: read(pooled)?, logits: read(logits)? })
    }
}
