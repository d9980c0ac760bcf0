//! The program's allocator: large blocks are kept for the next who asks for as much.
//!
//! A training step asks for the same few hundred tensors each time. The system takes their memory back when they are
//! dropped, and hands out fresh pages, zeroed one by one, for the next: a quarter of a step on a CPU. Here a block
//! that was given back waits in a bin of its size, and what is idle never exceeds what was once in use.

use std::alloc::{GlobalAlloc, Layout, System};
use std::ptr::null_mut;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};

/// Smaller blocks are the system's: it keeps them itself. A power of two, bytes.
const LEAST: usize = 1 << LEAST_BITS;
const LEAST_BITS: usize = 15;
/// Sizes between one power of two and the next: at most an eighth of a block is unused.
const STEPS: usize = 8;
/// Blocks of 2^44 bytes and more are nobody's.
const BINS: usize = (44 - LEAST_BITS) * STEPS;
/// A line of a cache, bytes: no vector of a tensor lies in two.
const LINE: usize = 64;
/// A large page, bytes.
const PAGE: usize = 2 << 20;

/// Keeps large blocks. There is one of it, `static` in the program.
pub struct Recycling {
    bins: [Mutex<Bin>; BINS],
    /// Bytes of large blocks that are in use, the most there were, and those that wait.
    used: AtomicUsize,
    most_used: AtomicUsize,
    idle: AtomicUsize,
}

/// Blocks of one size that wait: each holds the address of the next.
struct Bin(*mut u8);

// SAFETY: the addresses are of blocks that nobody else knows.
unsafe impl Send for Bin {}

/// Where a block belongs.
#[derive(Clone, Copy)]
struct Place {
    bin: usize,
    /// What the system is asked for.
    layout: Layout,
}

impl Place {
    /// None for blocks that are the system's own affair.
    #[inline]
    fn of(layout: Layout) -> Option<Self> {
        let size = layout.size();
        if size < LEAST || layout.align() > LINE {
            return None;
        }
        let bits = size.ilog2() as usize;
        let step = (1 << bits) / STEPS;
        let steps = size.div_ceil(step);
        let bin = (bits - LEAST_BITS) * STEPS + steps - STEPS;
        let size = steps * step;
        let align = if size < PAGE { LINE } else { PAGE };
        let layout = Layout::from_size_align(size, align).ok()?;
        (bin < BINS).then_some(Self { bin, layout })
    }
}

impl Recycling {
    pub const fn new() -> Self {
        let [used, most_used, idle] = [const { AtomicUsize::new(0) }; 3];
        Self { bins: [const { Mutex::new(Bin(null_mut())) }; BINS], used, most_used, idle }
    }

    /// A block of any content; null where there is no memory.
    fn take(&self, place: Place) -> *mut u8 {
        let size = place.layout.size();
        let used = self.used.fetch_add(size, Relaxed) + size;
        self.most_used.fetch_max(used, Relaxed);
        let kept = self.pop(place.bin);
        if !kept.is_null() {
            self.idle.fetch_sub(size, Relaxed);
            return kept;
        }
        let mut fresh = Self::fresh(place.layout);
        if fresh.is_null() && self.give_back_all() {
            fresh = Self::fresh(place.layout);
        }
        if fresh.is_null() {
            self.used.fetch_sub(size, Relaxed);
        }
        fresh
    }

    fn fresh(layout: Layout) -> *mut u8 {
        // SAFETY: no layout of a place is empty.
        let block = unsafe { System.alloc(layout) };
        #[cfg(target_os = "linux")]
        if layout.size() >= PAGE && !block.is_null() {
            let whole = layout.size() / PAGE * PAGE;
            // SAFETY: the block is ours and begins at a large page. What the system says does not matter: it may
            // have none to give.
            let _ = unsafe { libc::madvise(block.cast(), whole, libc::MADV_HUGEPAGE) };
        }
        block
    }

    /// Keeps a block, or gives it to the system where enough of them wait.
    fn put(&self, block: *mut u8, place: Place) {
        let size = place.layout.size();
        self.used.fetch_sub(size, Relaxed);
        if self.idle.fetch_add(size, Relaxed) + size > self.most_used.load(Relaxed) {
            self.idle.fetch_sub(size, Relaxed);
            // SAFETY: it came from `fresh` with this layout.
            unsafe { System.dealloc(block, place.layout) };
            return;
        }
        let mut bin = self.bins[place.bin].lock().unwrap_or_else(PoisonError::into_inner);
        // SAFETY: a block is long enough for an address, and aligned for one.
        unsafe { block.cast::<*mut u8>().write(bin.0) };
        bin.0 = block;
    }

    /// Gives a block to the system. A list that grows leaves blocks behind that nobody asks for again; tensors do not
    /// grow.
    ///
    /// # Safety
    /// The block has to be one of this layout, and is gone afterwards.
    unsafe fn leave(&self, block: *mut u8, layout: Layout) {
        let place = Place::of(layout);
        if let Some(place) = place {
            self.used.fetch_sub(place.layout.size(), Relaxed);
        }
        // SAFETY: as the caller promises; the system was asked for the layout of the block's place.
        unsafe { System.dealloc(block, place.map_or(layout, |place| place.layout)) };
    }

