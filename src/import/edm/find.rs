//! Which networks a file holds, wherever in its dictionaries they lie.

use std::collections::{BTreeSet, VecDeque};

use super::average::{is_average, is_moments};
use super::limits::{MAX_DICT_DEPTH, MAX_DICTS, MAX_NAME, MAX_NETWORKS, MAX_ROOT_ENTRIES, MAX_TENSORS};
use super::module::Module;
use super::names::owners;
use super::network::{Network, WHOLE, joined};
use super::shadow::{Lists, shadows};
use super::state_dict::{is_state_dict, tensor_names};
use crate::import::pickle::{Ref, Tree, Value};
use crate::import::torch::is_tensor;

/// What a file holds.
#[derive(Clone, Debug, Default)]
pub struct Holding<'a> {
    pub networks: Vec<Network<'a>>,
    /// Lists of tensors that are called averages and fit none of the networks, by the keys on the way to them.
    pub unmatched: Vec<String>,
}

/// All networks: those of EDM's anywhere in the file; without any, the file itself or what its dictionary names,
/// whatever network it is.
pub fn networks<'a>(tree: &Tree<'a>) -> Holding<'a> {
    let known = known(tree);
    if known.networks.is_empty() { Holding { networks: any(tree), unmatched: Vec::new() } } else { known }
}

/// Modules, and networks of EDM's as tensors.
fn known<'a>(tree: &Tree<'a>) -> Holding<'a> {
    let mut search = Search {
        tree,
        seen: BTreeSet::new(),
        waiting: VecDeque::new(),
        lists: Lists::new(),
        found: Vec::new(),
    };
    // The outermost first: what lies deep in an optimiser's state must not use up what may be looked at.
    search.waiting.push_back(Place { at: tree.root(), path: String::new(), depth: 0 });
    while let Some(place) = search.waiting.pop_front() {
        if search.seen.len() >= MAX_DICTS || search.found.len() >= MAX_NETWORKS {
            break;
        }
        search.look(place);
    }
    let mut networks = search.found;
    let shadows = shadows(tree, &networks, &search.lists);
    networks.extend(shadows);
    networks.truncate(MAX_NETWORKS);
    let is_matched = |path: &String| networks.iter().any(|network| network.name == *path);
    let averages = search.lists.into_iter().map(|(path, _)| path).filter(|path| is_average(path));
    let unmatched = averages.filter(|path| !is_matched(path)).take(MAX_NETWORKS).collect();
    Holding { networks, unmatched }
}

/// A value on the way, and how it was come to.
struct Place {
    at: Ref,
    path: String,
    depth: usize,
}

struct Search<'t, 'a> {
    tree: &'t Tree<'a>,
    /// Dictionaries and lists that were looked at: many places may share one.
    seen: BTreeSet<Ref>,
    waiting: VecDeque<Place>,
    lists: Lists,
    found: Vec<Network<'a>>,
}

impl<'a> Search<'_, 'a> {
    fn look(&mut self, place: Place) {
        let Place { at, path, depth } = place;
        if let Some(module) = Module::at(self.tree, at) {
            let name = if path.is_empty() { WHOLE.to_string() } else { path };
            self.found.push(Network::of_module(name, module));
            return;
        }
        if !matches!(self.tree.get(at), Value::Dict(_) | Value::List(_) | Value::Tuple(_))
            || !self.seen.insert(at)
        {
            return;
        }
        if self.tree.entries(at).is_some_and(|entries| entries.len() <= MAX_TENSORS) {
            let mut owners = owners(tensor_names(self.tree, at));
            owners.retain(|owner| !is_moments(&joined(&path, &owner.name)));
            let count = owners.len();
            self.found.extend(owners.into_iter().map(|owner| Network::of_owner(&path, at, owner, count)));
        }
        if depth < MAX_DICT_DEPTH {
            self.go_in(at, &path, depth + 1);
        }
    }

    /// Notes what lies in a dictionary, or in a list of a few.
    fn go_in(&mut self, at: Ref, path: &str, depth: usize) {
        let tree = self.tree;
        if let Some(entries) = tree.entries(at) {
            for (key, value) in entries.iter().take(MAX_ROOT_ENTRIES) {
                if let Some(key) = tree.text(*key).filter(|key| path.len() + key.len() < MAX_NAME) {
                    self.wait(*value, joined(path, key), depth);
                }
            }
        }
        let items = tree.items(at).unwrap_or_default();
        if items.first().is_some_and(|first| is_tensor(tree, *first)) {
            self.lists.push((path.to_string(), at));
            return;
        }
        for (i, item) in items.iter().take(MAX_ROOT_ENTRIES).enumerate() {
            self.wait(*item, joined(path, &i.to_string()), depth);
        }
    }

    fn wait(&mut self, at: Ref, path: String, depth: usize) {
        let is_place = matches!(self.tree.get(at), Value::Dict(_) | Value::List(_) | Value::Tuple(_));
        let is_module = || Module::at(self.tree, at).is_some();
        if (is_place || is_module()) && self.waiting.len() < MAX_DICTS {
            self.waiting.push_back(Place { at, path, depth });
        }
    }
}

/// The file itself, or what its dictionary names.
fn any<'a>(tree: &Tree<'a>) -> Vec<Network<'a>> {
    if is_state_dict(tree, tree.root()) {
        return vec![Network::of_dict(WHOLE.into(), tree.root())];
    }
    let entries = tree.entries(tree.root()).unwrap_or_default().iter().take(MAX_ROOT_ENTRIES);
    let dicts = entries.filter(|(_, value)| is_state_dict(tree, *value));
    let named = dicts.filter_map(|(key, value)| Some(Network::of_dict(tree.text(*key)?.to_string(), *value)));
    named.take(MAX_NETWORKS).collect()
}
