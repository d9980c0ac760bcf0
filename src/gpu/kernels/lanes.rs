//! Sums for the CPU twins: in one fixed order, and with partial sums that fill vector registers.

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
    let mut stride = LANES / 2;
    while stride > 0 {
        let (low, high) = lanes.split_at_mut(stride);
        low.iter_mut().zip(high).for_each(|(low, high)| *low += *high);
        stride /= 2;
    }
    lanes[0]
}
