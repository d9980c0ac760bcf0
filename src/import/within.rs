//! A network that is known by one of its names, among a file's tensors: without what stands before its names.

use std::collections::{BTreeMap, BTreeSet};

use super::edm::{WRAPPERS, is_average};

/// The tensors of the network that has one called `landmark`, by its own names; none where there is no such network,
/// or several of which none is an average, or two that share names once their wrappers are taken off.
pub fn within(tensors: &BTreeMap<String, Vec<f32>>, landmark: &str) -> Option<BTreeMap<String, Vec<f32>>> {
    let unwrapped = |name: &str| {
        let parts = name.split('.').filter(|part| !WRAPPERS.contains(part));
        parts.collect::<Vec<_>>().join(".")
    };
    let named: Vec<(String, &Vec<f32>)> = tensors.iter().map(|(name, v)| (unwrapped(name), v)).collect();
    let prefixes = named.iter().filter_map(|(name, _)| name.strip_suffix(landmark));
    let prefixes: BTreeSet<&str> =
        prefixes.filter(|prefix| prefix.is_empty() || prefix.ends_with('.')).collect();
    let averages: Vec<&str> =
        prefixes.iter().copied().filter(|prefix| is_average(prefix.trim_end_matches('.'))).collect();
    let prefix = match (prefixes.len(), averages.as_slice()) {
        (1, _) => prefixes.first().copied()?,
        (_, [average]) => *average,
        _ => return None,
    };
    let mut found = BTreeMap::new();
    for (name, values) in
        named.iter().filter_map(|(name, values)| Some((name.strip_prefix(prefix)?, *values)))
    {
        if found.insert(name.to_string(), values.clone()).is_some() {
            return None;
        }
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tensors(names: &[&str]) -> BTreeMap<String, Vec<f32>> {
        names.iter().zip(0u8..).map(|(name, i)| ((*name).to_string(), vec![f32::from(i)])).collect()
    }

    #[test]
    fn a_network_is_found_by_a_name_of_its_own() {
        let find = |names: &[&str]| within(&tensors(names), "conv1.weight");
        for prefix in ["", "module.", "net.", "model._orig_mod.backbone."] {
            let names = [format!("{prefix}conv1.weight"), format!("{prefix}bn1.bias"), "loss.weight".into()];
            let found = find(&names.each_ref().map(String::as_str)).expect("a network");
            assert_eq!(
                (found["conv1.weight"].as_slice(), found["bn1.bias"].as_slice()),
                (&[0.0][..], &[1.0][..])
            );
        }
        let found = find(&["model.conv1.weight", "ema.conv1.weight"]).expect("the average");
        assert_eq!(found, BTreeMap::from([("conv1.weight".to_string(), vec![1.0])]));
        assert_eq!(find(&["a.conv1.weight", "b.conv1.weight"]), None);
        assert_eq!(find(&["myconv1.weight"]), None);
        assert_eq!(find(&["conv1.weight", "module.conv1.weight"]), None);
    }
}
