//! State dicts: tensors by name. Those of networks that are not EDM's keep their names, but for what wrappers leave
//! on all of them.

use std::collections::BTreeMap;

use super::limits::{MAX_NAME, MAX_TENSORS, MAX_WRAPPERS};
use crate::error::{Error, Kind, Result};
use crate::import::pickle::{Ref, Tree};
use crate::import::shown::shown;
use crate::import::torch::is_tensor;

/// What wrappers put in front of every name: data-parallel training, compilation.
const WRAPPERS: [&str; 2] = ["module.", "_orig_mod."];
/// What the preconditioner puts in front of the network's own names.
const INNER: &str = "model.";
/// Names that every network of EDM's has, without the preconditioner's prefix.
const LANDMARK: &str = "map_layer0.weight";

/// Whether a dictionary has several tensors, and no more entries than a network has.
pub fn is_state_dict(tree: &Tree<'_>, dict: Ref) -> bool {
    let entries = tree.entries(dict).unwrap_or_default();
    if entries.len() > MAX_TENSORS {
        return false;
    }
    let tensors = entries.iter().filter(|(_, value)| is_tensor(tree, *value));
    let mut names = tensors.filter_map(|(key, _)| tree.text(*key));
    let first = names.next();
    first.is_some() && names.any(|name| Some(name) != first)
}

/// Names of the tensors in a dictionary, in its order.
pub fn tensor_names<'t, 'a>(
    tree: &'t Tree<'a>,
    dict: Ref,
) -> impl Iterator<Item = &'a str> + Clone + use<'t, 'a> {
    let entries = tree.entries(dict).unwrap_or_default().iter();
    entries.filter(move |(_, value)| is_tensor(tree, *value)).filter_map(move |(key, _)| tree.text(*key))
}

/// The tensors of a state dict.
///
/// # Errors
/// `Kind::Checkpoint` for a name longer than any of a network.
pub fn tensors(tree: &Tree<'_>, dict: Ref) -> Result<BTreeMap<String, Ref>> {
    let mut tensors = BTreeMap::new();
    for (key, value) in tree.entries(dict).unwrap_or_default() {
        if let Some(name) = tree.text(*key).filter(|_| is_tensor(tree, *value)) {
            check(name)?;
            tensors.insert(name.to_string(), *value);
        }
    }
    Ok(tensors)
}

/// Names as EDM's preconditioned networks have them, whatever they were wrapped in.
///
/// # Errors
/// `Kind::Checkpoint` for a name longer than any of a network.
pub fn normalise<T>(tensors: BTreeMap<String, T>) -> Result<BTreeMap<String, T>> {
    let mut tensors = tensors;
    tensors.keys().try_for_each(|name| check(name))?;
    // Every turn writes all names anew.
    for _ in 0..MAX_WRAPPERS {
        let Some(wrapper) = WRAPPERS.iter().find(|w| common(&tensors, w)) else { break };
        tensors = renamed(tensors, |name| name.strip_prefix(wrapper).unwrap_or(&name).to_string());
    }
    let doubled = format!("{INNER}{INNER}{LANDMARK}");
    for _ in 0..MAX_WRAPPERS {
        if !tensors.contains_key(&doubled) {
            break;
        }
        tensors = renamed(tensors, |name| name.strip_prefix(INNER).unwrap_or(&name).to_string());
    }
    if tensors.contains_key(LANDMARK) {
        tensors = renamed(tensors, |name| format!("{INNER}{name}"));
    }
    Ok(tensors)
}

fn check(name: &str) -> Result<()> {
    if name.len() <= MAX_NAME {
        return Ok(());
    }
    let what = format!(
        "this is not one of EDM's networks: a tensor's name has {} bytes (at most {MAX_NAME}): {}",
        name.len(),
        shown(name)
    );
    Err(Error::new(Kind::Checkpoint, what))
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
            assert_eq!(normalise(landmark(prefix)).ok(), Some(landmark("model.")), "{prefix}");
        }
    }

    #[test]
    fn names_and_wrappers_have_a_bound() {
        let named = |prefix: &str| BTreeMap::from([(format!("{prefix}a"), 7)]);
        assert!(normalise(named(&"module.".repeat(100))).is_err_and(|e| e.to_string().contains("701 bytes")));
        let left = normalise(named(&"module.".repeat(MAX_WRAPPERS + 2)));
        assert_eq!(left.ok(), Some(named("module.module.")));
    }
}
