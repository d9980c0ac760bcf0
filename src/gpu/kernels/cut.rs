//! A stretch of a flat block. On a GPU it is looked at where it lies, if it begins where a buffer may be bound; burn's
//! own operation copies it unless it ends there too.

use burn::backend::autodiff::Autodiff;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::tensor::FloatTensor;
use burn::backend::wgpu::{CubeBackend, CubeTensor};
use burn::backend::{Backend, Dispatch, Flex, Shape, Slice, TensorMetadata, backend_extension};
use burn::tensor::Tensor;
use burn_cubecl::cubecl::zspace::metadata::Metadata;

/// `len` numbers of `block` from place `first` on.
///
/// # Panics
/// If the block is shorter.
pub fn cut(block: Tensor<1>, first: usize, len: usize) -> Tensor<1> {
    assert!(first + len <= block.dims()[0], "cut: {len} numbers from {first} on of {}", block.dims()[0]);
    Tensor::from_dispatch(<Dispatch as CutOps>::cut(block.into_dispatch(), first, len))
}

/// Cutting as an operation of a backend; without a body of its own it is burn's slice.
#[backend_extension(Cube, Flex, Autodiff, Fusion: cfg(feature = "fusion"))]
pub trait CutOps: Backend {
    /// `len` numbers of the flat `block` from place `first` on.
    #[fusion(dtype = block, shape = Shape::new([*len]))]
    fn cut(block: FloatTensor<Self>, first: usize, len: usize) -> FloatTensor<Self> {
        sliced::<Self>(block, first, len)
    }
}

fn sliced<B: Backend>(block: FloatTensor<B>, first: usize, len: usize) -> FloatTensor<B> {
    B::float_slice(block, &[Slice::from(first..first + len)])
}

impl CutOps for CubeBackend {
    fn cut(block: FloatTensor<Self>, first: usize, len: usize) -> FloatTensor<Self> {
        let align = block.client.properties().memory.alignment;
        let bytes = |numbers: usize| (numbers * block.dtype.size()) as u64;
        let start = bytes(first);
        if block.meta.strides()[..] != [1] || !start.is_multiple_of(align) {
            return sliced::<Self>(block, first, len);
        }
        // A buffer has to end at such a place too: what is bound is a little longer than what is looked at.
        let behind = bytes(block.shape().num_elements() - first - len) / align * align;
        let handle = block.handle.clone().offset_start(start).offset_end(behind);
        let meta = Metadata::new([len], [1]);
        CubeTensor::new(block.client.clone(), handle, meta, block.device.clone(), block.dtype)
    }
}

impl CutOps for Flex {}

impl<B: CutOps, C: CheckpointStrategy> CutOps for Autodiff<B, C> {}

#[cfg(test)]
mod tests {
    use burn::tensor::Device;

    use super::*;
    use crate::gpu::read;

    #[test]
    fn a_stretch_is_cut_out() {
        let block = Tensor::<1>::from_data([0.0, 1.0, 2.0, 3.0, 4.0], &Device::flex());
        assert_eq!(read(cut(block.clone(), 1, 3)), Ok(vec![1.0, 2.0, 3.0]));
        assert_eq!(read(cut(block, 0, 5)).expect("numbers").len(), 5);
    }

    #[test]
    #[should_panic(expected = "3 numbers from 3 on of 5")]
    fn what_is_not_there_cannot_be_cut() {
        cut(Tensor::<1>::zeros([5], &Device::flex()), 3, 3);
    }
}
