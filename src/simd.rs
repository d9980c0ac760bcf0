//! Vector instructions of the machine that runs: one program serves all.

/// Runs a loop compiled for the widest vectors that this processor has. No operation is contracted or reordered:
/// the numbers are the same on all of them.
#[inline(always)]
pub fn dispatch<R>(work: impl FnOnce() -> R) -> R {
    pulp::Arch::new().dispatch(work)
}
