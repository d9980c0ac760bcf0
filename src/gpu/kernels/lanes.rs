//! Sums for the CPU twins: in one fixed order, and with partial sums that fill vector registers.

use crate::simd;

/// Partial sums of one reduction: enough for the adders of a core to work side by side.
const LANES: usize = 16;

/// Sum of `term(a_k, b_k)` over two slices of one length, in partial sums that meet in a tree.
#[inline(always)]
pub fn sum(a: &[f32], b: &[f32], term: impl Fn(f32, f32) -> f32) -> f32 {
    let mut lanes = [0.0f32; LANES];
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<LANES>(), b.as_chunks::<LANES>());
    for (a, b) in a.iter().zip(b) {
        for ((lane, a), b) in lanes.iter_mut().zip(a).zip(b) {
            *lane += term(*a, *b);
        }
    }
    for ((lane, a), b) in lanes.iter_mut().zip(a_rest).zip(b_rest) {
        *lane += term(*a, *b);
    }
    meet(lanes)
}

/// Sum of all values, with the vectors of this processor.
pub fn total(values: &[f32]) -> f32 {
    simd::dispatch(
        #[inline(always)]
        || sum(values, values, |value, _| value),
    )
}

/// Several sums of `terms(a_k, b_k, …)` over slices of one length, in one pass and in the order of [`sum`].
#[inline(always)]
pub fn sums<const INPUTS: usize, const SUMS: usize>(
    inputs: [&[f32]; INPUTS],
    terms: impl Fn([f32; INPUTS]) -> [f32; SUMS],
) -> [f32; SUMS] {
    let mut lanes = [[0.0f32; LANES]; SUMS];
    let split = inputs.map(|input| input.as_chunks::<LANES>());
    let add = |lanes: &mut [[f32; LANES]; SUMS], lane: usize, values: [f32; INPUTS]| {
        for (lanes, term) in lanes.iter_mut().zip(terms(values)) {
            lanes[lane] += term;
        }
    };
    for chunk in 0..split.iter().map(|(chunks, _)| chunks.len()).min().unwrap_or(0) {
        let chunks = split.map(|(chunks, _)| &chunks[chunk]);
        for lane in 0..LANES {
            add(&mut lanes, lane, chunks.map(|chunk| chunk[lane]));
        }
    }
    for lane in 0..split.iter().map(|(_, rest)| rest.len()).min().unwrap_or(0) {
        add(&mut lanes, lane, split.map(|(_, rest)| rest[lane]));
    }
    lanes.map(meet)
}

/// The sum of all partial sums.
#[inline(always)]
fn meet(mut lanes: [f32; LANES]) -> f32 {
    let mut stride = LANES / 2;
    while stride > 0 {
        let (low, high) = lanes.split_at_mut(stride);
        low.iter_mut().zip(high).for_each(|(low, high)| *low += *high);
        stride /= 2;
    }
    lanes[0]
}
