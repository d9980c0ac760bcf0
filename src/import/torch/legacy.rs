//! torch's stream of pickles, which was its file format up to version 1.5 and still is how a storage
//! goes into somebody else's pickle: a magic number, a version, facts about the machine, the object,
//! the list of storage keys; then every storage as a count and raw numbers.

use std::collections::BTreeMap;

use super::storage::{Identity, Storage};
use crate::error::{Error, Kind, Result};
use crate::import::pickle::{self, Cursor, Ref, Tree, Value};
use crate::import::shown::shown;

/// 0x1950a86a20f9469cfc6c, little-endian.
const MAGIC: [u8; 10] = [0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19];

/// A legacy stream, taken apart.
pub struct Legacy<'a> {
    pub tree: Tree<'a>,
    pub storages: BTreeMap<&'a str, Storage<'a>>,
}

impl<'a> Legacy<'a> {
    /// Whether `bytes` start like such a stream.
    pub fn starts(bytes: &[u8]) -> bool {
        let mut cursor = Cursor::new(bytes);
        cursor.take(2).is_ok_and(|start| start[0] == 0x80)
            && cursor.take(2).is_ok_and(|long| long == [0x8a, MAGIC.len() as u8])
            && cursor.take(MAGIC.len()).is_ok_and(|magic| magic == MAGIC)
    }

    /// # Errors
    /// `Kind::Checkpoint` where the stream is damaged or was written on a big-endian machine.
    pub fn read(bytes: &'a [u8]) -> Result<Self> {
        let mut cursor = Cursor::new(bytes);
        let magic = pickle::read(&mut cursor)?;
        if *magic.get(magic.root()) != Value::Long(&MAGIC) {
            return Err(bad("it does not start with torch's magic number"));
        }
        let version = pickle::read(&mut cursor)?;
        if *version.get(version.root()) != Value::Int(1001) {
            return Err(bad("its version is not 1001, the only one there is"));
        }
        let machine = pickle::read(&mut cursor)?;
        let endian = machine.entry(machine.root(), "little_endian").map(|v| machine.get(v));
        if endian == Some(&Value::Bool(false)) {
            return Err(bad("it was written on a big-endian machine"));
        }
        let tree = pickle::read(&mut cursor)?;
        let keys = pickle::read(&mut cursor)?;
        let identities = Self::identities(&tree);
        let mut storages = BTreeMap::new();
        for key in keys.items(keys.root()).ok_or_else(|| bad("its list of storages is missing"))? {
            let key = keys.text(*key).ok_or_else(|| bad("a storage without a name"))?;
            let identity = identities
                .get(key)
                .ok_or_else(|| bad(format!("nothing says what storage {} holds", shown(key))))?;
            let count = u64::from_le_bytes(cursor.array()?);
            let width = identity.dtype.map_or(1, super::Dtype::size);
            let len = usize::try_from(count).ok().and_then(|n| n.checked_mul(width)).unwrap_or(usize::MAX);
            storages.insert(key, Storage { bytes: cursor.take(len)?.into(), dtype: identity.dtype });
        }
        Ok(Self { tree, storages })
    }

    /// What the object's pickle says about each storage.
    fn identities(tree: &Tree<'a>) -> BTreeMap<&'a str, Identity<'a>> {
        let storages = tree.refs().filter_map(|at| Identity::read(tree, at));
        storages.map(|identity| (identity.key, identity)).collect()
    }

    /// The storage that is the whole object of this stream.
    pub fn only_storage(mut self) -> Result<Storage<'a>> {
        let root: Ref = self.tree.root();
        let identity = Identity::read(&self.tree, root).ok_or_else(|| bad("it holds no storage"))?;
        self.storages.remove(identity.key).ok_or_else(|| bad("its storage is missing"))
    }
}

fn bad(what: impl std::fmt::Display) -> Error {
    Error::new(Kind::Checkpoint, format!("torch's stream is not readable: {what}"))
}
