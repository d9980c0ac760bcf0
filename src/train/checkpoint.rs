//! Checkpoints: a folder that is either complete and verified, or not there.
//!
//! `step-N-STAGE.tmp/` is filled, synced, closed with `manifest.json`, and renamed. A loader takes
//! the newest folder whose manifest verifies.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use burn::tensor::Device;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{At, Named, State};
use crate::diffusion::{Generator, GeneratorSpec};
use crate::error::{Error, Result};
use crate::model::Weights;
use crate::recipe::Stage;
use crate::train::tensor_file;

/// Whole numbers that belong to the state: optimiser steps, skipped steps.
pub type Counters = BTreeMap<String, u64>;

/// Averaged weights under EDM's names: what `sample` and `edit` read.
const MODEL_FILE: &str = "model.safetensors";
/// Everything that training goes on from.
const STATE_FILE: &str = "state.safetensors";
const MANIFEST_FILE: &str = "manifest.json";
/// Version of this layout.
const FORMAT: u32 = 1;

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
            files: BTreeMap::new(),
        }
    }
}

/// A loaded checkpoint.
#[derive(Clone, Debug)]
pub struct Checkpoint {
    pub path: PathBuf,
    pub manifest: Manifest,
    pub state: State,
}

/// Writes a checkpoint below `folder` and gives its path. Nothing is left half-written: on an error
/// the temporary folder is removed.
pub fn write(folder: &Path, manifest: Manifest, state: &State, generator: &Generator) -> Result<PathBuf> {
    let name = format!("step-{:08}-{}", manifest.total_steps, manifest.stage.name());
    let (path, temporary) = (folder.join(&name), folder.join(format!("{name}.tmp")));
    // Stopping right after a save: the state of a step is the same however often it is written.
    let same = |m: &Manifest| m.step == manifest.step && m.recipe_hash == manifest.recipe_hash;
    if read_manifest(&path).is_ok_and(|m| same(&m)) && intact(&path) {
        return Ok(path);
    }
    let written = fill(&temporary, manifest, state, generator).and_then(|()| {
        if path.exists() {
            fs::remove_dir_all(&path).map_err(|e| Error::io(&path, "replace the checkpoint", &e))?;
        }
        fs::rename(&temporary, &path).map_err(|e| Error::io(&path, "rename the checkpoint", &e))?;
        sync(folder)
    });
    if written.is_err() {
        // The error that matters is the first one; a leftover .tmp folder is ignored by every loader.
        let _ = fs::remove_dir_all(&temporary);
    }
    written.map(|()| path)
}

fn fill(folder: &Path, mut manifest: Manifest, state: &State, generator: &Generator) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder).map_err(|e| Error::io(folder, "clear an unfinished checkpoint", &e))?;
    }
    fs::create_dir_all(folder).map_err(|e| Error::io(folder, "create the folder", &e))?;
    let model = tensor_file::encode_weights(generator.weights(), &manifest.generator)?;
    for (name, bytes) in [(MODEL_FILE, model), (STATE_FILE, tensor_file::encode_flat(&state.tensors)?)] {
        write_synced(&folder.join(name), &bytes)?;
        manifest.files.insert(name.into(), stamp(&bytes));
    }
    manifest.counters = state.counters.clone();
    let json = serde_json::to_vec_pretty(&manifest)
        .map_err(|e| Error::checkpoint(folder, format!("the manifest cannot be written: {e}")))?;
    write_synced(&folder.join(MANIFEST_FILE), &json)?;
    sync(folder)
}

fn stamp(bytes: &[u8]) -> FileStamp {
    let digest = Sha256::digest(bytes);
    let sha256 = digest.iter().map(|b| format!("{b:02x}")).collect();
    FileStamp { bytes: bytes.len() as u64, sha256 }
}

fn write_synced(path: &Path, bytes: &[u8]) -> Result<()> {
    let write = || -> std::io::Result<()> {
        let mut file = File::create(path)?;
        file.write_all(bytes)?;
        file.sync_all()
    };
    write().map_err(|e| Error::io(path, "write", &e).hint("is the disk full?"))
}

/// Makes a folder's entries durable (only Unix can open a folder for that).
fn sync(folder: &Path) -> Result<()> {
    if cfg!(unix) {
        let synced = File::open(folder).and_then(|f| f.sync_all());
        synced.map_err(|e| Error::io(folder, "sync the folder", &e))?;
    }
    Ok(())
}

/// Checkpoint folders below `folder`, newest first; unfinished ones are not listed.
fn all(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> = entries
        .map(|e| e.path())
        .filter(|p| p.is_dir())
        .filter(|p| {
            let name = p.file_name().unwrap_or_default().to_string_lossy();
            name.starts_with("step-") && !name.ends_with(".tmp")
        })
        .collect();
    found.sort();
    found.reverse();
    found
}

