//! Images out of a data set that lies on the device as bytes. (A kernel and its twin on the CPU; there is no
//! composition: what has no kernel keeps the set on the host.)

use burn::backend::autodiff::Autodiff;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::tensor::{FloatTensor, IntTensor};
use burn::backend::wgpu::CubeBackend;
use burn::backend::{AutodiffBackend, Backend, Dispatch, Flex, Shape, backend_extension};
use burn::tensor::{DType, Device, Int, Tensor, TensorData};

use super::shader::{PICK_IMAGES, THREADS};
use super::{cpu, launch};

/// Bytes of a word.
const WORD: usize = size_of::<u32>();

/// Images of one shape in a device's memory, a byte a number.
#[derive(Clone, Debug)]
pub struct PackedImages {
    /// What each byte stands for, `[256]`.
    levels: Tensor<1>,
    /// Four bytes a word, one image's after another.
    words: Tensor<1, Int>,
    /// `[channels, height, width]`.
    shape: [usize; 3],
}

impl PackedImages {
    /// Most bytes of a set: places in it are counted in 32 bits, a pick has 31 for an image's number.
    pub const MOST_BYTES: u64 = 1 << 31;

    /// `bytes` (N×C×H×W) for a device that is one of wgpu's, opened by [`open`](crate::gpu::open), or the CPU.
    pub fn new(bytes: &[u8], shape: [usize; 3], levels: [f32; 256], device: &Device) -> Self {
        let (fours, rest) = bytes.as_chunks::<WORD>();
        let last = (!rest.is_empty()).then(|| std::array::from_fn(|i| rest.get(i).copied().unwrap_or(0)));
        let words: Vec<i32> = fours.iter().copied().chain(last).map(i32::from_le_bytes).collect();
        let len = words.len();
        Self {
            levels: Tensor::from_data(TensorData::new(levels.to_vec(), [256]), (device, DType::F32)),
            words: Tensor::from_data(TensorData::new(words, [len]), (device, DType::I32)),
            shape,
        }
    }

    /// The images of these numbers, each mirrored left to right where that is said: `[picks, channels, height,
    /// width]`.
    pub fn pick(&self, picks: impl IntoIterator<Item = (usize, bool)>) -> Tensor<4> {
        let encoded = |(index, mirrored): (usize, bool)| (2 * index) as u32 + u32::from(mirrored);
        let picks: Vec<u32> = picks.into_iter().map(encoded).collect();
        let (levels, words) = (self.levels.clone().into_dispatch(), self.words.clone().into_dispatch());
        Tensor::from_dispatch(<Dispatch as PickOps>::picked(levels, words, picks, self.shape))
    }
}

/// The picking as an operation of a backend.
#[backend_extension(Cube, Flex, Autodiff, Fusion: cfg(feature = "fusion"))]
pub trait PickOps: Backend {
    /// Images of this shape: for each of `picks`, twice an image's number and 1 more if it is mirrored, the
    /// numbers in `levels` of its bytes in `words`.
    #[fusion(dtype = levels, shape = Shape::new([picks.len(), shape[0], shape[1], shape[2]]))]
    fn picked(
        levels: FloatTensor<Self>,
        words: IntTensor<Self>,
        picks: Vec<u32>,
        shape: [usize; 3],
    ) -> FloatTensor<Self>;
}

impl PickOps for CubeBackend {
    fn picked(
        levels: FloatTensor<Self>,
        words: IntTensor<Self>,
        picks: Vec<u32>,
        shape: [usize; 3],
    ) -> FloatTensor<Self> {
        let per_image: usize = shape.iter().product();
        let images = Shape::new([picks.len(), shape[0], shape[1], shape[2]]);
        let numbers = launch::empty_beside(&levels, images);
        let size = [picks.len(), per_image, shape[2]].map(|n| n as u32);
        let params: Vec<u32> = size.into_iter().chain(picks.iter().copied()).collect();
        let groups = (picks.len() * per_image).div_ceil(THREADS as usize);
        if groups > 0 {
            launch::start_once(&PICK_IMAGES, &[&levels, &words, &numbers], &params, groups);
        }
        numbers
    }
}

impl PickOps for Flex {
    fn picked(
        levels: FloatTensor<Self>,
        words: IntTensor<Self>,
        picks: Vec<u32>,
        shape: [usize; 3],
    ) -> FloatTensor<Self> {
        let [channels, height, width] = shape;
        let per_image = channels * height * width;
        let levels = cpu::slice(&levels);
        let words: &[i32] = words.as_slice().expect("words as they were uploaded");
        let number = |byte: usize| {
            let four = words[byte / WORD].to_le_bytes();
            levels[usize::from(four[byte % WORD])]
        };
        let mut numbers = Vec::with_capacity(picks.len() * per_image);
        for pick in &picks {
            let (first, mirrored) = ((pick >> 1) as usize * per_image, pick & 1 == 1);
            for row in (first..first + per_image).step_by(width) {
                let column = |x: usize| if mirrored { width - 1 - x } else { x };
                numbers.extend((0..width).map(|x| number(row + column(x))));
            }
        }
        cpu::tensor(numbers, [picks.len(), channels, height, width])
    }
}

/// Bytes have no gradient.
impl<B: PickOps, C: CheckpointStrategy> PickOps for Autodiff<B, C> {
    fn picked(
        levels: FloatTensor<Self>,
        words: IntTensor<Self>,
        picks: Vec<u32>,
        shape: [usize; 3],
    ) -> FloatTensor<Self> {
        <Self as AutodiffBackend>::from_inner(B::picked(levels.into_primitive(), words, picks, shape))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gpu::read;

    /// Sets that end within a word; images picked twice, mirrored and not.
    #[test]
    fn the_cpu_twin_finds_every_byte() {
        let levels = std::array::from_fn(|byte| byte as f32 / 8.0);
        let bytes: Vec<u8> = (0..5 * 18u32).map(|i| (i * 37 % 256) as u8).collect();
        let set = PackedImages::new(&bytes, [2, 3, 3], levels, &Device::flex());
        let picks = [(4, false), (0, true), (4, true)];
        let images = set.pick(picks);
        assert_eq!(images.dims(), [3, 2, 3, 3]);
        let mut expected = Vec::new();
        for (index, mirrored) in picks {
            for row in bytes[index * 18..(index + 1) * 18].chunks(3) {
                let mut row = row.to_vec();
                if mirrored {
                    row.reverse();
                }
                expected.extend(row.into_iter().map(|byte| f32::from(byte) / 8.0));
            }
        }
        assert_eq!(read(images).expect("numbers"), expected);
    }
}
