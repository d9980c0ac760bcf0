//! A network in a file: which one, how it was made, and its tensors.

use std::collections::BTreeMap;
use std::path::Path;

use safetensors::tensor::{SafeTensors, TensorView};
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
use crate::error::Result;

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
        let edm::Holding { networks, unmatched } = edm::networks(tree);
        let network = edm::choose(&networks, options.network.as_deref())?;
        let edm::Tensors { own: tensors, left_out } = described(tree, network)?;
        let origin = Origin {
            format,
            networks: networks.iter().map(|n| n.name.clone()).collect(),
            chosen: network.name.clone(),
            is_average: network.is_average,
            unmatched: if network.is_average { Vec::new() } else { unmatched },
            has_modules: networks.iter().any(|n| n.module().is_some()),
            has_loss: tree.entry(tree.root(), "loss_fn").is_some(),
        };
        let shapes = tensors.iter().map(|(name, tensor)| (name.clone(), tensor.shape().to_vec())).collect();
        let found = Found { origin, made_as: made_as(tree, network)?, shapes, left_out };
        let mut reader = Reader::new(storages, len);
        assemble(found, options, &mut |name| match tensors.get(name) {
            Some(tensor) => reader.numbers(tree, tensor),
            None => Ok(None),
        })
    }

    fn of_safetensors(self, file: &SafeTensors<'_>) -> Result<Imported> {
        let Self(options) = self;
        let views: BTreeMap<String, TensorView<'_>> = file.tensors().into_iter().collect();
        let names: Vec<String> = views.keys().cloned().collect();
        let owners = edm::owners(names.iter().map(String::as_str));
        // Without names of EDM's the file is one network of another kind, and what is missing is said of it.
        let all: Vec<(String, bool)> = match owners.as_slice() {
            [] => vec![(edm::WHOLE.into(), false)],
            owners => owners
                .iter()
                .map(|owner| (edm::named("", owner, owners.len()), edm::is_average(&owner.name)))
                .collect(),
        };
        let listed: Vec<(&str, bool)> = all.iter().map(|(name, average)| (name.as_str(), *average)).collect();
        let chosen = edm::chosen(&listed, options.network.as_deref())?;
        let edm::Tensors { own: views, left_out } = match owners.get(chosen) {
            Some(owner) => edm::of_owner(views, owner)?,
            None => edm::Tensors { own: edm::normalise(views)?, left_out: Vec::new() },
        };
        let origin = Origin {
            format: Format::Safetensors,
            networks: all.iter().map(|(name, _)| name.clone()).collect(),
            chosen: all[chosen].0.clone(),
            is_average: all[chosen].1,
            unmatched: Vec::new(),
            has_modules: false,
            has_loss: false,
        };
        let shapes = views.iter().map(|(name, view)| (name.clone(), view.shape().to_vec())).collect();
        assemble(Found { origin, made_as: None, shapes, left_out }, options, &mut |name| {
            let Some(view) = views.get(name) else { return Ok(None) };
            Ok(float_numbers(view))
        })
    }
}

/// Class and arguments of a network with preconditioning; a bare U-Net's arguments do not say how it
/// was trained, and its tensors say the rest.
fn made_as(tree: &Tree<'_>, network: &Network<'_>) -> Result<Option<(String, Json)>> {
    let Some((module, class)) = network.module().and_then(|m| Some((m, m.class?))) else { return Ok(None) };
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
