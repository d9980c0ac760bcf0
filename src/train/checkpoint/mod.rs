//! Checkpoints: a folder that is either complete and verified, or not there.
//!
//! `step-N-STAGE.tmp/` is filled, synced, closed with `manifest.json`, and renamed. A loader takes
//! the newest folder whose manifest verifies.

mod due;
mod listing;
mod manifest;
mod read;
mod remove;
mod seal;
mod size;
mod versions;
mod write;

pub use due::Due;
pub use listing::{all, checkpoint_order, named_stage};
#[cfg(test)]
pub(crate) use manifest::made_up_manifest;
pub use manifest::{Counters, LossSum, Manifest};
pub use read::{Checkpoint, Found, find_generator, latest, load, load_generator};
pub use remove::{keep_only, prune, remove, sweep};
pub use seal::{read_manifest, read_named};
pub use write::{settle, write, write_model};
