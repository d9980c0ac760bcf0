//! Flat tensors one behind the other, as one block. burn's own concatenation starts a kernel for each of them, unless
//! the device binds so many buffers that its fusion makes one kernel of all; ours one for every six.

use burn::backend::autodiff::Autodiff;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::tensor::FloatTensor;
use burn::backend::wgpu::CubeBackend;
use burn::backend::{Backend, Dispatch, Flex, TensorMetadata, backend_extension};
use burn::tensor::{DType, Device, Slice, Tensor};

use super::super::opened;
use super::launch;
use super::shader::{GATHER_SIX, THREADS};

/// All numbers of `tensors`, in their order. On a CPU, and where burn needs no more than one kernel for it, that is
/// burn's concatenation.
///
/// # Panics
/// If there are no tensors.
pub fn gathered(tensors: Vec<Tensor<1>>) -> Tensor<1> {
    let device = tensors.first().expect("a block has a parameter").device();
    let single = tensors.iter().all(|tensor| tensor.dtype() == DType::F32 && tensor.dims() != [0]);
    if !single || burn_does_as_well(&device, tensors.len()) {
        return Tensor::cat(tensors, 0);
    }
    by_sixes(&tensors, &device)
}

/// Whether burn's concatenation of so many tensors is a loop on the host's threads or one kernel. Such a kernel binds
/// every tensor, the block and one buffer of burn's, and wgpu keeps one to itself.
fn burn_does_as_well(device: &Device, count: usize) -> bool {
    let Some(setup) = opened::handles(device) else { return true };
    let most = setup.device.limits().max_storage_buffers_per_shader_stage as usize;
    cfg!(feature = "fusion") && count + 3 <= most
}

/// The same in launches of six tensors.
pub fn by_sixes(tensors: &[Tensor<1>], device: &Device) -> Tensor<1> {
    let len = |tensor: &Tensor<1>| tensor.dims()[0];
    let mut block = Tensor::<1>::empty([tensors.iter().map(len).sum::<usize>()], device);
    let mut first = 0;
    let (sixes, others) = tensors.as_chunks::<6>();
    for six in sixes {
        let [a, b, c, d, e, f] = six.clone().map(Tensor::into_dispatch);
        let place = block.into_dispatch();
        block = Tensor::from_dispatch(<Dispatch as GatherOps>::gather_six(a, b, c, d, e, f, place, first));
        first += six.iter().map(len).sum::<usize>();
    }
    for tensor in others {
        let behind = first + len(tensor);
        block = block.slice_assign(first..behind, tensor.clone());
        first = behind;
    }
    block
}

/// Gathering as an operation of a backend; without a kernel it is composed.
#[backend_extension(Cube, Flex, Autodiff, Fusion: cfg(feature = "fusion"))]
pub trait GatherOps: Backend {
    /// `block` with the numbers of six flat tensors, none of them empty, from place `first` on. The memory of `block`
    /// may be written over if nobody else holds it.
    #[fusion(dtype = block, shape = block)]
    #[allow(clippy::too_many_arguments, reason = "operations of a backend take no lists of tensors")]
    fn gather_six(
        a: FloatTensor<Self>,
        b: FloatTensor<Self>,
        c: FloatTensor<Self>,
        d: FloatTensor<Self>,
        e: FloatTensor<Self>,
        f: FloatTensor<Self>,
        block: FloatTensor<Self>,
        first: usize,
    ) -> FloatTensor<Self> {
        one_by_one::<Self>([a, b, c, d, e, f], block, first)
    }
}

fn one_by_one<B: Backend>(
    tensors: [FloatTensor<B>; 6],
    block: FloatTensor<B>,
    first: usize,
) -> FloatTensor<B> {
    let place = |(block, first): (FloatTensor<B>, usize), tensor: FloatTensor<B>| {
        let behind = first + tensor.shape().num_elements();
        (B::float_slice_assign(block, &[Slice::from(first..behind)], tensor), behind)
    };
    tensors.into_iter().fold((block, first), place).0
}

impl GatherOps for CubeBackend {
    fn gather_six(
        a: FloatTensor<Self>,
        b: FloatTensor<Self>,
        c: FloatTensor<Self>,
        d: FloatTensor<Self>,
        e: FloatTensor<Self>,
        f: FloatTensor<Self>,
        block: FloatTensor<Self>,
        first: usize,
    ) -> FloatTensor<Self> {
        let six = [a, b, c, d, e, f];
        if !six.iter().all(|tensor| launch::takes(&[tensor, &block])) {
            return one_by_one::<Self>(six, block, first);
        }
        let (six, block) = (six.map(launch::contiguous), launch::owned(block));
        let mut end = 0;
        let [to_a, to_b, to_c, to_d, to_e, to_f] = six.each_ref().map(|tensor| {
            end += tensor.shape().num_elements();
            end
        });
        let words = [first, to_a, to_b, to_c, to_d, to_e, to_f].map(|place| place as u32);
        let [a, b, c, d, e, f] = &six;
        let groups = end.div_ceil(THREADS as usize);
        launch::start(&GATHER_SIX, &[a, b, c, d, e, f, &block], &words, groups);
        block
    }
}

impl GatherOps for Flex {}

/// Of gradients nobody asks for a gradient: composed, it has one all the same.
impl<B: GatherOps, C: CheckpointStrategy> GatherOps for Autodiff<B, C> {}

#[cfg(test)]
mod tests {
    use super::super::check::Arrival;
    use super::super::check::gather::misplaced;
    use super::*;
    use crate::gpu::read;

    #[test]
    fn every_tensor_comes_to_its_place() {
        let device = Device::flex();
        assert_eq!(misplaced(&device, Arrival::Plain), 0);
        assert_eq!(misplaced(&device, Arrival::Derived), 0);
        // Fewer than six, whole sixes, and a few more; and what a CPU does.
        for count in [1, 5, 6, 7, 12] {
            let tensor = |i: usize| Tensor::<1>::full([1 + i % 4], i as f64, &device);
            let tensors: Vec<Tensor<1>> = (0..count).map(tensor).collect();
            let want = read(Tensor::cat(tensors.clone(), 0)).expect("numbers");
            assert_eq!(read(by_sixes(&tensors, &device)), Ok(want.clone()), "{count}");
            assert_eq!(read(gathered(tensors)), Ok(want), "{count}");
        }
    }
}
