//! What stands in a checkpoint's manifest, and which folders have one.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::due::Due;
use super::seal;
use super::versions::VERSION;
use crate::diffusion::GeneratorSpec;
use crate::error::{Error, Result};
use crate::recipe::{Identity, Stage};
use crate::train::At;

/// Whole numbers that belong to the state: optimiser steps, skipped steps.
pub type Counters = BTreeMap<String, u64>;

/// Averaged weights under EDM's names: what `sample` and `edit` read.
pub(super) const MODEL_FILE: &str = "model.safetensors";
/// Everything that training goes on from.
pub(super) const STATE_FILE: &str = "state.safetensors";
pub(super) const MANIFEST_FILE: &str = "manifest.json";
/// How the name of a folder ends that is being written or removed.
pub(super) const UNFINISHED: &str = ".tmp";

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

/// The manifest of the checkpoint at `path`.
///
/// # Errors
/// `Kind::Io` where it cannot be read, `Kind::Checkpoint` where it is none, damaged, or of a later release.
pub fn read_manifest(path: &Path) -> Result<Manifest> {
    let file = path.join(MANIFEST_FILE);
    let json = fs::read(&file).map_err(|e| Error::io(&file, "read the manifest", &e))?;
    seal::open(&json).map_err(|e| e.at(file))
}

/// True if the manifest can be read and every file has its size.
pub(super) fn intact(path: &Path) -> bool {
    let size = |name: &String| fs::metadata(path.join(name)).map(|m| m.len()).ok();
    read_manifest(path).is_ok_and(|m| m.files.iter().all(|(name, stamp)| size(name) == Some(stamp.bytes)))
}

/// What orders checkpoint folders, the newest last: the steps in their names, and after as many steps a
/// student's, which begins where its teacher ends.
pub fn checkpoint_order(path: &Path) -> (u64, bool) {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let mut parts = name.split('-').skip(1);
    let steps = parts.next().and_then(|steps| steps.parse().ok());
    (steps.unwrap_or(0), parts.next() != Some(Stage::Teacher.name()))
}

/// The stage that the name of a checkpoint folder says.
pub(super) fn named_stage(path: &Path) -> Option<Stage> {
    let name = path.file_name()?.to_str()?;
    let stage = name.rsplit('-').next()?;
    [Stage::Teacher, Stage::Sid, Stage::Sign].into_iter().find(|s| s.name() == stage)
}

/// Checkpoint folders below `folder`, newest first; unfinished ones are not listed.
///
/// # Errors
/// `Kind::Io` for a folder that is there and cannot be read.
pub fn all(folder: &Path) -> Result<Vec<PathBuf>> {
    let own = entries(folder)?.into_iter().filter(|path| is_ours(path) && path.is_dir());
    let mut found: Vec<PathBuf> = own.filter(|path| !is_unfinished(path)).collect();
    found.sort_by_cached_key(|path| std::cmp::Reverse(checkpoint_order(path)));
    Ok(found)
}

fn is_ours(path: &Path) -> bool {
    path.file_name().unwrap_or_default().to_string_lossy().starts_with("step-")
}

/// Whether it is a checkpoint that was being written, replaced or removed. What else lies there is somebody
/// else's.
pub(super) fn is_unfinished(path: &Path) -> bool {
    is_ours(path) && path.to_string_lossy().ends_with(UNFINISHED)
}

/// What is in `folder`; nothing where there is none.
///
/// # Errors
/// As [`all`].
pub(super) fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let unreadable = |e: std::io::Error| Error::io(folder, "read the folder", &e);
    match fs::read_dir(folder) {
        Ok(entries) => entries.map(|entry| Ok(entry.map_err(unreadable)?.path())).collect(),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(e) => Err(unreadable(e)),
    }
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