/// The newest checkpoint below `folder` that verifies, and what was wrong with newer ones.
pub fn latest(folder: &Path) -> (Option<Checkpoint>, Vec<Error>) {
    let mut broken = Vec::new();
    for path in all(folder) {
        match load(&path) {
            Ok(checkpoint) => return (Some(checkpoint), broken),
            Err(error) => broken.push(error),
        }
    }
    (None, broken)
}

/// Reads and verifies the checkpoint at `path`.
pub fn load(path: &Path) -> Result<Checkpoint> {
    let manifest = read_manifest(path)?;
    let bytes = read_verified(path, STATE_FILE, &manifest)?;
    let tensors = tensor_file::decode(&bytes).map_err(|e| e.at(path.join(STATE_FILE)))?;
    let state = State { tensors, counters: manifest.counters.clone() };
    Ok(Checkpoint { path: path.to_path_buf(), manifest, state })
}

fn read_manifest(path: &Path) -> Result<Manifest> {
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

fn read_verified(path: &Path, name: &str, manifest: &Manifest) -> Result<Vec<u8>> {
    let file = path.join(name);
    let bytes = fs::read(&file).map_err(|e| Error::io(&file, "read", &e))?;
    match manifest.files.get(name) {
        Some(want) if *want == stamp(&bytes) => Ok(bytes),
        _ => Err(Error::checkpoint(&file, "the file is damaged: its size or hash is not the manifest's")
            .hint("an older checkpoint of the same run is used if there is one")),
    }
}

/// The generator in `path`: a checkpoint folder, a run folder (its newest checkpoint), or a
/// `model.safetensors` file. With `stage`, a run folder gives its newest checkpoint of that stage.
pub fn load_generator(path: &Path, stage: Option<Stage>, device: &Device) -> Result<Generator> {
    if !path.exists() {
        return Err(Error::checkpoint(path, "there is no such model")
            .hint("give a run folder, a checkpoint folder in it, or a model.safetensors file"));
    }
    if path.is_file() {
        let bytes = fs::read(path).map_err(|e| Error::io(path, "read", &e))?;
        let (spec, tensors) = tensor_file::decode_model(&bytes).map_err(|e| e.at(path))?;
        return build(path, spec, &tensors, device);
    }
    if path.join(MANIFEST_FILE).is_file() {
        return from_folder(path, device);
    }
    let mut candidates = all(&path.join("checkpoints"));
    candidates.extend(all(path));
    let mut trouble = None;
    for candidate in candidates {
        let wanted = read_manifest(&candidate).is_ok_and(|m| stage.is_none_or(|s| s == m.stage));
        if !wanted {
            continue;
        }
        match from_folder(&candidate, device) {
            Ok(generator) => return Ok(generator),
            Err(error) => trouble = trouble.or(Some(error)),
        }
    }
    let which = stage.map_or(String::new(), |s| format!(" of a {}", s.name()));
    Err(trouble.unwrap_or_else(|| {
        Error::checkpoint(path, format!("there is no checkpoint{which} in this folder"))
            .hint("give the run folder that `signet train` printed, or one of its checkpoints")
    }))
}

fn from_folder(path: &Path, device: &Device) -> Result<Generator> {
    let manifest = read_manifest(path)?;
    let bytes = read_verified(path, MODEL_FILE, &manifest)?;
    let tensors = tensor_file::decode(&bytes).map_err(|e| e.at(path.join(MODEL_FILE)))?;
    build(path, manifest.generator, &tensors, device)
}

fn build(path: &Path, spec: GeneratorSpec, tensors: &Named, device: &Device) -> Result<Generator> {
    let weights = Weights::from_named(spec.layout()?, tensors, device).map_err(|e| e.at(path))?;
    Generator::new(spec, weights)
}

/// True if the manifest can be read and every file has its size.
fn intact(path: &Path) -> bool {
    let size = |name: &String| fs::metadata(path.join(name)).map(|m| m.len()).ok();
    read_manifest(path).is_ok_and(|m| m.files.iter().all(|(name, stamp)| size(name) == Some(stamp.bytes)))
}

/// Removes old checkpoints: of those that are whole the newest `keep` stay, and the newest of every
/// stage. Damaged ones are left for their owner to look at; unfinished ones go.
pub fn prune(folder: &Path, keep: usize) -> Result<()> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().map(|e| e.path());
    for path in entries.filter(|p| p.extension().is_some_and(|e| e == "tmp")) {
        fs::remove_dir_all(&path).map_err(|e| Error::io(&path, "remove an unfinished checkpoint", &e))?;
    }
    let mut stages_seen = Vec::new();
    for (age, path) in all(folder).into_iter().filter(|p| intact(p)).enumerate() {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let stage = name.rsplit('-').next().unwrap_or_default().to_string();
        let newest_of_stage = !stages_seen.contains(&stage);
        stages_seen.push(stage);
        if age >= keep.max(1) && !newest_of_stage {
            fs::remove_dir_all(&path).map_err(|e| Error::io(&path, "remove an old checkpoint", &e))?;
        }
    }
    Ok(())
}
