//! The tensor under burn's own: what fusion has put off is done first.

use burn::backend::wgpu::{CubeTensor, Wgpu};
use burn::tensor::Tensor;

/// None for a tensor that is not on a GPU, or that autodiff follows.
#[cfg(feature = "fusion")]
pub fn unfused<const D: usize>(tensor: Tensor<D>) -> Option<CubeTensor> {
    let fused = tensor.try_into_primitive::<Wgpu>().ok()?;
    let client = fused.client.clone();
    Some(client.resolve_tensor_float::<burn::backend::wgpu::CubeBackend>(fused))
}

#[cfg(not(feature = "fusion"))]
pub fn unfused<const D: usize>(tensor: Tensor<D>) -> Option<CubeTensor> {
    tensor.try_into_primitive::<Wgpu>().ok()
}
