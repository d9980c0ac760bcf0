//! Names of the tensors of EDM's networks, whatever training programs have put in front of them or between
//! their parts: a network is found by its own names, not by a list of prefixes.

use std::collections::{BTreeMap, BTreeSet};

use super::limits::MAX_NAME;

/// What the preconditioner puts in front of the network's own names.
const INNER: &str = "model";
/// A tensor that every network has.
const LANDMARK: &str = "model.map_layer0.weight";
/// Layers beside the encoder and the decoder.
const LAYERS: [&str; 7] =
    ["map_noise", "map_label", "map_augment", "map_layer0", "map_layer1", "out_norm", "out_conv"];
/// Dictionaries of blocks.
const STACKS: [&str; 2] = ["enc", "dec"];
/// What torch puts between the parts of a name: data-parallel training, compilation, sharding, activations that
/// are computed twice. Anything else between them is another network's.
pub const WRAPPERS: [&str; 7] = [
    "module",
    "_orig_mod",
    "_forward_module",
    "_fsdp_wrapped_module",
    "_fpw_module",
    "_checkpoint_wrapped_module",
    "_module",
];

/// Who owns a tensor, up to the last dot before the network's own name, and that name, wrappers still in it; none
/// for a tensor of no network of EDM's.
fn split(name: &str) -> Option<(&str, &str)> {
    if name.len() > MAX_NAME {
        return None;
    }
    let starts = name.rmatch_indices('.').map(|(dot, _)| dot + 1).chain([0]);
    starts.map(|start| name.split_at(start)).find(|(_, own)| is_own(own))
}

fn is_own(own: &str) -> bool {
    let mut parts = own.split('.').filter(|part| !WRAPPERS.contains(part));
    match parts.next() {
        // The number's name: weight, bias.
        Some(layer) if LAYERS.contains(&layer) => parts.count() == 1,
        // The block, the number's name, and a layer between them or none.
        Some(stack) if STACKS.contains(&stack) => {
            parts.next().is_some_and(is_block) && matches!(parts.count(), 1 | 2)
        }
        _ => false,
    }
}

/// `16x16_block0`.
fn is_block(part: &str) -> bool {
    let is_side = |side: &str| !side.is_empty() && side.bytes().all(|byte| byte.is_ascii_digit());
    let sides = part.split_once('_').and_then(|(sides, _)| sides.split_once('x'));
    sides.is_some_and(|(width, height)| is_side(width) && width == height)
}

/// A network's own name for a tensor, as a preconditioned network has it.
fn canonical(own: &str) -> String {
    let parts = own.split('.').filter(|part| !WRAPPERS.contains(part));
    [INNER].into_iter().chain(parts).collect::<Vec<_>>().join(".")
}

/// A whole network among tensors of several, or with others around it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner<'n> {
    /// What tells it from other networks: the names in front of its own without wrappers. Often empty.
    pub name: String,
    prefixes: BTreeSet<&'n str>,
}

impl Owner<'_> {
    /// Name within the network of a tensor that is its own.
    pub fn own(&self, name: &str) -> Option<String> {
        let (prefix, own) = split(name)?;
        self.prefixes.contains(prefix).then(|| canonical(own))
    }
}

/// The whole networks among tensors of these names.
pub fn owners<'n>(names: impl Iterator<Item = &'n str> + Clone) -> Vec<Owner<'n>> {
    let mut own_names: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for (prefix, own) in names.filter_map(split) {
        own_names.entry(prefix).or_default().insert(canonical(own));
    }
    let mut by_name: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for prefix in own_names.keys().copied() {
        by_name.entry(bare(prefix)).or_default().push(prefix);
    }
    let mut owners = Vec::new();
    for (name, prefixes) in by_name {
        let sets: Vec<&BTreeSet<String>> = prefixes.iter().map(|prefix| &own_names[prefix]).collect();
        let together: BTreeSet<&String> = sets.iter().copied().flatten().collect();
        // One network of which a part is wrapped, or several under one name.
        if together.len() == sets.iter().map(|set| set.len()).sum::<usize>() {
            owners.push((name, prefixes));
        } else {
            let apart =
                prefixes.into_iter().map(|prefix| (prefix.trim_end_matches('.').into(), vec![prefix]));
            owners.extend(apart);
        }
    }
    let is_whole = |prefixes: &[&str]| prefixes.iter().any(|prefix| own_names[prefix].contains(LANDMARK));
    let whole = owners.into_iter().filter(|(_, prefixes)| is_whole(prefixes));
    whole.map(|(name, prefixes)| Owner { name, prefixes: prefixes.into_iter().collect() }).collect()
}

