//! Opens a file, whatever it is, and follows it to the network.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, Cursor as Memory, Read};
use std::path::Path;

use safetensors::tensor::{Dtype as Written, SafeTensors};
use serde_json::{Map, Value as Json};

use super::assemble::{Found, Imported, assemble};
use super::edm::{self, Module, Network};
use super::format::{Format, HEAD_LEN};
use super::options::Options;
use super::pickle::{self, Cursor, Tree};
use super::plain::json;
use super::report::Origin;
use super::shown::shown;
use super::torch::{
    Archive, Dtype, Legacy, MAX_FILE_BYTES, MAX_PICKLE_BYTES, Reader, Storages, Tensor, Zipped,
};
use crate::error::{Error, Kind, Result};

/// Reads the network in the file at `path`: EDM's and SiD's pickles and training states, state dicts
/// of torch, safetensors. The kind of file shows in its content. No code in it is ever run.
///
/// # Errors
/// `Kind::Io`; `Kind::Checkpoint` for what is damaged, hostile, or no network that Signet knows;
/// `Kind::Usage` for options that the file does not have.
pub fn open(path: &Path, options: &Options) -> Result<Imported> {
    let io = |e: std::io::Error| Error::io(path, "read the file", &e);
    let mut file = File::open(path).map_err(io)?;
    let meta = file.metadata().map_err(io)?;
    if !meta.is_file() {
        return Err(Error::checkpoint(path, "this is no file").hint("give the file with the network"));
    }
    let mut head = Vec::new();
    file.by_ref().take(HEAD_LEN as u64).read_to_end(&mut head).map_err(io)?;
    let imported = match Format::of(&head) {
        Ok(Format::Zip) => from_zip(Archive::open(BufReader::new(file)), options),
        Ok(_) if meta.len() > MAX_FILE_BYTES => {
            Err(Error::new(Kind::Checkpoint, format!("the file is larger than {} GiB", MAX_FILE_BYTES >> 30)))
        }
        Ok(_) => std::fs::read(path).map_err(io).and_then(|bytes| read(&bytes, options)),
        Err(error) => Err(error),
    };
    imported.map_err(|e| e.at(path))
}

/// Like [`open`], from memory.
pub fn read(bytes: &[u8], options: &Options) -> Result<Imported> {
    match Format::of(bytes.get(..HEAD_LEN).unwrap_or(bytes))? {
        Format::Zip => from_zip(Archive::open(Memory::new(bytes)), options),
        Format::LegacyTorch => {
            let Legacy { tree, storages } = Legacy::read(bytes)?;
            from_tree(&tree, Storages::Legacy(storages), bytes.len() as u64, Format::LegacyTorch, options)
        }
        Format::Pickle => {
            let tree = pickle::read(&mut Cursor::new(bytes))?;
            from_tree(&tree, Storages::Within, bytes.len() as u64, Format::Pickle, options)
        }
        Format::Safetensors => from_safetensors(bytes, options),
    }
}

fn from_zip(archive: Result<Archive<'_>>, options: &Options) -> Result<Imported> {
    let mut archive = archive?;
    let is_pickle = |name: &&str| *name == "data.pkl" || name.ends_with("/data.pkl");
    // torch keeps everything in one folder, so the pickle's is the shortest such name.
    let pickle = archive.names().filter(is_pickle).min_by_key(|name| name.len());
    let Some(pickle) = pickle.map(str::to_string) else {
        return Err(Error::new(Kind::Checkpoint, "the zip has no data.pkl, so it is no file of torch's")
            .hint("give a .pt or .pth; a zip of pictures goes to --data"));
    };
    let folder = pickle.strip_suffix("data.pkl").unwrap_or_default().to_string();
    if archive.contains(&format!("{folder}constants.pkl")) {
        return Err(Error::new(Kind::Checkpoint, "this is TorchScript: a program with its weights")
            .hint("load it in Python and save its state_dict() with torch.save"));
    }
    let order = format!("{folder}byteorder");
    if archive.contains(&order) && archive.read(&order, 16)? != b"little" {
        return Err(Error::new(Kind::Checkpoint, "the file was written on a big-endian machine"));
    }
    let bytes = archive.read(&pickle, MAX_PICKLE_BYTES)?;
    let tree = pickle::read_within(&mut Cursor::new(&bytes), archive.max_values())?;
    let len = archive.budget();
    from_tree(&tree, Storages::Zip(Zipped::new(archive, folder)), len, Format::Zip, options)
}

