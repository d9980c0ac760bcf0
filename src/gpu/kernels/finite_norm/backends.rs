//! The reduction on burn's GPU tensors (one workgroup per chunk) and on its CPU tensors.

use burn::backend::autodiff::Autodiff;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::tensor::FloatTensor;
use burn::backend::wgpu::{CubeBackend, CubeTensor};
use burn::backend::{AutodiffBackend, Flex, Shape, TensorMetadata};
use rayon::prelude::*;

use super::super::shader::{FINITE_NORM, FINITE_NORM_TOTAL};
use super::super::{cpu, lanes, launch};
use super::{CHUNK, FiniteNormOps, chunks_of, composed, one_by_one};

impl FiniteNormOps for CubeBackend {
    fn finite_norm_partials(
        block: FloatTensor<Self>,
        partials: FloatTensor<Self>,
        first: usize,
    ) -> FloatTensor<Self> {
        if !launch::takes(&[&block, &partials]) {
            return composed::placed::<Self>(block, partials, first);
        }
        let (block, partials) = (launch::contiguous(block), launch::owned(partials));
        let elements = block.shape().num_elements();
        // It stands in for five others, without a number.
        start([&block; 6], [elements, 0, 0, 0, 0, 0], &partials, first);
        partials
    }

    fn finite_norm_of_six(
        a: FloatTensor<Self>,
        b: FloatTensor<Self>,
        c: FloatTensor<Self>,
        d: FloatTensor<Self>,
        e: FloatTensor<Self>,
        f: FloatTensor<Self>,
        partials: FloatTensor<Self>,
        first: usize,
    ) -> FloatTensor<Self> {
        let six = [a, b, c, d, e, f];
        if !six.iter().all(|block| launch::takes(&[block, &partials])) {
            return one_by_one::<Self>(six, partials, first);
        }
        let (six, partials) = (six.map(launch::contiguous), launch::owned(partials));
        let elements = six.each_ref().map(|block| block.shape().num_elements());
        start(six.each_ref(), elements, &partials, first);
        partials
    }

    fn finite_norm_total(partials: FloatTensor<Self>) -> FloatTensor<Self> {
        if !launch::takes(&[&partials]) {
            return composed::total::<Self>(partials);
        }
        let partials = launch::contiguous(partials);
        let rows = partials.shape()[0];
        let verdict = launch::empty_beside(&partials, Shape::new([2]));
        launch::start(&FINITE_NORM_TOTAL, &[&partials, &verdict], &[rows as u32], 1);
        verdict
    }
}

/// Writes the rows of so many elements of each of six blocks, from `first` on.
fn start(six: [&CubeTensor; 6], elements: [usize; 6], partials: &CubeTensor, first: usize) {
    let chunks = elements.iter().map(|elements| chunks_of(*elements)).sum();
    let words: Vec<u32> = [CHUNK, first].iter().chain(&elements).map(|count| *count as u32).collect();
    let tensors = [&six[..], &[partials]].concat();
    launch::start(&FINITE_NORM, &tensors, &words, chunks);
}

impl FiniteNormOps for Flex {
    fn finite_norm_partials(
        block: FloatTensor<Self>,
        partials: FloatTensor<Self>,
        first: usize,
    ) -> FloatTensor<Self> {
        if !cpu::takes(&[&block, &partials]) {
            return composed::placed::<Self>(block, partials, first);
        }
        let _clock = cpu::clock("length of gradients", &block, 2, 1);
        let block = cpu::contiguous(block);
        let row = |chunk: &[f32]| {
            let squares = lanes::sum(chunk, chunk, |x, _| x * x);
            // One number that is not finite would show in the sum: only then they have to be found.
            if squares.is_finite() {
                return [squares, 0.0];
            }
            lanes::sums([chunk], |[x]| if x.is_finite() { [x * x, 0.0] } else { [0.0, 1.0] })
        };
        let numbers = cpu::slice(&block);
        let rows: Vec<[f32; 2]> = if numbers.len() >= cpu::PARALLEL_ELEMENTS {
            numbers.par_chunks(CHUNK).map(row).collect()
        } else {
            numbers.chunks(CHUNK).map(row).collect()
        };
        let (rows, len) = (rows.as_flattened(), partials.shape().num_elements());
        cpu::each_row(partials, len, |_, all| all[2 * first..][..rows.len()].copy_from_slice(rows))
    }

    /// In double precision: nothing is lost however many chunks there are.
    fn finite_norm_total(partials: FloatTensor<Self>) -> FloatTensor<Self> {
        if !cpu::takes(&[&partials]) {
            return composed::total::<Self>(partials);
        }
        let partials = cpu::contiguous(partials);
        let column = |which: usize| cpu::slice(&partials).iter().skip(which).step_by(2);
        let total = |which: usize| column(which).map(|sum| f64::from(*sum)).sum::<f64>() as f32;
        cpu::tensor(vec![total(0), total(1)], [2])
    }
}

/// A statement about numbers, not a function of them: it has no gradient.
impl<B: FiniteNormOps, C: CheckpointStrategy> FiniteNormOps for Autodiff<B, C> {
    fn finite_norm_partials(
        block: FloatTensor<Self>,
        partials: FloatTensor<Self>,
        first: usize,
    ) -> FloatTensor<Self> {
        let (block, partials) = (block.into_primitive(), partials.into_primitive());
        <Self as AutodiffBackend>::from_inner(B::finite_norm_partials(block, partials, first))
    }

    fn finite_norm_total(partials: FloatTensor<Self>) -> FloatTensor<Self> {
        <Self as AutodiffBackend>::from_inner(B::finite_norm_total(partials.into_primitive()))
    }
}
