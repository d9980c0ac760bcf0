//! What a counted device does not do.

/// Why a thing must be one of ours: wgpu lets nobody use one device's on another.
pub(super) const OURS: &str = "a counted device is given what it made itself";

/// Ends what only a device that draws could do.
#[track_caller]
pub(super) fn compute_only(what: &str) -> ! {
    panic!("a counted device only computes: it has no {what}")
}
