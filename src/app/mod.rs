//! The window: live samples, curves, controls, a log and an image editor. It reads the trainer's
//! messages and sends it commands; it holds no training state and knows nothing of the models.

mod banner;
mod card;
mod closing;
mod controls;
pub(crate) mod curves;
mod diagnostics;
mod dock;
mod drop_hint;
mod editor;
mod icon;
mod inbox;
mod keys;
mod log;
mod recipe;
mod samples;
pub(crate) mod shared;
mod start;
mod status;
mod studio;
pub(crate) mod texture;
mod theme;
mod tiles;
mod window;

use crate::words;

pub use start::{StartScreen, ask};
pub use studio::Studio;
pub use window::{display_available, run};
