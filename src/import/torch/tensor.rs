//! A tensor is a window on a storage: where it starts, its shape, and the stride of each dimension.

use super::dtype::Dtype;
use super::limits::{MAX_NUMBERS, MAX_RANK};
use super::storage::Storage;
use super::storages::Storages;
use crate::error::{Error, Kind, Result};
use crate::import::pickle::{Global, Object, Ref, Tree, Value};

/// A tensor as the pickle describes it; offset and strides in numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Tensor {
    storage: Ref,
    dtype: Option<Dtype>,
    offset: usize,
    shape: Vec<usize>,
    strides: Vec<usize>,
}

/// Whether a value is a tensor, readable or not.
pub fn is_tensor(tree: &Tree<'_>, at: Ref) -> bool {
    let class = tree.object(at).map(|o| o.class);
    matches!(class, Some(Global::RebuildTensor | Global::RebuildTensorTyped | Global::RebuildParameter))
}

impl Tensor {
    /// The tensor (or the parameter around one) at `at`.
    pub fn describe(tree: &Tree<'_>, at: Ref) -> Result<Self> {
        let outer = tree.object(at).ok_or_else(|| bad("a value that is no tensor"))?;
        let inner = match outer.class {
            Global::RebuildParameter => tree.args(outer).first().and_then(|a| tree.object(*a)),
            _ => Some(outer),
        };
        inner.ok_or_else(|| bad("a parameter without a tensor")).and_then(|t| Self::from_object(tree, t))
    }

    fn from_object(tree: &Tree<'_>, object: &Object) -> Result<Self> {
        let args = tree.args(object);
        let typed = match object.class {
            Global::RebuildTensor => None,
            Global::RebuildTensorTyped => args.get(6).copied(),
            _ => return Err(bad("a value that is no tensor")),
        };
        let dtype = match typed.map(|t| tree.get(t)) {
            None => None,
            Some(Value::Global(Global::Dtype(dtype))) => Some(*dtype),
            Some(_) => return Err(bad("a tensor of an unknown type of numbers")),
        };
        let [storage, offset, shape, strides, ..] = args else {
            return Err(bad("a tensor without storage, offset, shape and strides"));
        };
        let offset = tree.size(*offset).ok_or_else(|| bad("a tensor's offset is negative or no number"))?;
        let (shape, strides) = (sizes(tree, *shape)?, sizes(tree, *strides)?);
        if shape.len() != strides.len() || shape.len() > MAX_RANK {
            return Err(bad(format!(
                "a tensor of {} dimensions with {} strides (at most {MAX_RANK})",
                shape.len(),
                strides.len()
            )));
        }
        Ok(Self { storage: *storage, dtype, offset, shape, strides })
    }

    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// How many numbers it has, if that is a number at all.
    fn count(&self) -> Option<usize> {
        self.shape.iter().try_fold(1usize, |product, size| product.checked_mul(*size))
    }

    /// One past the last number of the storage that it touches.
    fn end(&self) -> Option<usize> {
        let mut last = self.offset;
        for (size, stride) in self.shape.iter().zip(&self.strides) {
            last = last.checked_add(size.saturating_sub(1).checked_mul(*stride)?)?;
        }
        last.checked_add(1)
    }

    fn is_contiguous(&self) -> bool {
        let mut expected = 1;
        self.shape.iter().zip(&self.strides).rev().all(|(size, stride)| {
            let fits = *size == 1 || *stride == expected;
            expected *= size; // below `count`, which has been computed
            fits
        })
    }
}

fn sizes(tree: &Tree<'_>, at: Ref) -> Result<Vec<usize>> {
    let list = match tree.object(at) {
        Some(size) if size.class == Global::TorchSize => tree.args(size).first().copied().unwrap_or(at),
        _ => at,
    };
    let items = tree.items(list).ok_or_else(|| bad("a tensor's shape is no list"))?;
    if items.len() > MAX_RANK {
        return Err(bad(format!("a tensor of {} dimensions (at most {MAX_RANK})", items.len())));
    }
    let sizes: Option<Vec<usize>> = items.iter().map(|i| tree.size(*i)).collect();
    sizes.ok_or_else(|| bad("a tensor's shape or stride is negative or no number"))
}