    /// Null where none waits.
    fn pop(&self, bin: usize) -> *mut u8 {
        let mut bin = self.bins[bin].lock().unwrap_or_else(PoisonError::into_inner);
        let block = bin.0;
        if !block.is_null() {
            // SAFETY: `put` wrote it there.
            bin.0 = unsafe { block.cast::<*mut u8>().read() };
        }
        block
    }

    /// Gives all that waits to the system; false where nothing did.
    fn give_back_all(&self) -> bool {
        let mut given = false;
        for bin in 0..BINS {
            let (bits, steps) = (bin / STEPS + LEAST_BITS, bin % STEPS + STEPS);
            let size = (1usize << bits) / STEPS * steps;
            let Some(place) = Layout::from_size_align(size, LINE).ok().and_then(Place::of) else { continue };
            loop {
                let block = self.pop(bin);
                if block.is_null() {
                    break;
                }
                self.idle.fetch_sub(size, Relaxed);
                // SAFETY: it came from `fresh`, with the layout of its bin.
                unsafe { System.dealloc(block, place.layout) };
                given = true;
            }
        }
        given
    }
}

impl Default for Recycling {
    fn default() -> Self {
        Self::new()
    }
}

// SAFETY: a block is in one place at a time, in use or in its bin, and is at least as long and as aligned as was
// asked. Which place that is depends on the layout alone.
unsafe impl GlobalAlloc for Recycling {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        match Place::of(layout) {
            // SAFETY: as the caller promises.
            None => unsafe { System.alloc(layout) },
            Some(place) => self.take(place),
        }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        let Some(place) = Place::of(layout) else {
            // SAFETY: as the caller promises.
            return unsafe { System.alloc_zeroed(layout) };
        };
        let block = self.take(place);
        if !block.is_null() {
            // SAFETY: the block has at least so many bytes.
            unsafe { block.write_bytes(0, layout.size()) };
        }
        block
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        match Place::of(layout) {
            // SAFETY: as the caller promises.
            None => unsafe { System.dealloc(block, layout) },
            Some(place) => self.put(block, place),
        }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: the caller promises that the new size is no overflow.
        let wanted = unsafe { Layout::from_size_align_unchecked(size, layout.align()) };
        match (Place::of(layout), Place::of(wanted)) {
            // SAFETY: as the caller promises.
            (None, None) => unsafe { System.realloc(block, layout, size) },
            (Some(old), Some(new)) if old.bin == new.bin => block,
            _ => {
                // SAFETY: both are blocks of their layouts, and they do not overlap.
                unsafe {
                    let moved = self.alloc(wanted);
                    if !moved.is_null() {
                        moved.copy_from_nonoverlapping(block, layout.size().min(size));
                        self.leave(block, layout);
                    }
                    moved
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layout(size: usize) -> Layout {
        Layout::from_size_align(size, 16).expect("a layout")
    }

    #[test]
    fn every_size_has_a_bin_that_holds_it() {
        let mut last = None;
        for size in (LEAST..LEAST * 9).step_by(61).chain([LEAST, PAGE - 1, PAGE, PAGE + 1, 3 << 30]) {
            let place = Place::of(layout(size)).expect("a place");
            let held = place.layout.size();
            assert!(held >= size && held - size <= size / STEPS, "{size} in {held}");
            // What was held once belongs to the same bin.
            assert_eq!(Place::of(layout(held)).map(|place| place.bin), Some(place.bin), "{size} in {held}");
            last = Some(place.bin);
        }
        assert!(last.is_some_and(|bin| bin < BINS));
        assert!(Place::of(layout(LEAST - 1)).is_none());
        assert!(Place::of(Layout::from_size_align(LEAST, 128).expect("a layout")).is_none());
    }

    #[test]
    fn a_block_comes_back_and_zeroed_ones_are_zero() {
        let all = Recycling::new();
        // SAFETY: the blocks are used within their layouts, and given back once.
        unsafe {
            let first = all.alloc(layout(100_000));
            first.write_bytes(7, 100_000);
            assert_eq!(first as usize % LINE, 0);
            all.dealloc(first, layout(100_000));
            let second = all.alloc_zeroed(layout(99_000));
            assert_eq!(second, first);
            assert!((0..99_000).all(|i| second.add(i).read() == 0));
            // It grows within its bin where it is, and beyond it with its contents.
            second.write_bytes(5, 99_000);
            assert_eq!(all.realloc(second, layout(99_000), 101_000), second);
            let third = all.realloc(second, layout(101_000), 300_000);
            assert!((0..99_000).all(|i| third.add(i).read() == 5));
            assert_eq!(all.idle.load(Relaxed), 0, "what it has outgrown does not wait");
            all.dealloc(third, layout(300_000));
        }
        assert_eq!(all.used.load(Relaxed), 0);
        assert!(all.give_back_all() && !all.give_back_all());
        assert_eq!(all.idle.load(Relaxed), 0);
    }

    #[test]
    fn no_more_waits_than_was_in_use() {
        let all = Recycling::new();
        // SAFETY: each block is given back with its layout.
        unsafe {
            for size in [1 << 20, 3 << 20, 1 << 17, 5 << 20, 1 << 16] {
                let block = all.alloc(layout(size));
                all.dealloc(block, layout(size));
                assert!(all.idle.load(Relaxed) <= all.most_used.load(Relaxed));
            }
        }
        assert_eq!(all.most_used.load(Relaxed), 5 << 20);
        all.give_back_all();
    }
}
