//! What strangers' files may do to the importer and to the reader of pictures: give an error. Never a
//! panic, never code that runs, never more memory than is stated (`allowed_memory` for networks).
//!
//! `SIGNET_FUZZ_ITERATIONS=1000000 cargo test --release --test hostile fuzz -- --nocapture` fuzzes
//! longer than the few thousand files of every test run.

mod attacks;
mod damage;
mod effort;
mod files;
mod fuzz;
mod fuzz_sets;
mod memory;
mod mutate;
mod pictures;
mod python;
mod sets;
mod sound;

/// The cap: bytes that reading a file of `len` bytes may hold at once. A pickle's values take about
/// 100 bytes for every byte of it at most, and one in a zip has no more of them than the zip has bytes
/// and 32 Ki; an unpacked zip takes eight times its length and its numbers as f32 four times that; errors
/// and tables take a little for the smallest files.
fn allowed_memory(len: usize) -> usize {
    (4 << 20) + 160 * len
}