/// Reads tensors one after another, within a budget: many tensors may lie on one small storage, and
/// unpacked they must not take more memory than the file's length allows.
pub struct Reader<'a> {
    storages: Storages<'a>,
    numbers_left: usize,
}

impl<'a> Reader<'a> {
    /// `len`: bytes of the file (unpacked, if it is a zip). Every number takes at least one of them.
    pub fn new(storages: Storages<'a>, len: u64) -> Self {
        let numbers_left = usize::try_from(len).unwrap_or(usize::MAX).min(MAX_NUMBERS);
        Self { storages, numbers_left }
    }

    /// The numbers of a tensor in row-major order as f32; `None` for counters and other integers.
    ///
    /// # Errors
    /// `Kind::Checkpoint` where it reaches beyond its storage, repeats numbers, or the storage is damaged.
    pub fn numbers(&mut self, tree: &Tree<'_>, tensor: &Tensor) -> Result<Option<Vec<f32>>> {
        let Storage { bytes, dtype } = self.storages.read(tree, tensor.storage)?;
        let dtype = tensor.dtype.or(dtype).ok_or_else(|| bad("nothing says what numbers a tensor has"))?;
        if !dtype.is_float() {
            return Ok(None);
        }
        let count = tensor.count().ok_or_else(|| bad("a tensor's shape overflows"))?;
        if count == 0 {
            return Ok(Some(Vec::new()));
        }
        let there = bytes.len() / dtype.size();
        let end = tensor.end().filter(|end| *end <= there);
        let end = end.ok_or_else(|| {
            bad(format!("a tensor of shape {:?} reaches beyond its storage of {there} numbers", tensor.shape))
        })?;
        if count > there {
            return Err(bad("a tensor repeats the numbers of its storage"));
        }
        // The whole window is read, so that is what counts.
        let left = self.numbers_left.checked_sub(count.max(end - tensor.offset));
        self.numbers_left = left.ok_or_else(|| bad("its tensors have more numbers than the file"))?;
        let window = bytes.get(tensor.offset * dtype.size()..end * dtype.size()).unwrap_or_default();
        let window = dtype.numbers(window);
        Ok(Some(if tensor.is_contiguous() {
            window
        } else {
            gather(&window, &tensor.shape, &tensor.strides)
        }))
    }
}

/// Row-major copy of a window whose first number is the tensor's first; every index was checked.
fn gather(window: &[f32], shape: &[usize], strides: &[usize]) -> Vec<f32> {
    let count = shape.iter().product();
    let mut out = Vec::with_capacity(count);
    let mut index = vec![0; shape.len()];
    for _ in 0..count {
        let at: usize = index.iter().zip(strides).map(|(i, stride)| i * stride).sum();
        out.push(window.get(at).copied().unwrap_or(f32::NAN));
        for (i, size) in index.iter_mut().zip(shape).rev() {
            *i += 1;
            if *i < *size {
                break;
            }
            *i = 0;
        }
    }
    out
}

fn bad(what: impl std::fmt::Display) -> Error {
    Error::new(Kind::Checkpoint, format!("the tensors are not readable: {what}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_transposed_window_is_gathered_in_its_own_order() {
        let window: Vec<f32> = (0..6).map(|v| v as f32).collect();
        assert_eq!(gather(&window, &[3, 2], &[1, 3]), [0.0, 3.0, 1.0, 4.0, 2.0, 5.0]);
        assert_eq!(gather(&window, &[2, 2], &[3, 2]), [0.0, 2.0, 3.0, 5.0]);
    }
}
