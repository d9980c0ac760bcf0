//! Memory that CPU twins use for a moment. It is kept, for fresh memory costs the system's page faults.

use std::cell::RefCell;

use crate::simd::vector::LINE;

thread_local! {
    static MEMORY: RefCell<Vec<f32>> = const { RefCell::new(Vec::new()) };
}

/// Gives `work` stretches of so many numbers, of any content. `work` must start no loop over threads: this thread
/// could come by here again while it waits for one.
pub fn with<const N: usize>(lens: [usize; N], work: impl FnOnce([&mut [f32]; N])) {
    MEMORY.with_borrow_mut(|memory| {
        let whole = lens.map(|len| len.next_multiple_of(LINE));
        let memory = stretch(memory, whole.iter().sum());
        let mut number = 0;
        work(cut(memory, whole).map(|part| {
            number += 1;
            &mut part[..lens[number - 1]]
        }));
    });
}

/// Parts of so many numbers, one behind the other.
///
/// # Panics
/// If there are too few numbers.
pub fn cut<const N: usize>(memory: &mut [f32], lens: [usize; N]) -> [&mut [f32]; N] {
    let mut rest = memory;
    lens.map(|len| {
        let (part, behind) = std::mem::take(&mut rest).split_at_mut(len);
        rest = behind;
        part
    })
}

/// So many numbers, of any content.
pub fn stretch(of: &mut Vec<f32>, len: usize) -> &mut [f32] {
    if of.len() < len {
        of.resize(len, 0.0);
    }
    &mut of[..len]
}
