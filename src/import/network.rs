//! A network in a file: which one, how it was made, and its tensors.

use std::path::Path;

use safetensors::tensor::SafeTensors;
use serde_json::{Map, Value as Json};

use super::assemble::{Found, Imported, assemble};
use super::edm::{self, Module, Network};
use super::format::Format;
use super::open::{self, Contents};
use super::options::Options;
use super::pickle::Tree;
use super::plain::json;
use super::report::Origin;
use super::tensors::{described, float_numbers};
use super::torch::{Reader, Storages};
use crate::error::{Error, Result};

/// Reads the network in the file at `path`: EDM's and SiD's pickles and training states, state dicts
/// of torch, safetensors.
///
/// # Errors
/// `Kind::Io`; `Kind::Checkpoint` for what is damaged, hostile, or no network that Signet knows;
/// `Kind::Usage` for options that the file does not have.
pub fn network(path: &Path, options: &Options) -> Result<Imported> {
    open::open(path, TheNetwork(options))
}

/// Like [`network`], from memory.
pub fn network_of_bytes(bytes: &[u8], options: &Options) -> Result<Imported> {
    open::read(bytes, TheNetwork(options))
}

struct TheNetwork<'a>(&'a Options);

impl Contents for TheNetwork<'_> {
    type Made = Imported;

    fn of_tree(self, tree: &Tree<'_>, storages: Storages<'_>, len: u64, format: Format) -> Result<Imported> {
        let Self(options) = self;
        let networks = edm::networks(tree);
        let network = edm::choose(&networks, options.network.as_deref())?;
        let tensors = described(tree, network)?;
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

    fn of_safetensors(self, file: &SafeTensors<'_>) -> Result<Imported> {
        let Self(options) = self;
        if let Some(name) = &options.network {
            return Err(Error::usage(format!("there is no network `{name}` in the file"))
                .hint("a safetensors file has one network: leave --network out"));
        }
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
            Ok(float_numbers(view))
        })
    }
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
