//! A network in a file, and its tensors.

use std::collections::BTreeMap;

use super::average::is_average;
use super::module::Module;
use super::names::{Owner, owners};
use super::state_dict;
use crate::error::{Error, Kind, Result};
use crate::import::pickle::{Ref, Tree};
use crate::import::shown::shown;

/// A network in a file.
#[derive(Clone, Debug)]
pub struct Network<'a> {
    /// Keys on the way to it, with dots between them, and what stands before its names where others are beside it.
    pub name: String,
    /// Whether its names say that it is an average of weights over training.
    pub is_average: bool,
    kept: Kept<'a>,
}

/// How a file keeps a network.
#[derive(Clone, Debug)]
enum Kept<'a> {
    Module(Module<'a>),
    /// Those tensors of a dictionary that are of this network of EDM's; keys on the way to it.
    Owned {
        path: String,
        dict: Ref,
        owner: Owner<'a>,
    },
    /// All tensors of a dictionary, whatever network they are of.
    Dict(Ref),
    /// Averages under names that are not the network's own.
    Shadow(BTreeMap<String, Ref>),
}

/// The tensors of a network.
#[derive(Clone, Debug)]
pub struct Tensors<T> {
    /// By EDM's names.
    pub own: BTreeMap<String, T>,
    /// Names of those that are around it and of no network.
    pub left_out: Vec<String>,
}

impl<'a> Network<'a> {
    pub fn of_module(name: String, module: Module<'a>) -> Self {
        Self { is_average: is_average(&name), name, kept: Kept::Module(module) }
    }

    /// The network of a dictionary whose tensors are of it alone, whatever network it is.
    pub fn of_dict(name: String, dict: Ref) -> Self {
        Self { is_average: is_average(&name), name, kept: Kept::Dict(dict) }
    }

    /// One of `count` networks of EDM's that the dictionary at `path` has.
    pub fn of_owner(path: &str, dict: Ref, owner: Owner<'a>, count: usize) -> Self {
        let name = named(path, &owner, count);
        let is_average = is_average(&joined(path, &owner.name));
        Self { name, is_average, kept: Kept::Owned { path: path.into(), dict, owner } }
    }

    pub fn of_shadow(name: String, tensors: BTreeMap<String, Ref>) -> Self {
        Self { is_average: true, name, kept: Kept::Shadow(tensors) }
    }

    /// The module, unless there are tensors alone.
    pub fn module(&self) -> Option<Module<'a>> {
        match &self.kept {
            Kept::Module(module) => Some(*module),
            Kept::Owned { .. } | Kept::Dict(_) | Kept::Shadow(_) => None,
        }
    }

    /// Keys on the way to the dictionary that its tensors are in, the dictionary, and which of them are its own; none
    /// for another kind of network.
    pub fn in_dict(&self) -> Option<(&str, Ref, &Owner<'a>)> {
        match &self.kept {
            Kept::Owned { path, dict, owner } => Some((path, *dict, owner)),
            Kept::Module(_) | Kept::Dict(_) | Kept::Shadow(_) => None,
        }
    }

    /// The tensors by EDM's names.
    ///
    /// # Errors
    /// `Kind::Checkpoint` where there are more, or longer names, than a network has, or two under one name.
    pub fn tensors(&self, tree: &Tree<'a>) -> Result<Tensors<Ref>> {
        let as_they_are = |tensors| -> Result<Tensors<Ref>> {
            Ok(Tensors { own: state_dict::normalise(tensors)?, left_out: Vec::new() })
        };
        match &self.kept {
            Kept::Shadow(tensors) => Ok(Tensors { own: tensors.clone(), left_out: Vec::new() }),
            Kept::Owned { dict, owner, .. } => of_owner(state_dict::tensors(tree, *dict)?, owner),
            Kept::Dict(dict) => as_they_are(state_dict::tensors(tree, *dict)?),
            Kept::Module(module) => {
                let tensors = module.tensors(tree)?;
                let names: Vec<String> = tensors.keys().cloned().collect();
                match owners(names.iter().map(String::as_str)).as_slice() {
                    [owner] => of_owner(tensors, owner),
                    _ => as_they_are(tensors),
                }
            }
        }
    }
}

/// Those of `tensors` that are of the network that `owner` says.
///
/// # Errors
/// `Kind::Checkpoint` where two have one name.
pub fn of_owner<T>(tensors: BTreeMap<String, T>, owner: &Owner<'_>) -> Result<Tensors<T>> {
    let names: Vec<String> = tensors.keys().cloned().collect();
    let all = owners(names.iter().map(String::as_str));
    let (mut own, mut left_out) = (BTreeMap::new(), Vec::new());
    for (name, tensor) in tensors {
        if let Some(short) = owner.own(&name) {
            if own.insert(short, tensor).is_some() {
                let what =
                    format!("the network has two tensors for one place, the second is {}", shown(&name));
                return Err(Error::new(Kind::Checkpoint, what));
            }
        } else if all.iter().all(|other| other.own(&name).is_none()) {
            left_out.push(name);
        }
    }
    Ok(Tensors { own, left_out })
}

/// Name of a network that is the whole file.
pub const WHOLE: &str = "network";

/// What a network of `count` is called that the dictionary at `path` has.
pub fn named(path: &str, owner: &Owner<'_>, count: usize) -> String {
    match (count, path, owner.name.as_str()) {
        (1, "", _) | (_, "", "") => WHOLE.into(),
        (1, path, _) => path.into(),
        (_, path, owner) => joined(path, owner),
    }
}

/// A name within another.
pub fn joined(path: &str, name: &str) -> String {
    let parts = [path, name];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(".")
}
