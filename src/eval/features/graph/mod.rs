//! Features of a network that comes as a list of operations (JSON) beside its weights, say MobileNetV2
//! (Sandler et al., 2018).

mod conv;
mod file;
mod layer;
mod plan;
mod prepare;
mod shape;
mod source;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use burn::tensor::{Device, Tensor, TensorData};

use super::{Extractor, Features, Images};
use crate::error::{Error, Kind, Result};
use crate::gpu::read;
use file::File;
use plan::Plan;
use prepare::Prepare;

/// Numbers of the largest layer that a batch may have, 32 MiB: above that a CPU's memory is fetched anew
/// from the system for every layer.
const BATCH_ELEMENTS: usize = 1 << 23;
/// Most images of a batch.
const MOST_IMAGES: usize = 64;

/// A network of convolutions, sums, one mean over the pixels (its features) and at most one fully
/// connected layer (its logits).
pub struct Graph {
    name: String,
    prepare: Prepare,
    plan: Plan,
    device: Device,
}

impl Graph {
    /// The network of the operations in `json`, with its weights by name. `stem` is the name of its file
    /// without an extension: the first word of it is what the features are called after.
    ///
    /// # Errors
    /// `Kind::Checkpoint` where the JSON is not such a list, asks for what cannot be done here, or does
    /// not fit the weights; the operation is named.
    pub fn new(stem: &str, json: &str, named: &BTreeMap<String, Vec<f32>>, device: &Device) -> Result<Self> {
        let file = File::parse(json)?;
        let prepare = file.prepare()?;
        let first = stem.split(|c: char| !c.is_alphanumeric()).find(|word| !word.is_empty());
        Ok(Self {
            name: first.unwrap_or("graph").to_lowercase(),
            prepare,
            plan: Plan::new(&file, named, prepare.side, device)?,
            device: device.clone(),
        })
    }
}

impl Extractor for Graph {
    /// A file may be called anything; no built-in extractor's name begins so.
    fn name(&self) -> String {
        match self.name.as_str() {
            "inception" | "pixel" | "random" | "resnet" => format!("graph-{}", self.name),
            name => name.to_string(),
        }
    }

    fn dim(&self) -> usize {
        self.plan.pooled_len()
    }

    fn classes(&self) -> usize {
        self.plan.logits_len()
    }

    fn input(&self) -> String {
        self.prepare.describe()
    }

    fn batch(&self) -> usize {
        (BATCH_ELEMENTS / self.plan.largest().max(1)).clamp(1, MOST_IMAGES)
    }

    fn extract(&self, images: &Images<'_>) -> Result<Features> {
        let side = self.prepare.side;
        let data = TensorData::new(self.prepare.apply(images), [images.count(), 3, side, side]);
        let (pooled, logits) = self.plan.run(Tensor::from_data(data, &self.device));
        Ok(Features { pooled: read(pooled)?, logits: logits.map(read).transpose()?.unwrap_or_default() })
    }
}

fn bad(what: String) -> Error {
    Error::new(Kind::Checkpoint, format!("this is no list of operations that can be run: {what}"))
        .hint("give the .json that came with the .safetensors, unchanged")
}
