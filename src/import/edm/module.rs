//! torch modules as inert values: what `Module.state_dict()` would have listed.

use std::collections::BTreeMap;

use super::limits::{MAX_ATTRIBUTES, MAX_MODULE_DEPTH, MAX_MODULES, MAX_NAME, MAX_PARTS, MAX_TENSORS};
use crate::error::{Error, Kind, Result};
use crate::import::pickle::{Global, Ref, Tree, Value};
use crate::import::torch::is_tensor;

/// A module: its class, where the file says so, and its attributes.
#[derive(Clone, Copy, Debug)]
pub struct Module<'a> {
    pub class: Option<&'a str>,
    state: Ref,
}

impl<'a> Module<'a> {
    /// The module at `at`: an object of a class that came with its source, or a container of torch's.
    pub fn at(tree: &Tree<'a>, at: Ref) -> Option<Self> {
        let object = tree.object(at)?;
        let (class, state) = match object.class {
            Global::PersistentClass => {
                let meta = *tree.args(object).first()?;
                if !is_small(tree, meta) {
                    return None;
                }
                (tree.entry(meta, "class_name").and_then(|c| tree.text(c)), tree.entry(meta, "state")?)
            }
            Global::ModuleContainer => (None, object.state?),
            _ => return None,
        };
        // Each search for an attribute goes through all of them, and many modules may share them.
        if !is_small(tree, state) {
            return None;
        }
        tree.entry(state, "_modules")?;
        Some(Self { class, state })
    }

    /// An attribute of the module.
    pub fn attribute(&self, tree: &Tree<'a>, name: &str) -> Option<Ref> {
        tree.entry(self.state, name)
    }

    /// All parameters and buffers below this module, by state-dict name.
    ///
    /// # Errors
    /// `Kind::Checkpoint` where modules are more, deeper or longer named than a network's, as they are
    /// where one contains itself.
    pub fn tensors(self, tree: &Tree<'a>) -> Result<BTreeMap<String, Ref>> {
        let mut tensors = BTreeMap::new();
        let mut open = vec![(String::new(), 0, self)];
        let (mut seen, mut parts) = (0, MAX_PARTS);
        while let Some((prefix, depth, module)) = open.pop() {
            seen += 1;
            if seen > MAX_MODULES || depth > MAX_MODULE_DEPTH {
                return Err(odd(format!(
                    "it has more than {MAX_MODULES} modules, or they nest more than {MAX_MODULE_DEPTH} deep"
                )));
            }
            let forgotten = module.forgotten(tree)?;
            for kind in ["_parameters", "_buffers"] {
                for (name, at) in module.named(tree, kind, &prefix, &mut parts)? {
                    let own = name.strip_prefix(&prefix);
                    let forgets = kind == "_buffers" && forgotten.iter().any(|n| tree.text(*n) == own);
                    if is_tensor(tree, at) && !forgets {
                        tensors.insert(name, at);
                    }
                }
            }
            if tensors.len() > MAX_TENSORS {
                return Err(odd(format!("it has more than {MAX_TENSORS} tensors")));
            }
            for (name, at) in module.named(tree, "_modules", &prefix, &mut parts)? {
                if let Some(child) = Module::at(tree, at) {
                    open.push((format!("{name}."), depth + 1, child));
                }
                if open.len() > MAX_MODULES {
                    return Err(odd(format!("it has more than {MAX_MODULES} modules")));
                }
            }
        }
        Ok(tensors)
    }

    /// The entries of one of torch's three registries, with their whole names. They count against
    /// `parts`, for a registry that many modules share is read once for each.
    fn named(
        &self,
        tree: &Tree<'a>,
        registry: &str,
        prefix: &str,
        parts: &mut usize,
    ) -> Result<Vec<(String, Ref)>> {
        let entries = self.attribute(tree, registry).and_then(|at| tree.entries(at)).unwrap_or_default();
        let left = parts.checked_sub(entries.len());
        *parts = left.ok_or_else(|| odd(format!("its modules have more than {MAX_PARTS} parts")))?;
        let mut named = Vec::with_capacity(entries.len());
        for (key, value) in entries {
            let Some(key) = tree.text(*key) else { continue };
            if prefix.len() + key.len() > MAX_NAME {
                return Err(odd(format!("a name has more than {MAX_NAME} bytes")));
            }
            named.push((format!("{prefix}{key}"), *value));
        }
        Ok(named)
    }

    /// Names of the buffers that the network computes anew and does not store.
    fn forgotten<'t>(&self, tree: &'t Tree<'a>) -> Result<&'t [Ref]> {
        match self.attribute(tree, "_non_persistent_buffers_set").map(|set| tree.get(set)) {
            Some(Value::Set(names)) if names.len() > MAX_ATTRIBUTES => {
                Err(odd(format!("a module does not store more than {MAX_ATTRIBUTES} buffers")))
            }
            Some(Value::Set(names)) => Ok(names),
            _ => Ok(&[]),
        }
    }
}

/// Whether a dictionary has no more entries than a module has attributes.
fn is_small(tree: &Tree<'_>, dict: Ref) -> bool {
    tree.entries(dict).is_some_and(|entries| entries.len() <= MAX_ATTRIBUTES)
}

fn odd(what: String) -> Error {
    Error::new(Kind::Checkpoint, format!("this is not one of EDM's networks: {what}"))
}