fn from_tree(
    tree: &Tree<'_>,
    storages: Storages<'_>,
    len: u64,
    format: Format,
    options: &Options,
) -> Result<Imported> {
    let networks = edm::networks(tree);
    let network = edm::choose(&networks, options.network.as_deref())?;
    let mut tensors = BTreeMap::new();
    for (name, at) in network.tensors(tree)? {
        let tensor = Tensor::describe(tree, at);
        let tensor = tensor.map_err(|e| Error { what: format!("{}: {}", shown(&name), e.what), ..e })?;
        tensors.insert(name, tensor);
    }
    let origin = Origin {
        format,
        networks: networks.iter().map(|n| n.name.to_string()).collect(),
        chosen: network.name.to_string(),
        has_modules: networks.iter().any(|n| n.module.is_some()),
        has_loss: tree.entry(tree.root(), "loss_fn").is_some(),
    };
    let shapes = tensors.iter().map(|(name, tensor)| (name.clone(), tensor.shape().to_vec())).collect();
    let found = Found { origin, made_as: made_as(tree, network)?, shapes };
    let mut reader = Reader::new(storages, len);
    assemble(found, options, &mut |name| match tensors.get(name) {
        Some(tensor) => reader.numbers(tree, tensor),
        None => Ok(None),
    })
}

/// Class and arguments of a network with preconditioning; a bare U-Net's arguments do not say how it
/// was trained, and its tensors say the rest.
fn made_as(tree: &Tree<'_>, network: &Network<'_>) -> Result<Option<(String, Json)>> {
    let Some((module, class)) = network.module.and_then(|m| Some((m, m.class?))) else { return Ok(None) };
    let Some(kwargs) = module.attribute(tree, "_init_kwargs") else { return Ok(None) };
    if !class.ends_with("Precond") {
        return Ok(None);
    }
    let mut kwargs = json(tree, kwargs)?;
    if let Json::Object(kwargs) = &mut kwargs {
        positional(tree, &module, kwargs)?;
    }
    Ok(Some((class.to_string(), kwargs)))
}

/// Arguments that were given by position: the first three are the same for all preconditioners.
fn positional(tree: &Tree<'_>, module: &Module<'_>, kwargs: &mut Map<String, Json>) -> Result<()> {
    let Some(args) = module.attribute(tree, "_init_args") else { return Ok(()) };
    let values = tree.items(args).unwrap_or_default();
    for (name, value) in ["img_resolution", "img_channels", "label_dim"].into_iter().zip(values) {
        kwargs.insert(name.to_string(), json(tree, *value)?);
    }
    Ok(())
}

fn from_safetensors(bytes: &[u8], options: &Options) -> Result<Imported> {
    let bad = |what: String| Error::new(Kind::Checkpoint, what);
    if let Some(name) = &options.network {
        return Err(Error::usage(format!("there is no network `{name}` in the file"))
            .hint("a safetensors file has one network: leave --network out"));
    }
    let file = SafeTensors::deserialize(bytes)
        .map_err(|e| bad(format!("the safetensors file is not readable: {}", shown(&e.to_string()))))?;
    let views = edm::normalise(file.tensors().into_iter().collect())?;
    let origin = Origin {
        format: Format::Safetensors,
        networks: vec!["network".into()],
        chosen: "network".into(),
        has_modules: false,
        has_loss: false,
    };
    let shapes = views.iter().map(|(name, view)| (name.clone(), view.shape().to_vec())).collect();
    assemble(Found { origin, made_as: None, shapes }, options, &mut |name| {
        let Some(view) = views.get(name) else { return Ok(None) };
        let dtype = match view.dtype() {
            Written::F64 => Dtype::F64,
            Written::F32 => Dtype::F32,
            Written::F16 => Dtype::F16,
            Written::BF16 => Dtype::Bf16,
            _ => return Ok(None),
        };
        Ok(Some(dtype.numbers(view.data())))
    })
}
