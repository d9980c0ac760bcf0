//! A run seen from outside: its folder alone, read while another process, or another machine, writes it.
//! Nothing here holds, locks or changes anything of the run.

mod curve;
mod files;
mod follow;
mod history;
mod run;
mod snapshot;
mod state;
mod stats_line;
mod story;
mod tail;

#[cfg(test)]
pub(crate) mod made_up;

pub use curve::Curve;
pub use files::{Pictures, grid, pictures, reals};
pub use follow::follow;
pub use run::Run;
pub use snapshot::{Best, DataSet, Number, Snapshot};
pub use state::State;
pub(crate) use stats_line::LONGEST_CONDITIONS;
pub use story::Warned;
pub(crate) use tail::{News, Tail};
