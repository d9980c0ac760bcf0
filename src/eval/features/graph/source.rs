//! The weights of a graph by their names.

use std::collections::BTreeMap;

use burn::tensor::{Device, Tensor, TensorData};

/// Where weights come from, and where they go.
pub struct Source<'a> {
    pub named: &'a BTreeMap<String, Vec<f32>>,
    pub device: &'a Device,
}

impl Source<'_> {
    pub fn tensor(&self, name: &str) -> Result<&[f32], String> {
        self.named.get(name).map(Vec::as_slice).ok_or_else(|| format!("the weights have no {name}"))
    }

    /// `values` as a tensor of `shape`, which must have as many elements.
    pub fn upload<const D: usize>(&self, values: &[f32], shape: [usize; D]) -> Tensor<D> {
        Tensor::from_data(TensorData::new(values.to_vec(), shape), self.device)
    }
}
