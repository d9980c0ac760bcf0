//! What a pickle becomes: a tree, or any graph, of values that only lie there.

use std::borrow::Cow;

use super::globals::Global;

/// A value's number in its tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ref(pub(super) u32);

#[derive(Clone, Debug, PartialEq)]
pub enum Value<'a> {
    None,
    Bool(bool),
    Int(i64),
    /// An integer of more than eight bytes: two's complement, little-endian.
    Long(&'a [u8]),
    Float(f64),
    Str(&'a str),
    Bytes(Cow<'a, [u8]>),
    List(Vec<Ref>),
    Tuple(Vec<Ref>),
    Set(Vec<Ref>),
    /// In the order of writing; of two entries with one key, the later holds.
    Dict(Vec<(Ref, Ref)>),
    Global(Global),
    Object(Box<Object>),
    /// What stands outside the pickle, by the name in it: torch's storages.
    Persistent(Ref),
}

/// What would have been a call or an instance in Python.
#[derive(Clone, Debug, PartialEq)]
pub struct Object {
    pub class: Global,
    /// A tuple.
    pub args: Ref,
    pub state: Option<Ref>,
}

/// All values of one pickle.
#[derive(Clone, Debug)]
pub struct Tree<'a> {
    pub(super) values: Vec<Value<'a>>,
    pub(super) root: Ref,
}

impl<'a> Tree<'a> {
    pub fn root(&self) -> Ref {
        self.root
    }

    pub fn get(&self, at: Ref) -> &Value<'a> {
        // Numbers come from this tree's own machine; one from elsewhere is nothing, not a panic.
        self.values.get(at.0 as usize).unwrap_or(&Value::None)
    }

    /// Every value, in the order of making.
    pub fn refs(&self) -> impl Iterator<Item = Ref> {
        (0..self.values.len() as u32).map(Ref)
    }

    pub fn text(&self, at: Ref) -> Option<&'a str> {
        match self.get(at) {
            Value::Str(text) => Some(text),
            _ => None,
        }
    }

    pub fn bytes(&self, at: Ref) -> Option<&[u8]> {
        match self.get(at) {
            Value::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// A count, an index or a size.
    pub fn size(&self, at: Ref) -> Option<usize> {
        match self.get(at) {
            Value::Int(value) => usize::try_from(*value).ok(),
            _ => None,
        }
    }

    /// The elements of a list or a tuple.
    pub fn items(&self, at: Ref) -> Option<&[Ref]> {
        match self.get(at) {
            Value::List(items) | Value::Tuple(items) => Some(items),
            _ => None,
        }
    }

    pub fn entries(&self, at: Ref) -> Option<&[(Ref, Ref)]> {
        match self.get(at) {
            Value::Dict(entries) => Some(entries),
            _ => None,
        }
    }

    pub fn object(&self, at: Ref) -> Option<&Object> {
        match self.get(at) {
            Value::Object(object) => Some(object),
            _ => None,
        }
    }

    /// The arguments of an object.
    pub fn args(&self, object: &Object) -> &[Ref] {
        self.items(object.args).unwrap_or_default()
    }

    /// The entry of a dictionary under a text.
    pub fn entry(&self, dict: Ref, key: &str) -> Option<Ref> {
        let found = self.entries(dict)?.iter().rfind(|(k, _)| self.text(*k) == Some(key));
        found.map(|(_, value)| *value)
    }
}