/// A prefix without wrappers and without the preconditioner's own.
fn bare(prefix: &str) -> String {
    let says_something = |part: &&str| !part.is_empty() && *part != INNER && !WRAPPERS.contains(part);
    prefix.split('.').filter(says_something).collect::<Vec<_>>().join(".")
}

/// Whether a tensor of the network is computed anew and never trained.
pub fn is_buffer(canonical: &str) -> bool {
    canonical.ends_with(".resample_filter") || canonical.ends_with(".freqs")
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWN: [&str; 4] =
        ["map_layer0.weight", "enc.16x16_conv.bias", "dec.8x8_block0.norm0.weight", "out_norm.bias"];

    fn found(names: &[String]) -> Vec<(String, Vec<String>)> {
        let owners = owners(names.iter().map(String::as_str));
        let own = |owner: &Owner<'_>| names.iter().filter_map(|name| owner.own(name)).collect();
        owners.iter().map(|owner| (owner.name.clone(), own(owner))).collect()
    }

    #[test]
    fn whatever_stands_before_or_between_comes_off() {
        let want: Vec<String> = OWN.iter().map(|own| format!("model.{own}")).collect();
        for (prefix, name) in [
            ("", ""),
            ("model.", ""),
            ("module.", ""),
            ("_orig_mod.module.model.", ""),
            ("module.model._orig_mod.", ""),
            ("model.model.", ""),
            ("net.model.", "net"),
            ("ema_model.module.model.", "ema_model"),
            ("anything.at.all.model.", "anything.at.all"),
            ("enc.model.", "enc"),
        ] {
            let names: Vec<String> = OWN.iter().map(|own| format!("{prefix}{own}")).collect();
            assert_eq!(found(&names), [(name.to_string(), want.clone())], "{prefix}");
            let between = names.iter().map(|name| match name.rsplit_once('.') {
                Some((layer, number)) => format!("{layer}._checkpoint_wrapped_module.{number}"),
                None => name.clone(),
            });
            assert_eq!(found(&between.collect::<Vec<_>>()), [(name.to_string(), want.clone())], "{prefix}");
        }
    }

    #[test]
    fn networks_beside_each_other_are_told_apart() {
        let two =
            ["online_model.model.", "ema_model.model."].map(|prefix| OWN.map(|own| format!("{prefix}{own}")));
        let names = [two.concat(), vec!["initted".into(), "step".into()]].concat();
        let all: Vec<String> = found(&names).into_iter().map(|(name, _)| name).collect();
        assert_eq!(all, ["ema_model", "online_model"]);
        // A part that is wrapped belongs to the rest, a second whole network does not.
        let mut wrapped: Vec<String> = OWN.iter().map(|own| format!("model.{own}")).collect();
        wrapped[1] = "model._orig_mod.enc.16x16_conv.bias".into();
        assert_eq!(found(&wrapped).first().map(|(_, own)| own.len()), Some(4));
        let twice =
            ["model.", "module.model."].map(|prefix| OWN.map(|own| format!("{prefix}{own}"))).concat();
        let all: Vec<String> = found(&twice).into_iter().map(|(name, _)| name).collect();
        assert_eq!(all, ["model", "module.model"]);
    }

    #[test]
    fn what_is_no_network_of_edms_is_none() {
        for name in
            ["map_layer0.lora_down.weight", "enc.blocks.0.weight", "layer1.0.conv1.weight", "", "...", "enc"]
        {
            assert_eq!(split(name), None, "{name}");
        }
        assert!(found(&["model.enc.16x16_conv.bias".to_string()]).is_empty(), "a part is no network");
    }
}
