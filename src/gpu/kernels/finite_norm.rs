//! One look at all gradients of a step: how many of their numbers are not finite, and how large the
//! others are. Chunks are summed on the device in single precision and one fixed order, the chunks of
//! all blocks are read back in one transfer, and the host adds them up in double precision.

use burn::backend::autodiff::Autodiff;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::tensor::FloatTensor;
use burn::backend::wgpu::CubeBackend;
use burn::backend::{AutodiffBackend, Backend, Dispatch, Flex, Shape, TensorMetadata, backend_extension};
use burn::tensor::{DType, FloatDType, Tensor};
use rayon::prelude::*;

use super::shader::FINITE_NORM;
use super::{composed, cpu, lanes, launch};
use crate::error::Result;
use crate::gpu::read;

/// Elements that one workgroup sums: 64 a thread. The largest blocks (16 million) come back as 8 KiB.
pub const CHUNK: usize = 1 << 14;

/// What [`finite_and_norm`] found.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct FiniteNorm {
    /// Numbers that are NaN or infinite.
    pub non_finite: u64,
    /// Of the finite numbers. Infinite if they are beyond 1e19: their squares leave single precision.
    pub sum_of_squares: f64,
}

impl FiniteNorm {
    /// True if every number, and the sum of their squares, is finite.
    pub fn is_finite(&self) -> bool {
        self.non_finite == 0 && self.sum_of_squares.is_finite()
    }
}

/// Counts and sums over all numbers of all blocks (on one device), in single precision. The same blocks
/// give the same bits on every run of one device.
///
/// # Errors
/// `Kind::Device` if the device does not give its numbers back.
pub fn finite_and_norm(blocks: &[Tensor<1>]) -> Result<FiniteNorm> {
    let partials = |block: &Tensor<1>| -> Tensor<2> {
        let single = |block: Tensor<1>| match block.dtype() {
            DType::F32 => block,
            _ => block.cast(FloatDType::F32),
        };
        let block = single(block.clone()).into_dispatch();
        Tensor::from_dispatch(<Dispatch as FiniteNormOps>::finite_norm_partials(block))
    };
    let partials: Vec<Tensor<2>> = blocks.iter().filter(|block| block.dims()[0] > 0).map(partials).collect();
    if partials.is_empty() {
        return Ok(FiniteNorm::default());
    }
    let sums = read(Tensor::cat(partials, 0))?;
    let total = |which: usize| sums.iter().skip(which).step_by(2).copied().map(f64::from).sum::<f64>();
    Ok(FiniteNorm { sum_of_squares: total(0), non_finite: total(1) as u64 })
}

/// The same from burn's own operations, read back at once too: what the kernel is measured against.
///
/// # Errors
/// As above.
pub fn finite_and_norm_composed(blocks: &[Tensor<1>]) -> Result<FiniteNorm> {
    let sums = |block: &Tensor<1>| {
        let finite = block.clone().is_finite();
        let zeroed = block.clone().mask_fill(finite.clone().bool_not(), 0.0);
        Tensor::cat(vec![(zeroed.clone() * zeroed).sum(), finite.bool_not().float().sum()], 0)
    };
    if blocks.is_empty() {
        return Ok(FiniteNorm::default());
    }
    let sums = read(Tensor::stack::<2>(blocks.iter().map(sums).collect(), 0))?;
    let total = |which: usize| sums.iter().skip(which).step_by(2).copied().map(f64::from).sum::<f64>();
    Ok(FiniteNorm { sum_of_squares: total(0), non_finite: total(1) as u64 })
}

/// The reduction's first stage as an operation of a backend; without a kernel it is composed.
#[backend_extension(Cube, Flex, Autodiff, Fusion: cfg(feature = "fusion"))]
pub trait FiniteNormOps: Backend {
    /// Of each chunk of [`CHUNK`] numbers of `block` (`[elements]`, not empty): sum of squares of the
    /// finite ones and number of the others, `[chunks, 2]`.
    #[fusion(dtype = block, shape = partials_shape(block))]
    fn finite_norm_partials(block: FloatTensor<Self>) -> FloatTensor<Self> {
        composed_partials::<Self>(block)
    }
}

fn partials_shape(block: &Shape) -> Shape {
    Shape::new([block.num_elements().div_ceil(CHUNK), 2])
}

fn composed_partials<B: Backend>(block: FloatTensor<B>) -> FloatTensor<B> {
    let (shape, elements) = (partials_shape(&block.shape()), block.shape().num_elements());
    let padding = Shape::new([shape[0] * CHUNK - elements]);
    let padding = B::float_zeros(padding, &block.device(), block.dtype().into());
    let rows = B::float_reshape(B::float_cat(vec![block, padding], 0), Shape::new([shape[0], CHUNK]));
    let (rows, not_finite) = composed::finite_or_zero::<B>(rows);
    let squares = B::float_sum_dim(B::float_mul(rows.clone(), rows), 1);
    B::float_cat(vec![squares, B::float_sum_dim(not_finite, 1)], 1)
}

