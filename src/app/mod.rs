//! The window: live samples, curves, controls, a log and an image editor. It reads the trainer's
//! messages and sends it commands; it holds no training state and knows nothing of the models.

mod banner;
mod buttons;
mod card;
mod closing;
mod controls;
mod curves;
mod desktop;
mod diagnostics;
mod dialog;
mod dock;
mod drop_hint;
mod editor;
mod fresh_file;
mod generate;
mod icon;
mod inbox;
mod keys;
mod log;
mod memory;
mod recipe;
mod samples;
mod screen;
mod shared;
mod shell_words;
mod start;
mod status;
mod studio;
mod texture;
mod theme;
mod thread;
mod tiles;
mod typed_path;
mod window;

use crate::bench::Benchmark;
use crate::gpu::Backend;
use crate::words;

pub use dialog::{Dialog, Question};
pub use start::{StartScreen, ask};
pub use studio::Studio;
pub use window::{Shown, display_available, run};

/// What `signet bench` measures of the window beside a trainer on `backend`.
pub fn benchmarks(backend: Backend) -> Vec<Benchmark> {
    curves::benchmarks().into_iter().chain(shared::benchmarks(backend)).collect()
}
