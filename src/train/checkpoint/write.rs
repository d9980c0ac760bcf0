//! Writes checkpoints.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

use super::listing::name_of;
use super::manifest::{MANIFEST_FILE, MODEL_FILE, Manifest, STATE_FILE, stamp};
use super::remove::{remove, set_aside};
use super::seal;
use crate::diffusion::{Generator, GeneratorSpec};
use crate::error::{Error, Result};
use crate::plain_file::{TEMPORARY, create, make_folder, write_whole};
use crate::train::{Named, State, tensor_file};

/// Writes a checkpoint below `folder`, in the place of one of the same step, and gives its path. Nothing is
/// left half-written: on an error the temporary folder is removed. `manifest` is filled in.
///
/// # Errors
/// `Kind::Io`, also where `folder` is a link: a run folder may be moved to another disk, but not a part of it.
pub fn write(
    folder: &Path,
    manifest: &mut Manifest,
    state: &State,
    generator: &Generator,
) -> Result<PathBuf> {
    make_folder(folder)?;
    let name = name_of(manifest.stage, manifest.total_steps);
    let (path, temporary) = (folder.join(&name), folder.join(name + TEMPORARY));
    let written = fill(&temporary, manifest, state, generator).and_then(|()| {
        // One of the same step is damaged, or was written under other conditions.
        let replaced = set_aside(&path)?;
        fs::rename(&temporary, &path).map_err(|e| Error::io(&path, "rename the checkpoint", &e))?;
        replaced.map_or(Ok(()), |replaced| remove(&replaced))?;
        sync(folder)
    });
    if written.is_err() {
        // The error that matters is the first one; a leftover .tmp folder is ignored by every loader.
        let _ = fs::remove_dir_all(&temporary);
    }
    written.map(|()| path)
}

/// Writes the manifest of the checkpoint at `path` anew: what its step has still to leave behind has changed.
pub fn settle(path: &Path, manifest: &Manifest) -> Result<()> {
    write_whole(&path.join(MANIFEST_FILE), seal::close(manifest).map_err(|e| e.at(path))?.as_bytes())
}

fn fill(folder: &Path, manifest: &mut Manifest, state: &State, generator: &Generator) -> Result<()> {
    remove(folder)?;
    fs::create_dir(folder).map_err(|e| Error::io(folder, "create the folder", &e))?;
    let model = tensor_file::encode_weights(generator.weights(), &manifest.generator)?;
    for (name, bytes) in [(MODEL_FILE, model), (STATE_FILE, tensor_file::encode_flat(&state.tensors)?)] {
        write_synced(&folder.join(name), &bytes)?;
        manifest.files.insert(name.into(), stamp(&bytes));
    }
    manifest.counters = state.counters.clone();
    write_synced(&folder.join(MANIFEST_FILE), seal::close(manifest).map_err(|e| e.at(folder))?.as_bytes())?;
    sync(folder)
}

/// Writes the network of `spec` with its `tensors` as one model file, whole or not at all.
pub fn write_model(path: &Path, spec: &GeneratorSpec, tensors: &Named) -> Result<()> {
    write_whole(path, &tensor_file::encode_model(spec.layout()?.as_ref(), tensors, spec)?)
}

fn write_synced(path: &Path, bytes: &[u8]) -> Result<()> {
    let mut file = create(path)?;
    let written = file.write_all(bytes).and_then(|()| file.sync_all());
    written.map_err(|e| Error::io(path, "write", &e).hint("is the disk full?"))
}

/// Makes a folder's entries durable (only Unix can open a folder for that).
fn sync(folder: &Path) -> Result<()> {
    if cfg!(unix) {
        let synced = File::open(folder).and_then(|f| f.sync_all());
        synced.map_err(|e| Error::io(folder, "sync the folder", &e))?;
    }
    Ok(())
}
