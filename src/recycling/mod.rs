//! The program's allocator: large blocks are kept for the next who asks for as much.
//!
//! A training step asks for the same few hundred tensors each time. The system takes their memory back when they are
//! dropped, and hands out fresh pages, zeroed one by one, for the next: a quarter of a step on a CPU. Here a block
//! that was given back waits in a bin of its size; what is idle never exceeds what was once in use. It also serves who
//! asks for a little less: what a forward pass left behind becomes the gradients of the backward pass.

mod blocks;

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
/// The share of what was once in use that may be held besides it: one part in so many. With less, blocks that the next
/// step asks for come and go.
const SPARE: usize = 10;
/// A block serves requests of so many bins below its own: at most a quarter more is then unused.
const BELOW: usize = 2;

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

/// The bin for so many bytes; none for blocks that are the system's own affair.
#[inline]
fn bin_of(size: usize) -> Option<usize> {
    if size < LEAST {
        return None;
    }
    let bits = size.ilog2() as usize;
    let steps = size.div_ceil((1 << bits) / STEPS);
    let bin = (bits - LEAST_BITS) * STEPS + steps - STEPS;
    (bin < BINS).then_some(bin)
}

/// Bytes of the blocks in a bin.
fn size_in(bin: usize) -> usize {
    let (bits, steps) = (bin / STEPS + LEAST_BITS, bin % STEPS + STEPS);
    (1 << bits) / STEPS * steps
}

/// The bin for a request, as its layout alone decides.
#[inline]
fn bin_for(layout: Layout) -> Option<usize> {
    if layout.align() > blocks::LINE { None } else { bin_of(layout.size()) }
}

impl Recycling {
    pub const fn new() -> Self {
        let [used, most_used, idle] = [const { AtomicUsize::new(0) }; 3];
        Self { bins: [const { Mutex::new(Bin(null_mut())) }; BINS], used, most_used, idle }
    }

    /// A block of any content; null where there is no memory.
    fn take(&self, bin: usize) -> *mut u8 {
        for bin in bin..BINS.min(bin + BELOW + 1) {
            let kept = self.pop(bin);
            if !kept.is_null() {
                self.count(size_in(bin));
                self.idle.fetch_sub(size_in(bin), Relaxed);
                return kept;
            }
        }
        let size = size_in(bin);
        self.count(size);
        if blocks::goes_back(size) {
            self.make_room();
        }
        let mut fresh = blocks::take(size);
        if fresh.is_null() && self.give_back_all() {
            fresh = blocks::take(size);
        }
        if fresh.is_null() {
            self.used.fetch_sub(size, Relaxed);
        }
        fresh
    }

    /// Where much more is held than was ever in use: gives blocks of other sizes back, the largest first, before the
    /// system is asked for one more.
    fn make_room(&self) {
        let most_used = self.most_used.load(Relaxed);
        let most_held = most_used + most_used / SPARE;
        for bin in (0..BINS).rev().take_while(|bin| blocks::goes_back(size_in(*bin))) {
            while self.used.load(Relaxed) + self.idle.load(Relaxed) > most_held {
                if !self.give_back_one(bin) {
                    break;
                }
            }
        }
    }

    /// Counts a block of so many bytes as in use.
    fn count(&self, size: usize) {
        let used = self.used.fetch_add(size, Relaxed) + size;
        self.most_used.fetch_max(used, Relaxed);
    }

    /// Keeps a block, or gives it to the system where enough of them wait.
    ///
    /// # Safety
    /// The block came from `take`, and is gone afterwards.
    unsafe fn put(&self, block: *mut u8) {
        // SAFETY: as the caller promises.
        let size = unsafe { blocks::size_of(block) };
        self.used.fetch_sub(size, Relaxed);
        let is_enough = self.idle.fetch_add(size, Relaxed) + size > self.most_used.load(Relaxed);
        // Every block has the size of a bin.
        let Some(bin) = bin_of(size).filter(|_| !is_enough) else {
            self.idle.fetch_sub(size, Relaxed);
            // SAFETY: as the caller promises.
            return unsafe { blocks::give_back(block) };
        };
        let mut bin = self.bins[bin].lock().unwrap_or_else(PoisonError::into_inner);
        // SAFETY: a block is long enough for an address, and aligned for one.
        unsafe { block.cast::<*mut u8>().write(bin.0) };
        bin.0 = block;
    }

