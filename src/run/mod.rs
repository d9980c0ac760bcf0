//! One trainer, many faces: a run is a thread that says `Message`s and obeys `Command`s.

mod answer;
mod folder;
pub mod link;
mod measure;
pub mod message;
mod process;
mod resume;
mod session;
mod stats;

pub use folder::RunFolder;
pub use process::{Limits, Options, start};
