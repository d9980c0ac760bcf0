//! Writes checkpoints, and removes old ones.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use super::manifest::{MANIFEST_FILE, MODEL_FILE, Manifest, STATE_FILE, all, intact, read_manifest, stamp};
use crate::diffusion::{Generator, GeneratorSpec};
use crate::error::{Error, Result};
use crate::train::{Named, State, tensor_file};

/// Writes a checkpoint below `folder` and gives its path. Nothing is left half-written: on an error
/// the temporary folder is removed.
pub fn write(folder: &Path, manifest: Manifest, state: &State, generator: &Generator) -> Result<PathBuf> {
    let name = format!("step-{:08}-{}", manifest.total_steps, manifest.stage.name());
    let (path, temporary) = (folder.join(&name), folder.join(format!("{name}.tmp")));
    // Stopping right after a save: the state of a step is the same however often it is written.
    let same = |m: &Manifest| {
        m.step == manifest.step && m.recipe_hash == manifest.recipe_hash && m.due == manifest.due
    };
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
    let others = path.parent().map(all).unwrap_or_default().into_iter().filter(|other| other != path);
    for other in others {
        fs::remove_dir_all(&other).map_err(|e| Error::io(&other, "remove an old checkpoint", &e))?;
    }
    Ok(())
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
