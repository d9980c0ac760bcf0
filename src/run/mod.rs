//! One trainer, many faces: a run is a thread that says `Message`s and obeys `Command`s.

mod answer;
mod best;
mod diagnose;
mod folder;
mod leave;
pub mod link;
pub mod message;
mod obey;
mod open;
mod options;
mod process;
mod resume;
mod running;
mod session;
mod stage_loop;
mod stats;

pub use folder::RunFolder;
pub use options::{Limits, Options};
pub use process::start;
