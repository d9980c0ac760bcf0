//! What strangers' files may do to the importer, to the reader of pictures and recipes, and to whatever reads or goes
//! on with a run folder: give an error. Never a panic, never code that runs, never an order to the terminal, never a
//! change outside the folder, never more memory than is stated (`allowed_memory` for networks).
//!
//! `SIGNET_FUZZ_ITERATIONS=1000000 cargo test --release --test hostile fuzz -- --nocapture` fuzzes
//! longer than the few thousand files of every test run; `fuzz_recipes` and `fuzz_run_folders` name one of them.

mod attacks;
mod damage;
mod damaged_pictures;
mod effort;
mod files;
mod folder_fuzz;
#[cfg(unix)]
mod folders;
mod fuzz;
mod fuzz_sets;
mod memory;
mod mutate;
mod pictures;
#[allow(dead_code, reason = "each kind of test uses a part of it")]
#[path = "../program/mod.rs"]
mod program;
mod python;
mod recipes;
#[cfg(unix)]
mod runs;
mod sets;
mod sound;
#[cfg(unix)]
mod spoken;
mod text;
mod wrapped;

/// The cap: bytes that reading a file of `len` bytes may hold at once. A pickle's values take about
/// 100 bytes for every byte of it at most, and one in a zip has no more of them than the zip has bytes
/// and 32 Ki; an unpacked zip takes eight times its length and its numbers as f32 four times that; errors
/// and tables take a little for the smallest files.
fn allowed_memory(len: usize) -> usize {
    (4 << 20) + 160 * len
}
