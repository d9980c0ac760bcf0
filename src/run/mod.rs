//! One trainer, many faces: a run is a thread that says `Message`s and obeys `Command`s.

mod bad_steps;
mod best;
mod changes;
mod diagnose;
mod edits;
mod ending;
mod folder;
mod grid;
mod leave;
pub mod link;
pub mod log;
pub mod message;
mod obey;
mod open;
mod options;
mod process;
mod record;
mod resume;
mod retune;
mod running;
mod session;
mod stage_loop;
mod stats;
mod stay;
mod tensorboard;
mod tuning;
mod turn;

pub use best::BEST_FILE;
pub use changes::CHANGES_FILE;
pub use folder::{RECIPE_FILE, RunFolder, SUMMARY_FILE};
pub use options::{Limits, Options};
pub use process::start;
pub use session::REALS_FILE;
pub use stats::{PLACE, STATS_FILE};
