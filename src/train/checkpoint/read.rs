//! Reads checkpoints back, and the generators in them.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use burn::tensor::Device;

use super::listing::{all, named_stage};
use super::manifest::{MANIFEST_FILE, MODEL_FILE, Manifest, STATE_FILE, stamp};
use super::seal::{read_manifest, read_named};
use super::size;
use crate::diffusion::{Generator, GeneratorSpec};
use crate::error::{Error, Kind, Result};
use crate::import;
use crate::model::Weights;
use crate::plain_file;
use crate::recipe::Stage;
use crate::train::{Named, State, tensor_file};

/// A loaded checkpoint.
#[derive(Clone, Debug)]
pub struct Checkpoint {
    pub path: PathBuf,
    pub manifest: Manifest,
    pub state: State,
}

/// The newest checkpoint below `folder` that verifies and of which `fits` finds nothing wrong, and what was
/// wrong with newer ones; none where there are none.
///
/// # Errors
/// `Kind::Checkpoint` where none of those that are there can be read, and `Kind::Io` where that is not known:
/// a run that began once more in their place would be the end of them.
pub fn latest(
    folder: &Path,
    fits: impl Fn(&Checkpoint) -> Result<()>,
) -> Result<(Option<Checkpoint>, Vec<Error>)> {
    let (mut broken, mut misfit) = (Vec::new(), None);
    for path in all(folder)? {
        let error = match read_named(&path).and_then(|_| load(&path)) {
            Ok(checkpoint) => match fits(&checkpoint) {
                Ok(()) => return Ok((Some(checkpoint), broken)),
                Err(error) => {
                    misfit.get_or_insert(error.clone());
                    error
                }
            },
            Err(error) => error,
        };
        broken.push(error);
    }
    // What is whole and of another run says more than what cannot be read.
    if let Some(misfit) = misfit {
        return Err(misfit);
    }
    match broken.into_iter().next() {
        None => Ok((None, Vec::new())),
        Some(newest) => Err(Error { kind: Kind::Checkpoint, ..newest }
            .hint("no older checkpoint can be read either: bring one back, or start over in a new folder with --fresh")),
    }
}

/// Reads and verifies the checkpoint at `path`.
pub fn load(path: &Path) -> Result<Checkpoint> {
    let manifest = read_manifest(path)?;
    let bytes = read_verified(path, STATE_FILE, &manifest)?;
    let tensors = tensor_file::decode(&bytes).map_err(|e| e.at(path.join(STATE_FILE)))?;
    let state = State { tensors, counters: manifest.counters.clone() };
    Ok(Checkpoint { path: path.to_path_buf(), manifest, state })
}

/// Nothing is read where the sizes tell already that it is not what was written.
fn read_verified(path: &Path, name: &str, manifest: &Manifest) -> Result<Vec<u8>> {
    let at = path.join(name);
    let file = plain_file::open(&at)?;
    let unreadable = |e: std::io::Error| Error::io(&at, "read", &e);
    let damaged = |what| Err(Error::checkpoint(&at, what).hint("use another checkpoint of the same run"));
    let len = file.metadata().map_err(unreadable)?.len();
    let Some(want) = manifest.files.get(name).filter(|want| want.bytes == len) else {
        return damaged("the file is damaged: its size is not the manifest's");
    };
    if len > size::most(name, &manifest.generator)? {
        return damaged("the file is larger than its network explains");
    }
    let mut bytes = Vec::new();
    file.take(len).read_to_end(&mut bytes).map_err(unreadable)?;
    if *want == stamp(&bytes) {
        Ok(bytes)
    } else {
        damaged("the file is damaged: its hash is not the manifest's")
    }
}

/// A generator, and where it was.
#[derive(Debug)]
pub struct Found {
    pub generator: Generator,
    /// A checkpoint folder or a file.
    pub path: PathBuf,
    /// What was wrong with a newer checkpoint.
    pub passed_over: Option<Error>,
}

/// The generator in `path`: a checkpoint folder, a run folder (its newest checkpoint), a
/// `model.safetensors` file, or a pretrained network of another program. With `stage`, a run folder gives its
/// newest checkpoint of that stage.
pub fn load_generator(path: &Path, stage: Option<Stage>, device: &Device) -> Result<Generator> {
    find_generator(path, stage, device).map(|found| found.generator)
}

/// The same, and which it is.
pub fn find_generator(path: &Path, stage: Option<Stage>, device: &Device) -> Result<Found> {
    let here = |generator| Found { generator, path: path.to_path_buf(), passed_over: None };
    if !path.exists() {
        return Err(Error::checkpoint(path, "there is no such model")
            .hint("give a run folder, a checkpoint folder in it, a model.safetensors file or an EDM .pkl"));
    }
    if path.is_file() {
        let (spec, tensors) = from_file(path)?;
        return build(path, spec, &tensors, device).map(here);
    }
    if plain_file::exists(&path.join(MANIFEST_FILE)) {
        return from_folder(path, device).map(here);
    }
    let below = path.join("checkpoints");
    plain_file::check_folder(&below)?;
    let mut candidates = all(&below)?;
    candidates.extend(all(path)?);
    let stages: Vec<(Option<Stage>, PathBuf)> =
        candidates.into_iter().map(|path| (named_stage(&path), path)).collect();
    // An older checkpoint stands in for a damaged one, but a teacher is no student.
    let wanted = stage.or(stages.iter().find_map(|(stage, _)| *stage));
    let mut trouble = None;
    for (_, candidate) in stages.into_iter().filter(|(stage, _)| *stage == wanted) {
        match read_named(&candidate).and_then(|_| from_folder(&candidate, device)) {
            Ok(generator) => return Ok(Found { generator, path: candidate, passed_over: trouble }),
            Err(error) => trouble = trouble.or(Some(error)),
        }
    }
    let which = stage.map_or(String::new(), |s| format!(" of a {}", s.name()));
    Err(trouble.unwrap_or_else(|| {
        Error::checkpoint(path, format!("there is no checkpoint{which} in this folder"))
            .hint("give the run folder that `signet train` printed, or one of its checkpoints")
    }))
}

/// A model file of this program's, or a pretrained network of another's.
fn from_file(path: &Path) -> Result<(GeneratorSpec, Named)> {
    if let Some(spec) = tensor_file::spec_of(path)? {
        let spec = spec.map_err(|e| e.at(path))?;
        let unreadable = |e: std::io::Error| Error::io(path, "read", &e);
        let file = fs::File::open(path).map_err(unreadable)?;
        // Tensors are as many as the network has, whatever the length of the file.
        let (len, most) = (file.metadata().map_err(unreadable)?.len(), size::most(MODEL_FILE, &spec)?);
        if len > most {
            return Err(Error::checkpoint(path, "the file is larger than its network explains")
                .hint("give a model.safetensors that signet wrote"));
        }
        let mut bytes = Vec::new();
        file.take(most).read_to_end(&mut bytes).map_err(unreadable)?;
        return Ok((spec, tensor_file::decode(&bytes).map_err(|e| e.at(path))?));
    }
    let imported = import::open(path, &import::Options::default())?;
    Ok((imported.spec, imported.tensors))
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
