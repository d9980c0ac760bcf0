//! State dicts: tensors by name, and the prefixes that wrappers leave on the names.

use std::collections::BTreeMap;

use crate::import::pickle::{Ref, Tree};
use crate::import::torch::is_tensor;

/// What wrappers put in front of every name: data-parallel training, compilation.
const WRAPPERS: [&str; 2] = ["module.", "_orig_mod."];
/// What the preconditioner puts in front of the network's own names.
const INNER: &str = "model.";
/// Names that every network of EDM's has, without the preconditioner's prefix.
const LANDMARK: &str = "map_layer0.weight";

/// The tensors of a dictionary; none if it is no state dict.
pub fn tensors(tree: &Tree<'_>, dict: Ref) -> BTreeMap<String, Ref> {
    let entries = tree.entries(dict).unwrap_or_default().iter();
    let tensors = entries.filter(|(_, value)| is_tensor(tree, *value));
    tensors.filter_map(|(key, value)| Some((tree.text(*key)?.to_string(), *value))).collect()
}

/// Names as EDM's preconditioned networks have them, whatever they were wrapped in.
pub fn normalise<T>(tensors: BTreeMap<String, T>) -> BTreeMap<String, T> {
    let mut tensors = tensors;
    // A wrapper may be wrapped; every turn makes the names shorter.
    while let Some(wrapper) = WRAPPERS.iter().find(|w| common(&tensors, w)) {
        tensors = renamed(tensors, |name| name.strip_prefix(wrapper).unwrap_or(&name).to_string());
    }
    let doubled = format!("{INNER}{INNER}{LANDMARK}");
    while tensors.contains_key(&doubled) {
        tensors = renamed(tensors, |name| name.strip_prefix(INNER).unwrap_or(&name).to_string());
    }
    if tensors.contains_key(LANDMARK) {
        tensors = renamed(tensors, |name| format!("{INNER}{name}"));
    }
    tensors
}

fn common<T>(tensors: &BTreeMap<String, T>, prefix: &str) -> bool {
    !tensors.is_empty() && tensors.keys().all(|name| name.starts_with(prefix))
}

fn renamed<T>(tensors: BTreeMap<String, T>, rename: impl Fn(String) -> String) -> BTreeMap<String, T> {
    tensors.into_iter().map(|(name, value)| (rename(name), value)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrappers_come_off_and_the_preconditioner_goes_on() {
        let landmark = |prefix: &str| BTreeMap::from([(format!("{prefix}map_layer0.weight"), 7)]);
        for prefix in ["", "model.", "module.", "module.model.", "_orig_mod.module.model.", "model.model."] {
            assert_eq!(normalise(landmark(prefix)), landmark("model."), "{prefix}");
        }
    }
}
