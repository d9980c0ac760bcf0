//! What stands in a checkpoint's manifest, and which folders have one.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::due::Due;
use crate::diffusion::GeneratorSpec;
use crate::error::{Error, Result};
use crate::recipe::Stage;
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
/// Version of this layout.
pub(super) const FORMAT: u32 = 1;

/// What a checkpoint is, readable without its tensors.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    pub format: u32,
    pub recipe: String,
    pub recipe_hash: String,
    pub stage: Stage,
    pub step: u64,
    /// Training images that the stage has seen.
    pub images: u64,
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
    /// Size and SHA-256 of every other file.
    #[serde(default)]
    pub files: BTreeMap<String, FileStamp>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileStamp {
    pub bytes: u64,
    pub sha256: String,
}

impl Manifest {
    /// Its name in a checkpoint; it is written last.
    pub const FILE: &str = MANIFEST_FILE;

    pub fn new(recipe: &str, recipe_hash: &str, stage: Stage, at: At, generator: GeneratorSpec) -> Self {
        Self {
            format: FORMAT,
            recipe: recipe.into(),
            recipe_hash: recipe_hash.into(),
            stage,
            step: at.step,
            images: at.images,
            total_steps: at.step,
            images_before: 0,
            elapsed_secs: 0.0,
            data_hash: String::new(),
            generator,
            counters: Counters::new(),
            due: Due::NOTHING,
            files: BTreeMap::new(),
        }
    }
}

pub(super) fn stamp(bytes: &[u8]) -> FileStamp {
    let digest = Sha256::digest(bytes);
    let sha256 = digest.iter().map(|b| format!("{b:02x}")).collect();
    FileStamp { bytes: bytes.len() as u64, sha256 }
}

pub(super) fn read_manifest(path: &Path) -> Result<Manifest> {
    let file = path.join(MANIFEST_FILE);
    let json = fs::read(&file).map_err(|e| Error::io(&file, "read the manifest", &e))?;
    let manifest: Manifest = serde_json::from_slice(&json)
        .map_err(|e| Error::checkpoint(&file, format!("this is not a manifest of ours: {e}")))?;
    if manifest.format != FORMAT {
        let what = format!("the checkpoint has format {}, this program reads {FORMAT}", manifest.format);
        return Err(Error::checkpoint(&file, what).hint("use the version of signet that wrote it"));
    }
    Ok(manifest)
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

/// Checkpoint folders below `folder`, newest first; unfinished ones are not listed.
///
/// # Errors
/// `Kind::Io` for a folder that is there and cannot be read.
pub(super) fn all(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found: Vec<PathBuf> = entries(folder)?
        .into_iter()
        .filter(|p| p.is_dir())
        .filter(|p| {
            let name = p.file_name().unwrap_or_default().to_string_lossy();
            name.starts_with("step-") && !name.ends_with(UNFINISHED)
        })
        .collect();
    found.sort_by_cached_key(|path| std::cmp::Reverse(checkpoint_order(path)));
    Ok(found)
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
