//! Averages that programs keep without the network's own names: the same names without their dots, or only the
//! numbers, in the order of the network's parameters. The network beside them says what they are.

use std::collections::BTreeMap;

use super::average::is_average;
use super::limits::MAX_NAME;
use super::names::{is_buffer, owners};
use super::network::{Network, joined};
use super::state_dict::tensor_names;
use crate::import::pickle::{Ref, Tree};
use crate::import::torch::Tensor;

/// Lists of tensors in a file, with the names on the way to each.
pub type Lists = Vec<(String, Ref)>;

/// The averages of such kinds of the networks in `found`.
pub fn shadows<'a>(tree: &Tree<'a>, found: &[Network<'a>], lists: &Lists) -> Vec<Network<'a>> {
    let raw = found.iter().filter(|network| !network.is_average);
    raw.filter_map(|network| Raw::of(tree, network)).flat_map(|raw| raw.shadows(lists)).collect()
}

/// A network whose names and order are known.
struct Raw<'t, 'a> {
    tree: &'t Tree<'a>,
    dict: Ref,
    /// Where in the file it is.
    path: String,
    /// Parameters and buffers by EDM's names.
    tensors: BTreeMap<String, Ref>,
    /// Parameters in the order of the file.
    order: Vec<String>,
}

impl<'t, 'a> Raw<'t, 'a> {
    fn of(tree: &'t Tree<'a>, network: &Network<'a>) -> Option<Self> {
        let (path, dict, owner) = network.in_dict()?;
        let tensors = network.tensors(tree).ok()?.own;
        let own = tensor_names(tree, dict).filter_map(|name| owner.own(name));
        let order = own.filter(|name| !is_buffer(name)).collect();
        Some(Self { tree, dict, path: path.to_string(), tensors, order })
    }

    fn shadows(&self, lists: &Lists) -> Vec<Network<'a>> {
        let listed = lists.iter().filter(|(path, _)| is_average(path));
        let listed = listed.filter_map(|(path, list)| self.listed(path, *list));
        listed.chain(self.without_dots()).collect()
    }

    /// The network with these averages in the place of its own numbers, if there is one for each parameter and of
    /// its shape.
    fn with(&self, name: String, averages: Vec<(&String, Ref)>) -> Option<Network<'a>> {
        let shape = |at: Ref| Tensor::describe(self.tree, at).ok().map(|tensor| tensor.shape().to_vec());
        let mut tensors = self.tensors.clone();
        let mut replaced = 0;
        for (own, average) in averages {
            let place = tensors.get_mut(own)?;
            if shape(*place)? != shape(average)? {
                return None;
            }
            *place = average;
            replaced += 1;
        }
        (replaced == self.order.len()).then(|| Network::of_shadow(name, tensors))
    }

    /// Numbers alone, one tensor a parameter.
    fn listed(&self, path: &str, list: Ref) -> Option<Network<'a>> {
        let items = self.tree.items(list)?;
        if items.len() != self.order.len() {
            return None;
        }
        self.with(path.to_string(), self.order.iter().zip(items.iter().copied()).collect())
    }

    /// Names whose dots were taken out, `model_ema.modelmap_layer0weight`, beside the network.
    fn without_dots(&self) -> Vec<Network<'a>> {
        let bare = |own: &str| own.trim_start_matches("model.").replace('.', "");
        let by_bare: BTreeMap<String, &String> = self.order.iter().map(|own| (bare(own), own)).collect();
        // What stands before a name is not known, so every end of it is looked up.
        let look_up = |name: &str| {
            let mut ends = name.char_indices().map(|(at, _)| &name[at..]);
            ends.find_map(|end| by_bare.get(end).copied())
        };
        let all = owners(tensor_names(self.tree, self.dict));
        let mut groups: BTreeMap<&str, BTreeMap<&String, Ref>> = BTreeMap::new();
        for (key, value) in self.tree.entries(self.dict).unwrap_or_default() {
            let Some(name) = self.tree.text(*key) else { continue };
            let Some((group, last)) = name.rsplit_once('.') else { continue };
            let is_known = || all.iter().any(|owner| owner.own(name).is_some());
            if name.len() > MAX_NAME || !is_average(group) || is_known() {
                continue;
            }
            if let Some(own) = look_up(last) {
                groups.entry(group).or_default().insert(own, *value);
            }
        }
        let networks = groups.into_iter();
        networks
            .filter_map(|(group, averages)| {
                self.with(joined(&self.path, group), averages.into_iter().collect())
            })
            .collect()
    }
}
