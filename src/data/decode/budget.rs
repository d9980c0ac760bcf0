//! What all pictures that are being decoded may take together: a large one waits until there is room.

use std::sync::{Condvar, Mutex, PoisonError};

use crate::data::limits::MAX_DECODE_BYTES;

/// A picture takes at most so many times its decoded bytes while it is decoded: what the decoder works with
/// (a progressive JPEG's coefficients are the most, twice the pixels), or both sides of a turn or of a
/// conversion to 8 bits.
pub const WORK: u64 = 3;

/// Memory of all pictures that are being decoded, bytes: the largest one alone.
pub const MAX_WORK_BYTES: u64 = WORK * MAX_DECODE_BYTES;

static FREE: Mutex<u64> = Mutex::new(MAX_WORK_BYTES);
static RETURNED: Condvar = Condvar::new();

/// Memory that is taken until this is dropped.
#[derive(Debug)]
pub struct Permit {
    bytes: u64,
}

/// Waits until a picture of so many decoded bytes has room. Who has one must not take another: two who each
/// wait for the other's would wait for ever.
pub fn take(decoded_bytes: u64) -> Permit {
    let bytes = decoded_bytes.saturating_mul(WORK).min(MAX_WORK_BYTES);
    let free = FREE.lock().unwrap_or_else(PoisonError::into_inner);
    let mut free = RETURNED.wait_while(free, |free| *free < bytes).unwrap_or_else(PoisonError::into_inner);
    *free -= bytes;
    Permit { bytes }
}

impl Drop for Permit {
    fn drop(&mut self) {
        *FREE.lock().unwrap_or_else(PoisonError::into_inner) += self.bytes;
        RETURNED.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn the_largest_are_held_one_at_a_time() {
        let held = AtomicUsize::new(0);
        let most = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..20 {
                        let permit = take(MAX_DECODE_BYTES);
                        most.fetch_max(held.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                        std::thread::yield_now();
                        held.fetch_sub(1, Ordering::SeqCst);
                        drop(permit);
                    }
                });
            }
        });
        assert_eq!(most.into_inner(), 1);
    }
}
