//! What stands in a checkpoint's manifest.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::due::Due;
use super::versions::VERSION;
use crate::diffusion::GeneratorSpec;
use crate::recipe::{Identity, Stage};
use crate::train::At;

/// Whole numbers that belong to the state: optimiser steps, skipped steps.
pub type Counters = BTreeMap<String, u64>;

/// Averaged weights under EDM's names: what `sample` and `edit` read.
pub(super) const MODEL_FILE: &str = "model.safetensors";
/// Everything that training goes on from.
pub(super) const STATE_FILE: &str = "state.safetensors";
pub(super) const MANIFEST_FILE: &str = "manifest.json";

/// What a checkpoint is, readable without its tensors.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// Of this layout.
    pub version: u32,
    /// The recipe's name.
    pub recipe: String,
    /// The settings that it was trained with.
    #[serde(default)]
    pub identity: Identity,
    /// What version 1 has in the identity's place: the hash of the recipe's file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recipe_hash: Option<String>,
    pub stage: Stage,
    pub step: u64,
    /// Training images that the stage has seen.
    pub images: u64,
    /// How long the stage was to be when this was written, thousand images; version 1 does not say.
    #[serde(default)]
    pub stage_kimg: Option<f64>,
    /// Steps of all stages before and including this one.
    pub total_steps: u64,
    /// Images of the stages before this one.
    pub images_before: u64,
    pub elapsed_secs: f64,
    /// Fingerprint of the images that it was trained on.
    pub data_hash: String,
    pub generator: GeneratorSpec,
    pub counters: Counters,
    /// What the step has not left behind yet.
    #[serde(default)]
    pub due: Due,
    /// Losses since the last line of the run's numbers.
    #[serde(default)]
    pub sums: Vec<(String, LossSum)>,
    /// Size and SHA-256 of every other file.
    #[serde(default)]
    pub files: BTreeMap<String, FileStamp>,
}

/// The losses of some steps, added up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LossSum {
    /// The sum, as the bits of an f64: decimal digits need not come back as the very same number.
    bits: u64,
    count: u64,
}

impl LossSum {
    pub fn add(&mut self, loss: f64) {
        self.bits = (f64::from_bits(self.bits) + loss).to_bits();
        self.count += 1;
    }

    /// NaN of no loss.
    pub fn mean(&self) -> f64 {
        f64::from_bits(self.bits) / self.count as f64
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileStamp {
    pub bytes: u64,
    pub sha256: String,
}

impl Manifest {
    /// Its name in a checkpoint; it is written last.
    pub const FILE: &str = MANIFEST_FILE;

    pub fn new(recipe: &str, identity: Identity, stage: Stage, at: At, generator: GeneratorSpec) -> Self {
        Self {
            version: VERSION,
            recipe: recipe.into(),
            identity,
            recipe_hash: None,
            stage,
            step: at.step,
            images: at.images,
            stage_kimg: None,
            total_steps: at.step,
            images_before: 0,
            elapsed_secs: 0.0,
            data_hash: String::new(),
            generator,
            counters: Counters::new(),
            due: Due::NOTHING,
            sums: Vec::new(),
            files: BTreeMap::new(),
        }
    }
}

pub(super) fn stamp(bytes: &[u8]) -> FileStamp {
    FileStamp { bytes: bytes.len() as u64, sha256: sha256(bytes) }
}

pub(super) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|b| format!("{b:02x}")).collect()
}

/// A manifest of a toy world's run, for tests.
#[cfg(test)]
pub(crate) fn made_up_manifest(stage: Stage, at: At) -> Manifest {
    let recipe = crate::recipe::preset("ring8-sid").expect("a recipe");
    let data = crate::data::Dataset::of_world(crate::world::World::Ring8, 0, 2);
    let unet = crate::train::unet_config(&recipe, &data).expect("a network");
    let kind = crate::diffusion::GeneratorKind::Sid { sigma_init: 2.5 };
    let generator = GeneratorSpec { kind, precond: crate::diffusion::Precond::Edm, unet };
    Manifest::new("made-up", Identity::of(&recipe).expect("an identity"), stage, at, generator)
}
