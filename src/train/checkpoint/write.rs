//! Writes checkpoints, and removes old ones.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use super::due::Due;
use super::manifest::{
    MANIFEST_FILE, MODEL_FILE, Manifest, STATE_FILE, UNFINISHED, all, checkpoint_order, entries, intact,
    read_manifest, stamp,
};
use crate::diffusion::{Generator, GeneratorSpec};
use crate::error::{Error, Result};
use crate::train::{Named, State, tensor_file};

/// Writes a checkpoint below `folder`, in the place of one of the same step, and gives its path. Nothing is
/// left half-written: on an error the temporary folder is removed.
pub fn write(folder: &Path, manifest: Manifest, state: &State, generator: &Generator) -> Result<PathBuf> {
    let name = format!("step-{:08}-{}", manifest.total_steps, manifest.stage.name());
    let [path, temporary, replaced] = [String::new(), UNFINISHED.into(), format!(".replaced{UNFINISHED}")]
        .map(|end| folder.join(name.clone() + &end));
    let written = fill(&temporary, manifest, state, generator).and_then(|()| {
        if path.exists() {
            clear(&replaced)?;
            fs::rename(&path, &replaced).map_err(|e| Error::io(&path, "replace the checkpoint", &e))?;
        }
        fs::rename(&temporary, &path).map_err(|e| Error::io(&path, "rename the checkpoint", &e))?;
        clear(&replaced)?;
        sync(folder)
    });
    if written.is_err() {
        // The error that matters is the first one; a leftover .tmp folder is ignored by every loader.
        let _ = fs::remove_dir_all(&temporary);
    }
    written.map(|()| path)
}

/// Notes in the checkpoint at `path` what its step has still to leave behind.
pub fn settle(path: &Path, due: Due) -> Result<()> {
    let manifest = Manifest { due, ..read_manifest(path)? };
    write_whole(&path.join(MANIFEST_FILE), &encode(path, &manifest)?)
}

fn encode(folder: &Path, manifest: &Manifest) -> Result<Vec<u8>> {
    serde_json::to_vec_pretty(manifest)
        .map_err(|e| Error::checkpoint(folder, format!("the manifest cannot be written: {e}")))
}

/// Removes what an interrupted program has left.
fn clear(folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder).map_err(|e| Error::io(folder, "clear an unfinished checkpoint", &e))?;
    }
    Ok(())
}

fn fill(folder: &Path, mut manifest: Manifest, state: &State, generator: &Generator) -> Result<()> {
    clear(folder)?;
    fs::create_dir_all(folder).map_err(|e| Error::io(folder, "create the folder", &e))?;
    let model = tensor_file::encode_weights(generator.weights(), &manifest.generator)?;
    for (name, bytes) in [(MODEL_FILE, model), (STATE_FILE, tensor_file::encode_flat(&state.tensors)?)] {
        write_synced(&folder.join(name), &bytes)?;
        manifest.files.insert(name.into(), stamp(&bytes));
    }
    manifest.counters = state.counters.clone();
    write_synced(&folder.join(MANIFEST_FILE), &encode(folder, &manifest)?)?;
    sync(folder)
}

/// Writes the network of `spec` with its `tensors` as one model file, whole or not at all.
pub fn write_model(path: &Path, spec: &GeneratorSpec, tensors: &Named) -> Result<()> {
    write_whole(path, &tensor_file::encode_model(spec.layout()?.as_ref(), tensors, spec)?)
}

/// Writes a file whole or not at all.
pub fn write_whole(path: &Path, bytes: &[u8]) -> Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(".tmp");
    let temporary = path.with_file_name(name);
    let written = write_synced(&temporary, bytes)
        .and_then(|()| fs::rename(&temporary, path).map_err(|e| Error::io(path, "write", &e)));
    if written.is_err() {
        // The error that matters is the first one.
        let _ = fs::remove_file(&temporary);
    }
    written
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

/// Removes all other checkpoints from the folder of the one at `path`.
pub fn keep_only(path: &Path) -> Result<()> {
    let all = path.parent().map_or(Ok(Vec::new()), all)?;
    for other in all.into_iter().filter(|other| other != path) {
        fs::remove_dir_all(&other).map_err(|e| Error::io(&other, "remove an old checkpoint", &e))?;
    }
    Ok(())
}

/// Removes checkpoints that are older than `newest`, which has just been written: of those that are whole,
/// as many stay as make `keep` with it, and the newest of every stage. Damaged ones are left for their owner
/// to look at (so is what seems newer: the run would have gone on from it were it whole); unfinished ones go.
pub fn prune(newest: &Path, keep: usize) -> Result<()> {
    let folder = newest.parent().unwrap_or(newest);
    let is_unfinished = |path: &PathBuf| path.to_string_lossy().ends_with(UNFINISHED);
    for path in entries(folder)?.into_iter().filter(is_unfinished) {
        fs::remove_dir_all(&path).map_err(|e| Error::io(&path, "remove an unfinished checkpoint", &e))?;
    }
    let mut stages_seen = Vec::new();
    let order = checkpoint_order(newest);
    let candidates = all(folder)?.into_iter().filter(|p| checkpoint_order(p) <= order && intact(p));
    for (age, path) in candidates.enumerate() {
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
