//! Flat tensors in one block, each from a whole multiple of some number of places on. burn's own concatenation starts a
//! kernel for each of them; ours one for every six.

use burn::backend::autodiff::Autodiff;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::tensor::FloatTensor;
use burn::backend::wgpu::CubeBackend;
use burn::backend::{Backend, Dispatch, Flex, Shape, TensorMetadata, backend_extension};
use burn::tensor::{DType, Device, Slice, Tensor};

use super::launch;
use super::shader::{GATHER_SIX, THREADS};
use crate::gpu::queues;

/// The numbers of `tensors`, in their order, each from the next multiple of `step` places on; zeros between them, and
/// behind the last up to such a multiple.
///
/// # Panics
/// If there are no tensors, or `step` is 0.
pub fn gathered(tensors: Vec<Tensor<1>>, step: usize) -> Tensor<1> {
    let device = tensors.first().expect("a block has a parameter").device();
    let single = tensors.iter().all(|tensor| tensor.dtype() == DType::F32 && tensor.dims() != [0]);
    if single && queues(&device) { by_sixes(&tensors, step, &device) } else { in_a_row(tensors, step) }
}

/// The same by burn's concatenation.
fn in_a_row(tensors: Vec<Tensor<1>>, step: usize) -> Tensor<1> {
    let mut row = Vec::with_capacity(tensors.len());
    for tensor in tensors {
        let (len, zeros) = (len(&tensor), (tensor.dtype(), tensor.device()));
        row.push(tensor);
        let gap = len.next_multiple_of(step) - len;
        if gap > 0 {
            row.push(Tensor::zeros([gap], (&zeros.1, zeros.0)));
        }
    }
    Tensor::cat(row, 0)
}

/// The same in launches of six tensors.
pub fn by_sixes(tensors: &[Tensor<1>], step: usize, device: &Device) -> Tensor<1> {
    let places = |some: &[Tensor<1>]| some.iter().map(|t| len(t).next_multiple_of(step)).sum::<usize>();
    let mut block = Tensor::<1>::empty([places(tensors)], device);
    let mut first = 0;
    for some in tensors.chunks(6) {
        // Where fewer are left, the first stands in, without a number.
        let six: [&Tensor<1>; 6] = std::array::from_fn(|i| some.get(i).unwrap_or(&some[0]));
        let lengths = std::array::from_fn(|i| some.get(i).map_or(0, len));
        let [a, b, c, d, e, f] = six.map(|tensor| tensor.clone().into_dispatch());
        let into = Places { first, lengths, step };
        let all = block.into_dispatch();
        block = Tensor::from_dispatch(<Dispatch as GatherOps>::gather_six(a, b, c, d, e, f, all, into));
        first += places(some);
    }
    block
}

fn len(tensor: &Tensor<1>) -> usize {
    tensor.dims()[0]
}

/// Where six tensors go in a block.
#[derive(Clone, Copy, Debug)]
pub struct Places {
    /// Place of the first.
    first: usize,
    /// So many numbers of each.
    lengths: [usize; 6],
    /// Each reaches to a multiple of it.
    step: usize,
}

impl Places {
    fn places(&self) -> [usize; 6] {
        self.lengths.map(|length| length.next_multiple_of(self.step))
    }
}

/// Gathering as an operation of a backend; without a kernel it is composed.
#[backend_extension(Cube, Flex, Autodiff, Fusion: cfg(feature = "fusion"))]
pub trait GatherOps: Backend {
    /// `block` with the numbers of six flat tensors in their places. The memory of `block` may be written over if nobody
    /// else holds it.
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
        into: Places,
    ) -> FloatTensor<Self> {
        one_by_one::<Self>([a, b, c, d, e, f], block, into)
    }
}

fn one_by_one<B: Backend>(
    tensors: [FloatTensor<B>; 6],
    mut block: FloatTensor<B>,
    into: Places,
) -> FloatTensor<B> {
    let mut first = into.first;
    for ((tensor, length), places) in tensors.into_iter().zip(into.lengths).zip(into.places()) {
        if length == 0 {
            continue;
        }
        let gap = Shape::new([places - length]);
        let zeros = B::float_zeros(gap, &tensor.device(), tensor.dtype().into());
        let padded = B::float_cat(vec![tensor, zeros], 0);
        block = B::float_slice_assign(block, &[Slice::from(first..first + places)], padded);
        first += places;
    }
    block
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
        into: Places,
    ) -> FloatTensor<Self> {
        let six = [a, b, c, d, e, f];
        if !six.iter().all(|tensor| launch::takes(&[tensor, &block])) {
            return one_by_one::<Self>(six, block, into);
        }
        let (six, block) = (six.map(launch::contiguous), launch::owned(block));
        let mut end = 0;
        let ends = into.places().map(|places| {
            end += places;
            end
        });
        let words: Vec<u32> =
            [into.first].iter().chain(&ends).chain(&into.lengths).map(|place| *place as u32).collect();
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
            assert_eq!(read(by_sixes(&tensors, 1, &device)), Ok(want.clone()), "{count}");
            assert_eq!(read(gathered(tensors.clone(), 1)), Ok(want), "{count}");
            // Each in three places, of which its numbers take the first.
            let padded = |i: usize| (0..(1 + i % 4).next_multiple_of(3)).map(move |k| (i, k));
            let want = (0..count).flat_map(padded).map(|(i, k)| if k <= i % 4 { i as f32 } else { 0.0 });
            let want: Vec<f32> = want.collect();
            assert_eq!(read(by_sixes(&tensors, 3, &device)), Ok(want.clone()), "{count}");
            assert_eq!(read(gathered(tensors, 3)), Ok(want), "{count}");
        }
    }
}
