//! Dropout (Srivastava et al., 2014) whose masks follow from the stateless generator: nothing is uploaded, and
//! nothing kept for the backward pass, which draws a mask again.

use burn::backend::autodiff::Autodiff;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::tensor::FloatTensor;
use burn::backend::wgpu::CubeBackend;
use burn::backend::{Backend, Dispatch, Flex, TensorMetadata, backend_extension};
use burn::tensor::Tensor;

use super::differentiable::{Slopes, record};
use super::shader::{DROPOUT, THREADS};
use super::{composed, cpu, few_numbers, launch};
use crate::random::Random;
use crate::simd;

/// A mask, or a part of one.
#[derive(Clone, Copy, Debug)]
pub struct Mask {
    pub random: Random,
    pub step: u64,
    /// Which of the step's masks it is: the generator's sample.
    pub number: u32,
    /// Which of the mask's numbers is the first element's.
    pub first: usize,
    /// Share of the elements that are kept, in (0, 1].
    pub keep: f64,
}

impl Mask {
    /// A word's upper 24 bits are a uniform times 2^24: kept are those below.
    fn kept_below(&self) -> u32 {
        (self.keep * f64::from(1u32 << 24)).ceil() as u32
    }

    /// What the kept elements are multiplied with.
    fn scale(&self) -> f32 {
        (1.0 / self.keep) as f32
    }

    /// Factors of so many elements, one by one.
    fn factors(&self, len: usize) -> Vec<f32> {
        let uniforms = self.random.uniforms_from(self.step, self.number, self.first, len);
        let factor = |u: f32| if f64::from(u) < self.keep { self.scale() } else { 0.0 };
        uniforms.into_iter().map(factor).collect()
    }

    /// Multiplies neighbouring elements, of which the first is the mask's element `start`.
    #[inline(always)]
    fn apply(&self, start: usize, elements: &mut [f32]) {
        let first = self.first + start;
        let to_a_block = (first.next_multiple_of(4) - first).min(elements.len());
        let (head, rest) = elements.split_at_mut(to_a_block);
        let (blocks, tail) = rest.as_chunks_mut::<4>();
        let (below, scale) = (self.kept_below(), self.scale());
        multiply(head, &self.block((first / 4) as u64, below, scale)[first % 4..]);
        let next = first.div_ceil(4) as u64;
        for (block, number) in blocks.iter_mut().zip(next..) {
            multiply(block, &self.block(number, below, scale));
        }
        multiply(tail, &self.block(next + blocks.len() as u64, below, scale));
    }

    /// Factors of the four numbers of a block.
    #[inline(always)]
    fn block(&self, block: u64, below: u32, scale: f32) -> [f32; 4] {
        let words = self.random.words(self.step, (u64::from(self.number) << 32) | block);
        words.map(|word| if word >> 8 < below { scale } else { 0.0 })
    }
}

/// As many elements as there are, or factors.
#[inline(always)]
fn multiply(elements: &mut [f32], factors: &[f32]) {
    elements.iter_mut().zip(factors).for_each(|(element, factor)| *element *= factor);
}

/// `x / keep` where the mask keeps an element, else `0 · x`. Gradients reach `x`.
pub fn dropout(x: Tensor<4>, mask: Mask) -> Tensor<4> {
    Tensor::from_dispatch(<Dispatch as DropoutOps>::dropout(x.into_dispatch(), mask))
}

/// Dropout as an operation of a backend; without a kernel the host draws the mask.
#[backend_extension(Cube, Flex, Autodiff, Fusion: cfg(feature = "fusion"))]
pub trait DropoutOps: Backend {
    #[fusion(dtype = x, shape = x)]
    fn dropout(x: FloatTensor<Self>, mask: Mask) -> FloatTensor<Self> {
        composed_dropout::<Self>(x, mask)
    }
}

fn composed_dropout<B: Backend>(x: FloatTensor<B>, mask: Mask) -> FloatTensor<B> {
    let shape = x.shape();
    let factors = composed::from_host::<B>(mask.factors(shape.num_elements()), shape, &x);
    B::float_mul(x, factors)
}

impl DropoutOps for CubeBackend {
    fn dropout(x: FloatTensor<Self>, mask: Mask) -> FloatTensor<Self> {
        if !launch::takes_images(&[&x], &[]) {
            return composed_dropout::<Self>(x, mask);
        }
        let x = launch::contiguous(x);
        let y = launch::empty_beside(&x, x.shape());
        let [seed, stream] = mask.random.key();
        let step = [mask.step as u32, (mask.step >> 32) as u32];
        let (elements, skipped) = (x.shape().num_elements(), mask.first % 4);
        let place = [mask.first / 4, skipped, elements].map(|n| n as u32);
        let [first_block, in_block, len] = place;
        let (below, scale) = (mask.kept_below(), mask.scale().to_bits());
        // A step has one draw for all its masks, which are the same at each step.
        let draw = few_numbers::of_a_step(&x, [seed, stream, step[0], step[1]]);
        let words = [mask.number, first_block, in_block, len, below, scale];
        let blocks = (skipped + elements).div_ceil(4);
        launch::start(&DROPOUT, &[&x, &y, &draw], &words, blocks.div_ceil(THREADS as usize));
        y
    }
}

