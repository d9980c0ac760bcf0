//! torch modules as inert values: what `Module.state_dict()` would have listed.

use std::collections::BTreeMap;

use crate::error::{Error, Kind, Result};
use crate::import::pickle::{Global, Ref, Tree, Value};
use crate::import::torch::is_tensor;

/// Modules within modules: EDM's networks nest four deep.
const MAX_MODULE_DEPTH: usize = 32;
/// Modules and tensors of one network; a shared module counts wherever it appears. EDM's largest has
/// about 1000.
const MAX_MODULES: usize = 1 << 14;
const MAX_TENSORS: usize = 1 << 16;
/// Bytes of a tensor's name: EDM's longest have 40.
const MAX_NAME: usize = 256;

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
                (tree.entry(meta, "class_name").and_then(|c| tree.text(c)), tree.entry(meta, "state")?)
            }
            Global::ModuleContainer => (None, object.state?),
            _ => return None,
        };
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
        let mut seen = 0;
        while let Some((prefix, depth, module)) = open.pop() {
            seen += 1;
            if seen > MAX_MODULES || depth > MAX_MODULE_DEPTH {
                return Err(odd(format!(
                    "it has more than {MAX_MODULES} modules, or they nest more than {MAX_MODULE_DEPTH} deep"
                )));
            }
            for kind in ["_parameters", "_buffers"] {
                for (name, at) in module.named(tree, kind, &prefix)? {
                    if is_tensor(tree, at) && !module.forgets(tree, kind, &prefix, &name) {
                        tensors.insert(name, at);
                    }
                }
            }
            if tensors.len() > MAX_TENSORS {
                return Err(odd(format!("it has more than {MAX_TENSORS} tensors")));
            }
            for (name, at) in module.named(tree, "_modules", &prefix)? {
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

    /// The entries of one of torch's three registries, with their whole names.
    fn named(&self, tree: &Tree<'a>, registry: &str, prefix: &str) -> Result<Vec<(String, Ref)>> {
        let entries = self.attribute(tree, registry).and_then(|at| tree.entries(at)).unwrap_or_default();
        if entries.len() > MAX_TENSORS {
            return Err(odd(format!("a module has more than {MAX_TENSORS} parts")));
        }
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

    /// Whether a buffer is one that the network computes anew and does not store.
    fn forgets(&self, tree: &Tree<'a>, registry: &str, prefix: &str, name: &str) -> bool {
        let set = self.attribute(tree, "_non_persistent_buffers_set");
        match set.map(|set| tree.get(set)) {
            Some(Value::Set(names)) if registry == "_buffers" => {
                let own = name.strip_prefix(prefix);
                names.iter().any(|n| tree.text(*n) == own)
            }
            _ => false,
        }
    }
}

fn odd(what: String) -> Error {
    Error::new(Kind::Checkpoint, format!("this is not one of EDM's networks: {what}"))
}
