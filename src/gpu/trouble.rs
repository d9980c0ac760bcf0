//! Tells what a device's driver says of its end: lost, out of memory, or something else.

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
/// Of one that is full, wgpu's and Vulkan's.
const FULL: [&str; 4] = ["out of memory", "out_of_memory", "outofmemory", "not enough memory"];

/// The error that a driver's words stand for; none where they name no trouble of a device's.
pub fn device_error(words: &str) -> Option<Error> {
    let lower = words.to_lowercase();
    let names = |all: &[&str]| all.iter().any(|one| lower.contains(one));
    if names(&LOST) {
        Some(lost(words))
    } else if names(&FULL) {
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

/// A device that is gone, for the `reason` that its driver gives.
pub fn lost(reason: &str) -> Error {
    Error::new(Kind::DeviceLost, format!("the graphics device was lost: {}", brief(reason))).hint(
        "start the same command again: a driver that was reset is there for a new process; if it happens \
         again, compute in smaller parts (training: --batch-gpu N) or on another --device; `signet doctor` \
         checks this one",
    )
}

fn full(reason: &str) -> Error {
    Error::new(Kind::Device, format!("the device has no memory left: {}", brief(reason))).hint(
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
        assert_eq!(kind("wgpu error: Out of Memory"), Some(Kind::Device));
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
