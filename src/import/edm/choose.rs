//! Which networks a file holds, and which one is meant.

use std::collections::BTreeMap;

use super::limits::{MAX_NETWORKS, MAX_ROOT_ENTRIES};
use super::module::Module;
use super::state_dict;
use crate::error::{Error, Kind, Result};
use crate::import::pickle::{Ref, Tree};
use crate::import::shown::shown;

/// Names under which training programs keep networks, the one that is wanted most first: averages
/// before what was averaged.
const PREFERRED: [&str; 10] = [
    "ema",
    "G_ema",
    "model_ema",
    "ema_model",
    "net",
    "G",
    "state_dict",
    "model_state_dict",
    "model",
    "network",
];

/// Name of a network that is the whole file.
const WHOLE: &str = "network";

/// A network in a file.
#[derive(Clone, Debug)]
pub struct Network<'a> {
    pub name: &'a str,
    /// The module, unless there is a state dict alone.
    pub module: Option<Module<'a>>,
    at: Ref,
}

impl<'a> Network<'a> {
    fn at(tree: &Tree<'a>, name: &'a str, at: Ref) -> Option<Self> {
        let module = Module::at(tree, at);
        (module.is_some() || state_dict::is_state_dict(tree, at)).then_some(Self { name, module, at })
    }

    /// The tensors by EDM's names.
    ///
    /// # Errors
    /// `Kind::Checkpoint` where there are more, or longer names, than a network has.
    pub fn tensors(&self, tree: &Tree<'a>) -> Result<BTreeMap<String, Ref>> {
        let tensors = match self.module {
            Some(module) => module.tensors(tree)?,
            None => state_dict::tensors(tree, self.at)?,
        };
        state_dict::normalise(tensors)
    }
}

/// All networks: the file itself, or what its dictionary names.
pub fn networks<'a>(tree: &Tree<'a>) -> Vec<Network<'a>> {
    if let Some(whole) = Network::at(tree, WHOLE, tree.root()) {
        return vec![whole];
    }
    let entries = tree.entries(tree.root()).unwrap_or_default().iter().take(MAX_ROOT_ENTRIES);
    let networks = entries.filter_map(|(key, value)| Network::at(tree, tree.text(*key)?, *value));
    networks.take(MAX_NETWORKS).collect()
}

/// The network that `name` asks for; without one, the average if there is any.
///
/// # Errors
/// `Kind::Checkpoint` if there is none, `Kind::Usage` if it is not among them or several could be meant.
pub fn choose<'n, 'a>(networks: &'n [Network<'a>], name: Option<&str>) -> Result<&'n Network<'a>> {
    let listed = networks.iter().map(|n| shown(n.name)).collect::<Vec<_>>().join(", ");
    if let Some(name) = name {
        return networks.iter().find(|n| n.name == name).ok_or_else(|| {
            Error::usage(format!("there is no network `{name}` in the file"))
                .hint(format!("it has: {listed}"))
        });
    }
    let preferred = PREFERRED.iter().find_map(|name| networks.iter().find(|n| n.name == *name));
    match (preferred, networks) {
        (Some(network), _) | (None, [network]) => Ok(network),
        (None, []) => Err(Error::new(Kind::Checkpoint, "there is no network in the file")
            .hint("give a network snapshot, a training state, or a state dict of one of EDM's networks")),
        _ => Err(Error::usage("the file has several networks, and none is called the average")
            .hint(format!("name one with --network: {listed}"))),
    }
}
