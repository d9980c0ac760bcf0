//! Where a file's storages lie.

use std::collections::BTreeMap;

use super::archive::Archive;
use super::dtype::Dtype;
use super::legacy::Legacy;
use super::storage::{Identity, Storage};
use crate::error::{Error, Kind, Result};
use crate::import::pickle::{Global, Ref, Tree};
use crate::import::shown::shown;

/// The storages of a file, in whatever container it is.
pub enum Storages<'a> {
    /// Every storage is bytes within the pickle: an EDM network snapshot.
    Within,
    Legacy(BTreeMap<&'a str, Storage<'a>>),
    Zip(Zipped<'a>),
}

/// Storages as files of a zip.
pub struct Zipped<'a> {
    archive: Archive<'a>,
    /// The folder within the zip that holds them, with a slash at its end.
    folder: String,
    /// The storage that was read last, for tensors that share one.
    last: Option<(String, Vec<u8>)>,
}

impl<'a> Zipped<'a> {
    pub fn new(archive: Archive<'a>, folder: String) -> Self {
        Self { archive, folder, last: None }
    }

    /// The storage `key` of `len` bytes.
    fn read(&mut self, key: &str, len: usize) -> Result<&[u8]> {
        let last = match self.last.take() {
            Some((last, bytes)) if last == key => bytes,
            _ => self.archive.read(&format!("{}data/{key}", self.folder), len as u64)?,
        };
        let (_, bytes) = self.last.insert((key.to_string(), last));
        if bytes.len() != len {
            return Err(bad(format!("storage {} has {} bytes of {len}", shown(key), bytes.len())));
        }
        Ok(bytes)
    }
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
            Storages::Zip(zipped) => {
                let width = identity.dtype.map_or(1, Dtype::size);
                let len = identity.count.checked_mul(width).ok_or_else(|| missing(identity.key))?;
                let bytes = zipped.read(identity.key, len)?;
                Ok(Storage { bytes: bytes.into(), dtype: identity.dtype })
            }
        }
    }
}

fn missing(key: &str) -> Error {
    bad(format!("storage {} is missing", shown(key)))
}

fn bad(what: impl std::fmt::Display) -> Error {
    Error::new(Kind::Checkpoint, format!("the tensors are not readable: {what}"))
}
