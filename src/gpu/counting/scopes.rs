//! Error scopes. wgpu has a stack of them in each thread, and a guard that stays on its thread holds each; we
//! are only told numbers, so the guards wait here, thread by thread.

use std::cell::RefCell;
use std::pin::Pin;

use wgpu::custom::PopErrorScopeFuture;

thread_local! {
    /// Of all counted devices together; numbers rise.
    static OPEN: RefCell<Vec<(u32, wgpu::ErrorScopeGuard)>> = const { RefCell::new(Vec::new()) };
}

/// Keeps a scope that was just opened and says its number.
pub(super) fn push(guard: wgpu::ErrorScopeGuard) -> u32 {
    OPEN.with_borrow_mut(|open| {
        let number = open.last().map_or(0, |(last, _)| last + 1);
        open.push((number, guard));
        number
    })
}

/// Closes the scope with that number; the future has the error that it caught.
pub(super) fn pop(number: u32) -> Pin<Box<dyn PopErrorScopeFuture>> {
    let found = OPEN.with_borrow_mut(|open| {
        let at = open.iter().rposition(|(other, _)| *other == number)?;
        Some(open.remove(at).1)
    });
    match found {
        Some(guard) => Box::pin(guard.pop()),
        // wgpu asks for each number once, on the thread that got it.
        None => Box::pin(std::future::ready(None::<wgpu::Error>)),
    }
}
