//! Where a tensor's numbers lie.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::archive::Archive;
use super::dtype::Dtype;
use super::legacy::Legacy;
use crate::error::{Error, Kind, Result};
use crate::import::pickle::{Global, Ref, Tree, Value};

/// Raw numbers, little-endian; without a type of their own they have that of the tensor.
#[derive(Clone, Debug)]
pub struct Storage<'a> {
    pub bytes: Cow<'a, [u8]>,
    pub dtype: Option<Dtype>,
}

/// How a pickle names a storage: `("storage", class, key, device, count, …)`.
#[derive(Clone, Copy, Debug)]
pub struct Identity<'a> {
    pub key: &'a str,
    pub dtype: Option<Dtype>,
    pub count: usize,
}

impl<'a> Identity<'a> {
    pub fn read(tree: &Tree<'a>, at: Ref) -> Option<Self> {
        let Value::Persistent(name) = tree.get(at) else { return None };
        let [kind, class, key, _device, count, ..] = tree.items(*name)? else { return None };
        let Value::Global(Global::Storage(dtype)) = tree.get(*class) else { return None };
        (tree.text(*kind) == Some("storage")).then_some(())?;
        Some(Self { key: tree.text(*key)?, dtype: *dtype, count: tree.size(*count)? })
    }
}

/// The storages of a file, in whatever container it is.
pub enum Storages<'a> {
    /// Every storage is bytes within the pickle: an EDM network snapshot.
    Within,
    Legacy(BTreeMap<&'a str, Storage<'a>>),
    /// The folder within the zip that holds them, with a slash at its end.
    Zip(Archive<'a>, String),
}

impl Storages<'_> {
    /// The storage that `at` names.
    pub fn read<'t>(&'t mut self, tree: &'t Tree<'_>, at: Ref) -> Result<Storage<'t>> {
        if let Some(object) = tree.object(at) {
            let bytes = tree.args(object).first().and_then(|a| tree.bytes(*a));
            return match (object.class, bytes) {
                (Global::LoadFromBytes, Some(bytes)) => Legacy::read(bytes)?.only_storage(),
                _ => Err(bad("a tensor lies on something that is no storage")),
            };
        }
        let identity =
            Identity::read(tree, at).ok_or_else(|| bad("a tensor lies on something that is no storage"))?;
        match self {
            Storages::Within => Err(bad("its numbers are in another file")),
            Storages::Legacy(storages) => {
                storages.get(identity.key).cloned().ok_or_else(|| missing(identity.key))
            }
            Storages::Zip(archive, folder) => {
                let width = identity.dtype.map_or(1, Dtype::size);
                let len = identity.count.checked_mul(width).ok_or_else(|| missing(identity.key))?;
                let bytes = archive.read(&format!("{folder}data/{}", identity.key), len as u64)?;
                if bytes.len() != len {
                    return Err(bad(format!("storage {} has {} bytes of {len}", identity.key, bytes.len())));
                }
                Ok(Storage { bytes: bytes.into(), dtype: identity.dtype })
            }
        }
    }
}

fn missing(key: &str) -> Error {
    bad(format!("storage {key} is missing"))
}

fn bad(what: impl std::fmt::Display) -> Error {
    Error::new(Kind::Checkpoint, format!("the tensors are not readable: {what}"))
}