    /// Gives a block to the system. A list that grows leaves blocks behind that nobody asks for again; tensors do not
    /// grow.
    ///
    /// # Safety
    /// The block came from `alloc` with this layout, and is gone afterwards.
    unsafe fn leave(&self, block: *mut u8, layout: Layout) {
        // SAFETY: as the caller promises: without a bin it is the system's own affair.
        unsafe {
            if bin_for(layout).is_none() {
                return System.dealloc(block, layout);
            }
            self.used.fetch_sub(blocks::size_of(block), Relaxed);
            blocks::give_back(block);
        }
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
            while self.give_back_one(bin) {
                given = true;
            }
        }
        given
    }

    /// Gives a block of a bin to the system; false where none waits.
    fn give_back_one(&self, bin: usize) -> bool {
        let block = self.pop(bin);
        if block.is_null() {
            return false;
        }
        self.idle.fetch_sub(size_in(bin), Relaxed);
        // SAFETY: it came from `take`, and waited here alone.
        unsafe { blocks::give_back(block) };
        true
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
        match bin_for(layout) {
            // SAFETY: as the caller promises.
            None => unsafe { System.alloc(layout) },
            Some(bin) => self.take(bin),
        }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        let Some(bin) = bin_for(layout) else {
            // SAFETY: as the caller promises.
            return unsafe { System.alloc_zeroed(layout) };
        };
        let block = self.take(bin);
        if !block.is_null() {
            // SAFETY: the block has at least so many bytes.
            unsafe { block.write_bytes(0, layout.size()) };
        }
        block
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: as the caller promises; what has a bin came from `take`.
        unsafe {
            match bin_for(layout) {
                None => System.dealloc(block, layout),
                Some(_) => self.put(block),
            }
        }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: the caller promises that the new size is no overflow.
        let wanted = unsafe { Layout::from_size_align_unchecked(size, layout.align()) };
        let (old, new) = (bin_for(layout), bin_for(wanted));
        // SAFETY: as the caller promises; what has a bin came from `take`, both blocks are of their layouts, and they
        // do not overlap.
        unsafe {
            match (old, new) {
                (None, None) => return System.realloc(block, layout, size),
                (Some(_), Some(new)) if fits(blocks::size_of(block), new) => return block,
                _ => {}
            }
            let moved = self.alloc(wanted);
            if !moved.is_null() {
                moved.copy_from_nonoverlapping(block, layout.size().min(size));
                self.leave(block, layout);
            }
            moved
        }
    }
}

/// Whether a block of so many bytes may serve requests of a bin.
fn fits(size: usize, bin: usize) -> bool {
    (size_in(bin)..=size_in(bin + BELOW)).contains(&size)
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
        let page = 2 << 20;
        for size in (LEAST..LEAST * 9).step_by(61).chain([LEAST, page - 1, page, page + 1, 3 << 30]) {
            let bin = bin_for(layout(size)).expect("a bin");
            let held = size_in(bin);
            assert!(held >= size && held - size <= size / STEPS, "{size} in {held}");
            // What was held once belongs to the same bin.
            assert_eq!(bin_of(held), Some(bin), "{size} in {held}");
            last = Some(bin);
        }
        assert!(last.is_some_and(|bin| bin < BINS));
        assert!(bin_for(layout(LEAST - 1)).is_none());
        assert!(bin_for(Layout::from_size_align(LEAST, 128).expect("a layout")).is_none());
    }

    #[test]
    fn a_block_comes_back_and_zeroed_ones_are_zero() {
        let all = Recycling::new();
        // SAFETY: the blocks are used within their layouts, and given back once.
        unsafe {
            let first = all.alloc(layout(100_000));
            first.write_bytes(7, 100_000);
            assert_eq!(first as usize % blocks::LINE, 0);
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
    fn a_block_serves_who_asks_for_a_little_less_and_keeps_its_size() {
        let all = Recycling::new();
        // SAFETY: the blocks are used within their layouts, and given back once, with the layout that was asked for.
        unsafe {
            // So much was in use once that nothing has to make room.
            all.dealloc(all.alloc(layout(20 << 20)), layout(20 << 20));
            all.give_back_all();
            for [large, little_less, less] in [[160_000, 140_000, 110_000], [5 << 20, 4 << 20, 3 << 20]] {
                let first = all.alloc(layout(large));
                all.dealloc(first, layout(large));
                let second = all.alloc(layout(little_less));
                assert_eq!(second, first);
                second.write_bytes(3, little_less);
                all.dealloc(second, layout(little_less));
                let third = all.alloc(layout(less));
                assert_ne!(third, first, "it would leave too much unused");
                assert_eq!(all.alloc(layout(large)), first);
                all.dealloc(first, layout(large));
                all.dealloc(third, layout(less));
                all.give_back_all();
            }
        }
        assert_eq!(all.used.load(Relaxed), 0);
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

    #[test]
    #[cfg(target_os = "linux")]
    fn large_blocks_make_room_for_others() {
        let all = Recycling::new();
        // SAFETY: each block is given back with its layout.
        unsafe {
            let both = [10 << 20, 4 << 20].map(|size| (all.alloc(layout(size)), layout(size)));
            both.iter().for_each(|(block, layout)| all.dealloc(*block, *layout));
            assert_eq!(all.idle.load(Relaxed), 14 << 20);
            // Neither is near in size; the larger one goes.
            let other = all.alloc(layout(6 << 20));
            assert_eq!(all.idle.load(Relaxed), 4 << 20);
            all.dealloc(other, layout(6 << 20));
        }
        all.give_back_all();
    }
}
