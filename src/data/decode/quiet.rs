//! Panics of decoders, caught without a word on stderr: what they mean is told in the reader's own words.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::sync::Once;

thread_local! {
    /// Whether what panics on this thread is caught, and told elsewhere.
    static QUIET: Cell<bool> = const { Cell::new(false) };
}

/// What `work` gives, or none if it panicked. Panics of other threads are printed as ever.
pub fn caught<T>(work: impl FnOnce() -> T) -> Option<T> {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let before = take_hook();
        set_hook(Box::new(move |panic| {
            // A thread that is ending has no such cell any more.
            if !QUIET.try_with(Cell::get).unwrap_or(false) {
                before(panic);
            }
        }));
    });
    let outer = QUIET.replace(true);
    let result = catch_unwind(AssertUnwindSafe(work));
    QUIET.set(outer);
    result.ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_caught_and_only_this_thread_is_quiet() {
        assert_eq!(caught(|| 3), Some(3));
        let inside = caught(|| {
            assert_eq!(caught(|| -> usize { panic!("nobody hears this") }), None);
            let other = std::thread::spawn(|| QUIET.get()).join().expect("a thread");
            (QUIET.get(), other)
        });
        assert_eq!(inside, Some((true, false)));
        assert!(!QUIET.get());
    }
}
