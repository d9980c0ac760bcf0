//! The numbers themselves.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// What was asked of a device.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Calls of `Queue::submit`, however many command buffers each had.
    pub submissions: u64,
    /// Kernels started. Those of a pass count when the pass ends.
    pub dispatches: u64,
    /// Copies from buffer to buffer that were recorded, those for reading back among them. What wgpu copies
    /// by itself for a written buffer is none of them.
    pub copies: u64,
    /// Bytes that the host wrote: through the queue, or into a buffer mapped for it (all that is mapped).
    pub uploaded_bytes: u64,
    /// Bytes copied into buffers that the host can read.
    pub read_bytes: u64,
    /// Times that a thread blocked for work that no wait before had seen done. Asking again, as cubecl's
    /// thread does that polls for a reader, is no wait more.
    pub host_waits: u64,
    /// Most bytes in buffers at once since the counter was made, or since
    /// [`reset_peak`](Counter::reset_peak). A buffer counts until the program lets go of it; the driver may
    /// keep its memory until the work that uses it is done. wgpu's own memory for uploads is not in here.
    pub peak_device_bytes: u64,
}

/// Counts what is asked of one device; clones count the same.
#[derive(Clone, Debug, Default)]
pub struct Counter(Arc<Totals>);

#[derive(Debug, Default)]
struct Totals {
    submissions: AtomicU64,
    dispatches: AtomicU64,
    copies: AtomicU64,
    uploaded_bytes: AtomicU64,
    read_bytes: AtomicU64,
    host_waits: AtomicU64,
    /// In buffers now.
    live_bytes: AtomicU64,
    peak_bytes: AtomicU64,
}

impl Counter {
    /// Everything up to now. Work that burn has only queued is not in it yet: whoever wants it in reads a
    /// result or syncs before.
    pub fn counts(&self) -> Counts {
        let totals = &*self.0;
        Counts {
            submissions: totals.submissions.load(Relaxed),
            dispatches: totals.dispatches.load(Relaxed),
            copies: totals.copies.load(Relaxed),
            uploaded_bytes: totals.uploaded_bytes.load(Relaxed),
            read_bytes: totals.read_bytes.load(Relaxed),
            host_waits: totals.host_waits.load(Relaxed),
            peak_device_bytes: totals.peak_bytes.load(Relaxed),
        }
    }

    /// What has come since `earlier`; the peak is no sum and stays what it is now.
    pub fn since(&self, earlier: Counts) -> Counts {
        let now = self.counts();
        Counts {
            submissions: now.submissions - earlier.submissions,
            dispatches: now.dispatches - earlier.dispatches,
            copies: now.copies - earlier.copies,
            uploaded_bytes: now.uploaded_bytes - earlier.uploaded_bytes,
            read_bytes: now.read_bytes - earlier.read_bytes,
            host_waits: now.host_waits - earlier.host_waits,
            peak_device_bytes: now.peak_device_bytes,
        }
    }

    /// From now on the peak is that of what comes: it starts at what buffers hold now.
    pub fn reset_peak(&self) {
        self.0.peak_bytes.store(self.0.live_bytes.load(Relaxed), Relaxed);
    }

    pub(super) fn submitted(&self) {
        self.0.submissions.fetch_add(1, Relaxed);
    }

    pub(super) fn dispatched(&self, dispatches: u64) {
        self.0.dispatches.fetch_add(dispatches, Relaxed);
    }

    pub(super) fn copied(&self) {
        self.0.copies.fetch_add(1, Relaxed);
    }

    pub(super) fn uploaded(&self, bytes: u64) {
        self.0.uploaded_bytes.fetch_add(bytes, Relaxed);
    }

    pub(super) fn read(&self, bytes: u64) {
        self.0.read_bytes.fetch_add(bytes, Relaxed);
    }

    pub(super) fn waited(&self) {
        self.0.host_waits.fetch_add(1, Relaxed);
    }

    pub(super) fn allocated(&self, bytes: u64) {
        let live = self.0.live_bytes.fetch_add(bytes, Relaxed) + bytes;
        self.0.peak_bytes.fetch_max(live, Relaxed);
    }

    pub(super) fn freed(&self, bytes: u64) {
        self.0.live_bytes.fetch_sub(bytes, Relaxed);
    }
}
