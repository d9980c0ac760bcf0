//! Which way kernels take to the GPU, counted, and switches that force the rarer way: a build that
//! compiles to WGSL could otherwise never test what a SPIR-V build does, nor small images what large ones need.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};

static SOURCE: AtomicU64 = AtomicU64::new(0);
static RAW: AtomicU64 = AtomicU64::new(0);
static PREFER_RAW: AtomicBool = AtomicBool::new(false);
/// 0 where nobody wants another limit than a kernel's own.
static MOST_WORK: AtomicU64 = AtomicU64::new(0);
/// 0 where nobody wants another limit than the device's own.
static MOST_QUEUED: AtomicU64 = AtomicU64::new(0);

/// Launches since the program started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Launches {
    /// As cubecl source kernels.
    pub source: u64,
    /// Through wgpu itself.
    pub raw: u64,
}

/// Counts of this process.
pub fn launches() -> Launches {
    Launches { source: SOURCE.load(Relaxed), raw: RAW.load(Relaxed) }
}

/// From now on launches through wgpu itself wherever its handles are known.
pub fn prefer_raw(prefer: bool) {
    PREFER_RAW.store(prefer, Relaxed);
}

pub(super) fn prefers_raw() -> bool {
    PREFER_RAW.load(Relaxed)
}

/// From now on no dispatch of a convolution has more multiply-adds than `most`, or than it has by itself.
pub fn limit_work(most: Option<u64>) {
    MOST_WORK.store(most.unwrap_or(0), Relaxed);
}

pub(super) fn most_work() -> Option<u64> {
    Some(MOST_WORK.load(Relaxed)).filter(|most| *most > 0)
}

/// From now on a device is given no more than `most` multiply-adds at once, or what is right for it; longer kernels go
/// alone.
pub fn limit_queued(most: Option<u64>) {
    MOST_QUEUED.store(most.unwrap_or(0), Relaxed);
}

pub(in crate::gpu) fn most_queued() -> Option<u64> {
    Some(MOST_QUEUED.load(Relaxed)).filter(|most| *most > 0)
}

pub(super) fn count_source() {
    SOURCE.fetch_add(1, Relaxed);
}

pub(super) fn count_raw() {
    RAW.fetch_add(1, Relaxed);
}
