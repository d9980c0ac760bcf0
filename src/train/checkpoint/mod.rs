//! Checkpoints: a folder that is either complete and verified, or not there.
//!
//! `step-N-STAGE.tmp/` is filled, synced, closed with `manifest.json`, and renamed. A loader takes
//! the newest folder whose manifest verifies.

mod due;
mod manifest;
mod read;
mod write;

pub use due::Due;
pub use manifest::{Counters, Manifest, checkpoint_order};
pub use read::{Checkpoint, Found, find_generator, latest, load, load_generator};
pub use write::{keep_only, prune, settle, write, write_model, write_whole};
