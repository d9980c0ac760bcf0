//! Tensors by name, and whole networks among them behind a prefix.

use std::collections::BTreeMap;
use std::sync::Arc;

use burn::tensor::Device;
use sha2::{Digest, Sha256};

use super::State;
use crate::diffusion::GeneratorSpec;
use crate::error::Result;
use crate::model::{Layout, Weights};

/// Tensors by name: what a checkpoint holds.
pub type Named = BTreeMap<String, Vec<f32>>;

/// Adds `weights` to `tensors`, every name behind `prefix/`.
pub fn put(tensors: &mut Named, prefix: &str, weights: &Weights) -> Result<()> {
    tensors.extend(weights.named()?.into_iter().map(|(name, value)| (format!("{prefix}/{name}"), value)));
    Ok(())
}

/// The weights that `put` stored under `prefix`.
pub fn take(tensors: &Named, prefix: &str, layout: &Arc<Layout>, device: &Device) -> Result<Weights> {
    Weights::from_named(layout.clone(), &below(tensors, prefix), device)
}

/// The teacher that a student's state carries, so that a resumed student needs no other file.
pub fn teacher_of(state: &State, spec: &GeneratorSpec) -> Option<(GeneratorSpec, Named)> {
    let named = below(&state.tensors, "teacher");
    (!named.is_empty()).then(|| (spec.clone(), named))
}

/// Whether a state's tensor is a moment of gradients, not a weight.
pub(super) fn is_moment(name: &str) -> bool {
    name.split_once('/').is_some_and(|(network, _)| network.contains(".adam_"))
}

/// The start of a SHA-256 over names and numbers, hexadecimal: which network it is, wherever it came from.
pub fn fingerprint_of(tensors: &Named) -> String {
    let mut sha = Sha256::new();
    for (name, values) in tensors {
        sha.update(format!("{name} {}\n", values.len()));
        values.iter().for_each(|value| sha.update(value.to_le_bytes()));
    }
    sha.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// The tensors behind `prefix/`, by the rest of their names.
fn below(tensors: &Named, prefix: &str) -> Named {
    let prefix = format!("{prefix}/");
    tensors
        .range(prefix.clone()..)
        .take_while(|(name, _)| name.starts_with(&prefix))
        .map(|(name, value)| (name[prefix.len()..].to_string(), value.clone()))
        .collect()
}
