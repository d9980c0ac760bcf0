//! The tensors of a file by name, whatever network they belong to.

use std::collections::BTreeMap;
use std::path::Path;

use safetensors::tensor::{Dtype as Written, SafeTensors, TensorView};

use super::edm::{self, Network};
use super::format::Format;
use super::open::{self, Contents};
use super::pickle::Tree;
use super::shown::shown;
use super::torch::{Dtype, Reader, Storages, Tensor};
use crate::error::{Error, Result};
use crate::finite;

/// Every tensor of floating-point numbers in the file at `path`, by name: a state dict of torch's (.pt,
/// .pth, .pkl) or a .safetensors.
///
/// # Errors
/// `Kind::Io`; `Kind::Checkpoint` for what is damaged, hostile, holds no tensors or numbers that are not finite.
pub fn tensors(path: &Path) -> Result<BTreeMap<String, Vec<f32>>> {
    open::open(path, AllTensors)
}

struct AllTensors;

impl Contents for AllTensors {
    type Made = BTreeMap<String, Vec<f32>>;

    fn of_tree(self, tree: &Tree<'_>, storages: Storages<'_>, len: u64, _: Format) -> Result<Self::Made> {
        let edm::Holding { networks, .. } = edm::networks(tree);
        let edm::Tensors { own: tensors, .. } = described(tree, edm::choose(&networks, None)?)?;
        let mut reader = Reader::new(storages, len);
        let mut named = BTreeMap::new();
        for (name, tensor) in tensors {
            if let Some(numbers) = reader.numbers(tree, &tensor)? {
                named.insert(name, numbers);
            }
        }
        finite::check_tensors(&named)?;
        Ok(named)
    }

    fn of_safetensors(self, file: &SafeTensors<'_>) -> Result<Self::Made> {
        let views = edm::normalise(file.tensors().into_iter().collect())?;
        let floats = views.into_iter().filter_map(|(name, view)| Some((name, float_numbers(&view)?)));
        let named: BTreeMap<String, Vec<f32>> = floats.collect();
        finite::check_tensors(&named)?;
        Ok(named)
    }
}

/// A network's tensors as a pickle describes them.
///
/// # Errors
/// `Kind::Checkpoint` naming the first that is none.
pub fn described(tree: &Tree<'_>, network: &Network<'_>) -> Result<edm::Tensors<Tensor>> {
    let edm::Tensors { own, left_out } = network.tensors(tree)?;
    let mut tensors = BTreeMap::new();
    for (name, at) in own {
        let tensor = Tensor::describe(tree, at);
        let tensor = tensor.map_err(|e| Error { what: format!("{}: {}", shown(&name), e.what), ..e })?;
        tensors.insert(name, tensor);
    }
    Ok(edm::Tensors { own: tensors, left_out })
}

/// The numbers of a safetensors view; None where they are no floating-point numbers.
pub fn float_numbers(view: &TensorView<'_>) -> Option<Vec<f32>> {
    let dtype = match view.dtype() {
        Written::F64 => Dtype::F64,
        Written::F32 => Dtype::F32,
        Written::F16 => Dtype::F16,
        Written::BF16 => Dtype::Bf16,
        _ => return None,
    };
    Some(dtype.numbers(view.data()))
}