impl DropoutOps for Flex {
    fn dropout(x: FloatTensor<Self>, mask: Mask) -> FloatTensor<Self> {
        if !cpu::takes(&[&x]) {
            return composed_dropout::<Self>(x, mask);
        }
        let _clock = cpu::clock("dropout", &x, 1, 2);
        cpu::each_row(x, cpu::CHUNK, |number, elements| {
            simd::dispatch(
                #[inline(always)]
                || mask.apply(number * cpu::CHUNK, elements),
            );
        })
    }
}

impl<B: DropoutOps, C: CheckpointStrategy> DropoutOps for Autodiff<B, C> {
    fn dropout(x: FloatTensor<Self>, mask: Mask) -> FloatTensor<Self> {
        let (x, node) = x.into_parts();
        record::<B, C, _, 1>([node], B::dropout(x, mask), Kept(mask))
    }
}

#[derive(Clone, Copy, Debug)]
struct Kept(Mask);

impl<B: DropoutOps> Slopes<B, 1> for Kept {
    fn slopes(self, gradient: FloatTensor<B>, _wanted: [bool; 1]) -> [Option<FloatTensor<B>>; 1] {
        [Some(B::dropout(gradient, self.0))]
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::{Device, FloatDType, TensorData};

    use super::*;
    use crate::gpu::read;
    use crate::random::Stream;

    const MASK: Mask = Mask {
        random: Random::new(3, Stream::Dropout),
        step: (1 << 34) | 6,
        number: 2,
        first: 0,
        keep: 0.87,
    };

    fn numbers(len: usize) -> Vec<f32> {
        Random::new(1, Stream::SelfTest).normals(0, 0, len)
    }

    fn bits(numbers: Vec<f32>) -> Vec<u32> {
        numbers.into_iter().map(f32::to_bits).collect()
    }

    /// Values and gradients, each for its own mask and from odd places, on one thread and on several.
    #[test]
    fn the_cpu_twin_multiplies_with_the_mask() {
        let device = Device::flex().autodiff();
        for len in [1, 2, 6, 1031, 3 * cpu::CHUNK + 5] {
            for first in [0, 1, 3, 4, 4099] {
                let mask = Mask { first, ..MASK };
                let values = numbers(len);
                let data = TensorData::new(values.clone(), [1, 1, 1, len]);
                let x = Tensor::<4>::from_data(data, &device).require_grad();
                let y = dropout(x.clone(), mask);
                let slope = (y.clone() * y.clone()).sum().backward();
                let factors = mask.factors(len);
                let times = |values: &[f32]| -> Vec<f32> {
                    values.iter().zip(&factors).map(|(value, factor)| value * factor).collect()
                };
                let kept = times(&values);
                let doubled: Vec<f32> = kept.iter().map(|y| y + y).collect();
                assert_eq!(bits(read(y.inner()).expect("numbers")), bits(kept), "{len} from {first}");
                let slope = read(x.grad(&slope).expect("it asked")).expect("numbers");
                assert_eq!(slope, times(&doubled), "{len} from {first}");
            }
        }
    }

    #[test]
    fn words_are_compared_as_their_uniforms_are() {
        for keep in [0.1, 0.5, 0.87, 1.0 - 0.13, 1.0 / 3.0, 1.0, f64::from(1.0f32 - f32::EPSILON)] {
            let mask = Mask { keep, ..MASK };
            let below = mask.kept_below();
            let uniform = |upper: u32| f64::from(upper as f32 / (1u32 << 24) as f32);
            assert!(uniform(below - 1) < keep, "{keep}");
            assert!(below == 1 << 24 || uniform(below) >= keep, "{keep}");
        }
    }

    #[test]
    fn as_many_are_kept_as_should_be_and_the_mean_stays() {
        let ones = Tensor::<4>::ones([1, 1, 1, 100_000], &Device::flex());
        let y = read(dropout(ones, MASK)).expect("numbers");
        let kept = y.iter().filter(|y| **y != 0.0).count() as f64 / 100_000.0;
        let mean = y.iter().map(|y| f64::from(*y)).sum::<f64>() / 100_000.0;
        assert!((kept - 0.87).abs() < 0.005 && (mean - 1.0).abs() < 0.01, "{kept} {mean}");
    }

    /// What has no twin is given the same mask.
    #[test]
    fn double_precision_is_composed() {
        let x = Tensor::<4>::from_data(TensorData::new(numbers(24), [2, 3, 2, 2]), &Device::flex());
        let wide = dropout(x.clone().cast(FloatDType::F64), MASK);
        let single = read(dropout(x, MASK)).expect("numbers");
        for (wide, single) in wide.into_data().iter::<f64>().zip(single) {
            assert!((wide - f64::from(single)).abs() <= 1e-6 * wide.abs());
        }
    }
}
