//! A few numbers from the host, as steps have them for each of their samples. burn submits all that it has queued before
//! it uploads anything; what comes with the launch of a kernel it writes without.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, ThreadId};

use burn::backend::autodiff::Autodiff;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::tensor::FloatTensor;
use burn::backend::wgpu::{CubeBackend, CubeTensor};
use burn::backend::{AutodiffBackend, Backend, DType, Dispatch, Flex, Shape, backend_extension};
use burn::tensor::{Device, Tensor, TensorData};
use burn_cubecl::CubeDevice;

use super::shader::{FEW_NUMBERS, THREADS};
use super::{composed, launch};
use crate::gpu::queues;

/// More than these are uploaded as any tensor: the memory that launches are written into is meant for little.
const MOST: usize = 16 << 10;

/// A tensor of that shape with these numbers, row-major.
///
/// # Panics
/// If the shape has another number of them.
pub fn from_numbers<const D: usize>(numbers: Vec<f32>, shape: [usize; D], device: &Device) -> Tensor<D> {
    let len = numbers.len();
    assert_eq!(shape.iter().product::<usize>(), len, "from_numbers: a shape of as many numbers");
    if !queues(device) || !(1..=MOST).contains(&len) {
        return Tensor::from_data(TensorData::new(numbers, shape), device);
    }
    let near = Tensor::<1>::empty([1], device).into_dispatch();
    let numbers = <Dispatch as FewNumbersOps>::from_numbers(near, numbers.into());
    Tensor::<1>::from_dispatch(numbers).reshape(shape)
}

/// The upload as an operation of a backend; without a kernel it is an upload like any other.
#[backend_extension(Cube, Flex, Autodiff, Fusion: cfg(feature = "fusion"))]
pub trait FewNumbersOps: Backend {
    /// These numbers on the device of `near`, whose own are not looked at, and in its precision.
    #[fusion(dtype = near, shape = Shape::new([numbers.len()]))]
    fn from_numbers(near: FloatTensor<Self>, numbers: Arc<[f32]>) -> FloatTensor<Self> {
        uploaded::<Self>(near, &numbers)
    }
}

fn uploaded<B: Backend>(near: FloatTensor<B>, numbers: &[f32]) -> FloatTensor<B> {
    composed::from_host::<B>(numbers.to_vec(), Shape::new([numbers.len()]), &near)
}

impl FewNumbersOps for CubeBackend {
    fn from_numbers(near: FloatTensor<Self>, numbers: Arc<[f32]>) -> FloatTensor<Self> {
        if !launch::takes(&[&near]) {
            return uploaded::<Self>(near, &numbers);
        }
        let words: Vec<u32> = numbers.iter().map(|number| number.to_bits()).collect();
        carried(&near, &words)
    }
}

fn carried(near: &CubeTensor, words: &[u32]) -> CubeTensor {
    let len = words.len();
    let all = [&[len as u32][..], words].concat();
    let made = launch::single_beside(near, Shape::new([len]));
    launch::start_once(&FEW_NUMBERS, &[&made], &all, len.div_ceil(THREADS as usize));
    made
}

/// Words that few launches share, on the device of `near`: as the bits of so many numbers, which nobody takes for such.
pub(super) fn words_beside(near: &CubeTensor, words: &[u32]) -> CubeTensor {
    if (1..=MOST).contains(&words.len()) {
        return carried(near, words);
    }
    let uploaded = near.client.create_from_slice(bytemuck::cast_slice(words));
    let shape = Shape::new([words.len()]);
    CubeTensor::new_contiguous(near.client.clone(), near.device.clone(), shape, uploaded, DType::F32)
}

/// Words that are kept for the launches to come: those of a step's few draws.
const RECENT: usize = 16;

/// Words on a device, made by a thread.
struct Recent {
    thread: ThreadId,
    words: [u32; 4],
    made: CubeTensor,
}

static MADE: Mutex<VecDeque<Recent>> = Mutex::new(VecDeque::new());

/// Words that many launches of one step share, on the device of `near`; nobody writes there. They are carried once,
/// and not with each launch: every 64 times burn would wait until they have arrived.
pub(super) fn of_a_step(near: &CubeTensor, words: [u32; 4]) -> CubeTensor {
    let here = thread::current().id();
    // A panic elsewhere leaves a list of whole entries.
    let mut recent = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    let is_it = |one: &&Recent| one.thread == here && one.words == words && one.made.device == near.device;
    if let Some(found) = recent.iter().find(is_it) {
        return found.made.clone();
    }
    let made = carried(near, &words);
    if recent.len() == RECENT {
        recent.pop_front();
    }
    recent.push_back(Recent { thread: here, words, made: made.clone() });
    made
}

/// Lets go of what is kept on a device.
pub(super) fn forget(device: &CubeDevice) {
    MADE.lock().unwrap_or_else(PoisonError::into_inner).retain(|one| one.made.device != *device);
}

impl FewNumbersOps for Flex {}

/// Numbers of the host's have no gradient.
impl<B: FewNumbersOps, C: CheckpointStrategy> FewNumbersOps for Autodiff<B, C> {
    fn from_numbers(near: FloatTensor<Self>, numbers: Arc<[f32]>) -> FloatTensor<Self> {
        <Self as AutodiffBackend>::from_inner(B::from_numbers(near.into_primitive(), numbers))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gpu::read;

    #[test]
    fn numbers_arrive_as_they_are() {
        for device in [Device::flex(), Device::flex().autodiff()] {
            let made = from_numbers(vec![1.5, -0.0, 3.0, f32::MAX, 5.0, 6.0], [2, 3], &device);
            assert_eq!(read(made).expect("numbers"), [1.5, -0.0, 3.0, f32::MAX, 5.0, 6.0]);
            assert_eq!(from_numbers(Vec::new(), [0, 3], &device).dims(), [0, 3]);
        }
    }

    #[test]
    #[should_panic(expected = "as many numbers")]
    fn a_shape_of_other_numbers_is_a_mistake() {
        from_numbers(vec![1.0], [2], &Device::flex());
    }
}
