//! Memory that CPU twins use for a moment. It is kept, for fresh memory costs the system's page faults.

use std::cell::RefCell;

thread_local! {
    static STRETCHES: RefCell<[Vec<f32>; 2]> = const { RefCell::new([Vec::new(), Vec::new()]) };
}

/// Gives `work` two stretches of so many numbers, of any content. `work` must start no loop over threads: this thread
/// could come by here again while it waits for one.
pub fn with_two(lens: [usize; 2], work: impl FnOnce(&mut [f32], &mut [f32])) {
    STRETCHES.with_borrow_mut(|[a, b]| work(stretch(a, lens[0]), stretch(b, lens[1])));
}

/// So many numbers, of any content.
pub fn stretch(of: &mut Vec<f32>, len: usize) -> &mut [f32] {
    if of.len() < len {
        of.resize(len, 0.0);
    }
    &mut of[..len]
}
