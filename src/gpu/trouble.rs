//! Tells what a device's driver says of its end: lost, out of memory, or something else.

use std::panic::{set_hook, take_hook};
use std::sync::Once;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::error::{Error, Kind};

/// Of a device that is gone: cubecl's and wgpu's words, which reach us as text where they panic.
const LOST: [&str; 6] = [
    "device is poisoned",
    "device was poisoned",
    "device is lost",
    "device was lost",
    "device lost",
    "device_lost",
];
/// Of one that is full: wgpu's and Vulkan's, and cubecl's of memory that was asked for and is not there.
const FULL: [&str; 8] = [
    "out of memory",
    "out_of_memory",
    "outofmemory",
    "out of device memory",
    "not enough memory",
    "can't allocate",
    "was never allocated",
    "memory location was never initialized",
];

/// Panics on any thread that named a full device.
static FULL_HEARD: AtomicU64 = AtomicU64::new(0);

/// Has [`full_heard`] count from now on. burn's own threads catch what panics there, and log it: who waits for their
/// work hears that it failed, and not always of what.
pub fn listen() {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let before = take_hook();
        set_hook(Box::new(move |panic| {
            if panic.payload_as_str().is_some_and(|words| names(&FULL, words)) {
                FULL_HEARD.fetch_add(1, Ordering::Relaxed);
            }
            before(panic);
        }));
    });
}

/// How often a full device was heard of, in this process.
pub fn full_heard() -> u64 {
    FULL_HEARD.load(Ordering::Relaxed)
}

fn names(all: &[&str], words: &str) -> bool {
    let lower = words.to_lowercase();
    all.iter().any(|one| lower.contains(one))
}

/// The error that a driver's words stand for; none where they name no trouble of a device's.
pub fn device_error(words: &str) -> Option<Error> {
    if names(&LOST, words) {
        Some(lost(words))
    } else if names(&FULL, words) {
        Some(full(words))
    } else {
        None
    }
}

/// What a panic said; none where it said nothing that is text.
pub fn panic_words(payload: &(dyn std::any::Any + Send)) -> Option<&str> {
    let owned = payload.downcast_ref::<String>().map(String::as_str);
    owned.or_else(|| payload.downcast_ref::<&str>().copied())
}

/// A device that is gone, for the `reason` that its driver gives; a full one, where that is the reason.
pub fn lost(reason: &str) -> Error {
    let cause = brief(reason);
    if names(&FULL, &cause) {
        return full(reason);
    }
    Error::new(Kind::DeviceLost, format!("the graphics device was lost: {cause}")).hint(
        "start the same command again: a driver that was reset is there for a new process; if it happens \
         again, compute in smaller parts (training: --batch-gpu N) or on another --device; `signet doctor` \
         checks this one",
    )
}

/// A device without memory for what it is asked.
pub fn full(reason: &str) -> Error {
    Error::new(Kind::DeviceFull, format!("the device has no memory left: {}", brief(reason))).hint(
        "start the same command again in smaller parts (training: --batch-gpu N, which changes no result), \
         close programs that use the device, or choose another --device",
    )
}

/// The innermost cause, in one line without the stack under it.
fn brief(reason: &str) -> String {
    // Errors within errors are printed with their line ends spelled out.
    let reason = reason.replace("\\n", "\n");
    let above = reason.split("\nBacktrace").next().unwrap_or_default();
    let innermost = above.rsplit("Caused by:").next().unwrap_or_default();
    let words: Vec<_> = innermost.split_whitespace().collect();
    words.join(" ").trim_end_matches([':', ' ']).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drivers_words_are_told_apart() {
        let kind = |words: &str| device_error(words).map(|error| error.kind);
        for lost in [
            "The device is poisoned\nCaused by:\n  Unknown: the driver was reset\nBacktrace:\n 0: main",
            "wgpu error: Validation Error: Parent device is lost",
            "ERROR_DEVICE_LOST",
        ] {
            assert_eq!(kind(lost), Some(Kind::DeviceLost), "{lost}");
        }
        for full in [
            "wgpu error: Out of Memory",
            "couldn't find resource for that handle: Memory location was never initialized",
            "The device is poisoned\nCaused by:\n  Unknown: Out of memory\nBacktrace:\n 0: main",
        ] {
            assert_eq!(kind(full), Some(Kind::DeviceFull), "{full}");
        }
        assert_eq!(kind("index out of bounds: the device has 3 queues"), None);
    }

    #[test]
    fn a_reason_is_its_cause_in_one_line() {
        for (reason, cause) in [
            (
                "The device is poisoned\nCaused by:\n  Unknown: reset\nBacktrace:\n   0: main",
                "Unknown: reset",
            ),
            (
                r#"StorageAccess(Read("The device is poisoned\nCaused by:\n Destroyed: \nBacktrace:\nnone"))"#,
                "Destroyed",
            ),
            ("Parent device is lost", "Parent device is lost"),
        ] {
            assert_eq!(lost(reason).what, format!("the graphics device was lost: {cause}"));
        }
    }
}
