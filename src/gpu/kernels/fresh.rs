//! Memory for results that are written from end to end: it is not filled with zeros before.

use std::mem::MaybeUninit;

/// A number, or what was there before one is written.
pub type Unwritten = MaybeUninit<f32>;

/// So many numbers, each of which `write` must write.
///
/// # Safety
/// `write` leaves no number unwritten.
pub unsafe fn written(len: usize, write: impl FnOnce(&mut [Unwritten])) -> Vec<f32> {
    let mut numbers = Box::<[f32]>::new_uninit_slice(len);
    write(&mut numbers);
    // SAFETY: all of them are written, as the caller promised.
    unsafe { numbers.assume_init() }.into_vec()
}

/// Numbers as a loop sees them that only writes.
pub fn to_write(numbers: &mut [f32]) -> &mut [Unwritten] {
    let (start, len) = (numbers.as_mut_ptr().cast(), numbers.len());
    // SAFETY: the same memory. Nobody here writes anything but numbers.
    unsafe { std::slice::from_raw_parts_mut(start, len) }
}
