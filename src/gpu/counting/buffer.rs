//! Buffers: their memory counts as long as the program holds them, and what the host writes into them.

use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use wgpu::custom::{
    BufferInterface, BufferMapCallback, BufferMappedRangeInterface, DispatchBuffer, DispatchBufferMappedRange,
};

use super::counter::Counter;
use super::refusal::{OURS, compute_only};

/// A buffer of a counted device.
#[derive(Debug)]
pub(super) struct CountedBuffer {
    real: wgpu::Buffer,
    counter: Counter,
    /// How it was mapped last; wgpu asks for a mapped range without a word on that.
    for_writing: AtomicBool,
    /// Its memory counts no more.
    freed: AtomicBool,
}

impl CountedBuffer {
    pub(super) fn new(real: wgpu::Buffer, counter: Counter, mapped_at_creation: bool) -> Self {
        counter.allocated(real.size());
        if mapped_at_creation {
            counter.uploaded(real.size());
        }
        Self {
            real,
            counter,
            for_writing: AtomicBool::new(mapped_at_creation),
            freed: AtomicBool::new(false),
        }
    }

    /// Once, also where a destroyed buffer is dropped later.
    fn free(&self) {
        if !self.freed.swap(true, Relaxed) {
            self.counter.freed(self.real.size());
        }
    }
}

impl Drop for CountedBuffer {
    fn drop(&mut self) {
        self.free();
    }
}

/// The real buffer behind one of ours.
pub(super) fn real_buffer(found: Option<&CountedBuffer>) -> &wgpu::Buffer {
    &found.expect(OURS).real
}

/// The same transition of the real buffer.
pub(super) fn real_transition(
    of: wgpu::BufferTransition<&DispatchBuffer>,
) -> wgpu::BufferTransition<&wgpu::Buffer> {
    wgpu::BufferTransition { buffer: real_buffer(of.buffer.as_custom()), state: of.state }
}

impl BufferInterface for CountedBuffer {
    fn map_async(&self, mode: wgpu::MapMode, range: Range<wgpu::BufferAddress>, callback: BufferMapCallback) {
        let writes = mode == wgpu::MapMode::Write;
        self.for_writing.store(writes, Relaxed);
        if writes {
            self.counter.uploaded(range.end - range.start);
        }
        self.real.map_async(mode, range, callback);
    }

    fn get_mapped_range(
        &self,
        sub_range: Range<wgpu::BufferAddress>,
    ) -> Result<DispatchBufferMappedRange, wgpu::MapRangeError> {
        let range = if self.for_writing.load(Relaxed) {
            Mapped::ForWriting(self.real.get_mapped_range_mut(sub_range)?)
        } else {
            Mapped::ForReading(self.real.get_mapped_range(sub_range)?)
        };
        Ok(DispatchBufferMappedRange::custom(range))
    }

    fn unmap(&self) {
        self.real.unmap();
    }

    fn destroy(&self) {
        self.real.destroy();
        self.free();
    }
}

/// What the host sees of a buffer.
#[derive(Debug)]
enum Mapped {
    ForReading(wgpu::BufferView),
    ForWriting(wgpu::BufferViewMut),
}

impl BufferMappedRangeInterface for Mapped {
    fn len(&self) -> usize {
        match self {
            Self::ForReading(view) => view.len(),
            Self::ForWriting(view) => view.len(),
        }
    }

    unsafe fn read_slice(&self) -> &[u8] {
        match self {
            Self::ForReading(view) => &view[..],
            Self::ForWriting(_) => compute_only("way to read what was mapped to be written"),
        }
    }

    unsafe fn write_slice(&mut self) -> wgpu::WriteOnly<'_, [u8]> {
        match self {
            Self::ForReading(_) => compute_only("way to write what was mapped to be read"),
            Self::ForWriting(view) => view.slice(..),
        }
    }
}
