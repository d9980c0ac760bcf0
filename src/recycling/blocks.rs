//! Blocks as they come from the system. Each has its size in front, for it may serve a smaller request than the one it was
//! made for.

use std::alloc::{GlobalAlloc, Layout, System};

/// A line of a cache, bytes: no vector of a tensor lies in two.
pub const LINE: usize = 64;
/// A large page, bytes.
const PAGE: usize = 2 << 20;

/// A block of any content, aligned to lines; from the size of a large page on to such, where the system has them. Null
/// where there is no memory. `size` is a multiple of [`LINE`], and of an eighth of a large page from there on.
pub fn take(size: usize) -> *mut u8 {
    let block = if goes_back(size) { mapped::take(size) } else { take_plain(size) };
    if !block.is_null() {
        // SAFETY: there is room in front, aligned for a number.
        unsafe { block.cast::<usize>().sub(1).write(size) };
    }
    block
}

/// The size that `take` was asked for.
///
/// # Safety
/// The block came from `take`.
pub unsafe fn size_of(block: *mut u8) -> usize {
    // SAFETY: `take` wrote it there.
    unsafe { block.cast::<usize>().sub(1).read() }
}

/// # Safety
/// The block came from `take`, and is gone afterwards.
pub unsafe fn give_back(block: *mut u8) {
    // SAFETY: as the caller promises.
    unsafe {
        let size = size_of(block);
        if goes_back(size) {
            mapped::give_back(block, size);
        } else if let Some(layout) = plain_layout(size) {
            System.dealloc(block.sub(LINE), layout);
        }
    }
}

/// Whether the kernel has the memory of blocks of this size at once when they are given back. Of others the system's
/// allocator keeps it.
pub const fn goes_back(size: usize) -> bool {
    cfg!(target_os = "linux") && size >= PAGE
}

/// With a line in front.
fn plain_layout(size: usize) -> Option<Layout> {
    Layout::from_size_align(size.checked_add(LINE)?, LINE).ok()
}

fn take_plain(size: usize) -> *mut u8 {
    let Some(layout) = plain_layout(size) else { return std::ptr::null_mut() };
    // SAFETY: the layout is not empty; a line of it is in front of the block.
    unsafe {
        let whole = System.alloc(layout);
        if whole.is_null() { whole } else { whole.add(LINE) }
    }
}

/// Straight from the kernel: the system's allocator keeps what lies between blocks that are in use.
#[cfg(target_os = "linux")]
mod mapped {
    use super::PAGE;

    /// Room in front of a block, bytes: pages of any system divide it. No more than one of them is ever touched.
    const FRONT: usize = 1 << 16;

    pub fn take(size: usize) -> *mut u8 {
        let (access, kind) = (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS);
        let room = FRONT + size + PAGE;
        // SAFETY: a new mapping takes nobody's place; what is cut off at its ends is nobody's yet. What the kernel says
        // of large pages does not matter: it may have none to give.
        unsafe {
            let first = libc::mmap(std::ptr::null_mut(), room, access, kind, -1, 0);
            if first == libc::MAP_FAILED {
                return std::ptr::null_mut();
            }
            let before = first.cast::<u8>().add(FRONT).align_offset(PAGE);
            if before > 0 {
                libc::munmap(first, before);
            }
            let front = first.byte_add(before);
            let used = FRONT + size;
            libc::munmap(front.byte_add(used), room - before - used);
            libc::madvise(front, used, libc::MADV_HUGEPAGE);
            front.byte_add(FRONT).cast()
        }
    }

    /// # Safety
    /// The block came from `take` with this size, and is gone afterwards.
    pub unsafe fn give_back(block: *mut u8, size: usize) {
        // SAFETY: as the caller promises.
        unsafe { libc::munmap(block.sub(FRONT).cast(), FRONT + size) };
    }
}

#[cfg(not(target_os = "linux"))]
mod mapped {
    pub fn take(_size: usize) -> *mut u8 {
        std::ptr::null_mut()
    }

    pub unsafe fn give_back(_block: *mut u8, _size: usize) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_of_all_kinds_are_aligned_and_know_their_size() {
        for size in [LINE, 1 << 15, PAGE - LINE, PAGE, PAGE / 8 * 9, 9 << 20] {
            let block = take(size);
            assert!(!block.is_null());
            let align = if goes_back(size) { PAGE } else { LINE };
            assert_eq!(block as usize % align, 0, "{size}");
            // SAFETY: the block is written within its size, and given back once.
            unsafe {
                block.write_bytes(7, size);
                assert_eq!(size_of(block), size);
                give_back(block);
            }
        }
    }

    #[test]
    fn more_than_an_address_reaches_gives_none() {
        assert!(take(1 << 47).is_null());
    }
}
