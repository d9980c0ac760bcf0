//! The finite-and-norm reduction against a loop in f64.

use burn::tensor::{Device, Tensor};

use super::super::{FiniteNorm, finite_and_norm};
use super::{Arrival, Errors, SEED, upload};
use crate::gpu::compare::max_relative_error;
use crate::random::{Random, Stream};

/// Numbers in a second block: several chunks, the last of them not whole.
const SECOND_BLOCK: usize = 40_001;

/// Numbers in each of the others: six blocks are taken at once and two by themselves.
const OTHER_BLOCKS: [usize; 6] = [17; 6];

/// Values that a step's gradients must not hold.
const NOT_FINITE: [f32; 3] = [f32::NAN, f32::INFINITY, f32::NEG_INFINITY];

/// Error of the sum of squares over some blocks, the first with as many numbers as this shape; infinite if
/// the numbers that are not finite were miscounted. There is no gradient to err.
pub fn finite_norm(device: &Device, shape: [usize; 4], arrival: Arrival) -> Errors {
    let blocks = draw(shape.iter().product());
    let all = || blocks.iter().flatten();
    let expected: f64 = all().filter(|v| v.is_finite()).map(|v| f64::from(*v) * f64::from(*v)).sum();
    let not_finite = all().filter(|v| !v.is_finite()).count() as u64;
    let value = match reduce(device, &blocks, arrival) {
        Some(found) if found.non_finite == not_finite => {
            max_relative_error(&[found.sum_of_squares as f32], &[expected])
        }
        _ => f64::INFINITY,
    };
    Errors { value, gradient: 0.0 }
}

/// The bits of the sum of squares, to compare runs.
pub fn bits(device: &Device) -> Option<u64> {
    reduce(device, &draw(17), Arrival::Plain).map(|found| found.sum_of_squares.to_bits())
}

/// Blocks of normals with a few numbers among them that are not finite, one in the last place.
fn draw(length: usize) -> Vec<Vec<f32>> {
    let random = Random::new(SEED, Stream::SelfTest);
    let lengths = [length, SECOND_BLOCK].into_iter().chain(OTHER_BLOCKS);
    let mut blocks: Vec<Vec<f32>> = lengths.zip(0..).map(|(n, step)| random.normals(step, 0, n)).collect();
    for (k, value) in [0, SECOND_BLOCK / 2, SECOND_BLOCK - 1].into_iter().zip(NOT_FINITE) {
        blocks[1][k] = value;
    }
    for (block, value) in blocks.iter_mut().rev().zip(NOT_FINITE) {
        block[3] = value;
    }
    blocks
}

fn reduce(device: &Device, blocks: &[Vec<f32>], arrival: Arrival) -> Option<FiniteNorm> {
    let block = |values: &Vec<f32>| match arrival {
        Arrival::Plain => upload(values, device),
        // From the middle of a longer tensor, as a block of joined gradients may lie.
        Arrival::Derived => {
            let padded = Tensor::cat(vec![upload(&[1.0; 3], device), upload(values, device) * 2.0], 0) * 0.5;
            padded.narrow(0, 3, values.len())
        }
    };
    finite_and_norm(&blocks.iter().map(block).collect::<Vec<_>>()).ok()
}