impl FiniteNormOps for CubeBackend {
    fn finite_norm_partials(block: FloatTensor<Self>) -> FloatTensor<Self> {
        if !launch::takes(&[&block]) {
            return composed_partials::<Self>(block);
        }
        let block = launch::contiguous(block);
        let shape = partials_shape(&block.shape());
        let (elements, chunks) = (block.shape().num_elements(), shape[0]);
        let partials = launch::empty_beside(&block, shape);
        launch::start(&FINITE_NORM, &[&block, &partials], &[elements as u32, CHUNK as u32], chunks);
        partials
    }
}

impl FiniteNormOps for Flex {
    fn finite_norm_partials(block: FloatTensor<Self>) -> FloatTensor<Self> {
        if !cpu::takes(&[&block]) {
            return composed_partials::<Self>(block);
        }
        let _clock = cpu::clock("length of gradients", &block, 2, 1);
        let shape = partials_shape(&block.shape());
        let block = cpu::contiguous(block);
        let partials = |chunk: &[f32]| {
            let squares = lanes::sum(chunk, chunk, |x, _| x * x);
            // One number that is not finite would show in the sum: only then they have to be found.
            if squares.is_finite() {
                return [squares, 0.0];
            }
            lanes::sums([chunk], |[x]| if x.is_finite() { [x * x, 0.0] } else { [0.0, 1.0] })
        };
        let numbers = cpu::slice(&block);
        let partials: Vec<[f32; 2]> = if numbers.len() >= cpu::PARALLEL_ELEMENTS {
            numbers.par_chunks(CHUNK).map(partials).collect()
        } else {
            numbers.chunks(CHUNK).map(partials).collect()
        };
        cpu::tensor(partials.into_flattened(), shape)
    }
}

/// A statement about numbers, not a function of them: it has no gradient.
impl<B: FiniteNormOps, C: CheckpointStrategy> FiniteNormOps for Autodiff<B, C> {
    fn finite_norm_partials(block: FloatTensor<Self>) -> FloatTensor<Self> {
        <Self as AutodiffBackend>::from_inner(B::finite_norm_partials(block.into_primitive()))
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::{Device, FloatDType, Tensor, TensorData};

    use super::super::check::Arrival;
    use super::super::check::finite_norm::{bits, finite_norm};
    use super::{CHUNK, FiniteNorm, finite_and_norm, finite_and_norm_composed};

    fn block(values: Vec<f32>) -> Tensor<1> {
        let length = values.len();
        Tensor::from_data(TensorData::new(values, [length]), &Device::flex())
    }

    #[test]
    fn the_cpu_twin_agrees_with_f64() {
        for shape in [[1, 1, 1, 1], [1, 1, 1, 17], [1, 1, 1, CHUNK], [4, 1, 1, CHUNK + 1]] {
            for arrival in [Arrival::Plain, Arrival::Derived] {
                let errors = finite_norm(&Device::flex(), shape, arrival);
                assert!(errors.value <= 1e-6, "{shape:?} {arrival:?}: {errors:?}");
            }
        }
        assert_eq!(bits(&Device::flex()), bits(&Device::flex()));
    }

    #[test]
    fn every_kind_of_block_is_counted() {
        let reduce = |blocks: &[Tensor<1>]| finite_and_norm(blocks).expect("the CPU gives numbers back");
        assert_eq!(reduce(&[]), FiniteNorm::default());
        assert_eq!(reduce(&[block(vec![])]), FiniteNorm::default());
        let found = reduce(&[block(vec![3.0]), block(vec![]), block(vec![f32::NAN, -4.0])]);
        assert_eq!(found, FiniteNorm { non_finite: 1, sum_of_squares: 25.0 });
        let composed = finite_and_norm_composed(&[block(vec![3.0]), block(vec![f32::NAN, -4.0])]);
        assert_eq!(composed, Ok(found));
        assert_eq!(finite_and_norm_composed(&[]), Ok(FiniteNorm::default()));
        assert!(!found.is_finite());
        // Finite numbers whose squares are not.
        assert!(!reduce(&[block(vec![1e30])]).is_finite());
        // Other precisions, and a block that autodiff follows.
        let wide = block(vec![3.0, 4.0]).cast(FloatDType::F64);
        assert_eq!(reduce(&[wide.clone(), block(vec![1.0]).cast(FloatDType::F16)]).sum_of_squares, 26.0);
        let tracked = Tensor::from_inner(block(vec![2.0])).require_grad();
        assert!(reduce(&[tracked]).is_finite());
    }

    /// What runs without a kernel: the same partial sums.
    #[test]
    fn the_composition_agrees() {
        use burn::backend::Flex;
        let mut values: Vec<f32> = (0..2 * CHUNK + 5).map(|k| (k % 3) as f32).collect();
        values[7] = f32::NEG_INFINITY;
        values[2 * CHUNK] = f32::NAN;
        let length = values.len();
        let tensor = super::cpu::tensor(values, [length]);
        let twin = <Flex as super::FiniteNormOps>::finite_norm_partials(tensor.clone());
        let composed = super::composed_partials::<Flex>(tensor);
        // Sums of small whole numbers are exact in any order.
        assert_eq!(super::cpu::slice(&composed), super::cpu::slice(&twin));
        let counts: Vec<f32> = super::cpu::slice(&twin).iter().skip(1).step_by(2).copied().collect();
        assert_eq!(counts, [1.0, 0.0, 1.0]);
    }
}
