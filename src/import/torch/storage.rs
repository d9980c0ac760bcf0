//! One storage: raw numbers, and how a pickle names them.

use std::borrow::Cow;

use super::dtype::Dtype;
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
