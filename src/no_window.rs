//! What stands in for `app` in a program that was built without a window.

use std::path::Path;

use crate::bench::Benchmark;
use crate::error::{Error, Kind, Result};
use crate::gpu::{Backend, DeviceSpec};
use crate::run::link::Link;

/// How showing a run in a window went.
pub enum Shown {
    #[expect(dead_code, reason = "what a window answers, and this is none")]
    Closed,
    /// No window opened: why, and the run, which goes on.
    Never(Error, Link),
}

/// Never: runs are shown in the terminal.
pub fn display_available() -> bool {
    false
}

/// Gives the run back.
///
/// # Errors
/// None: the types are those of a window.
pub fn run(link: Link, _title: &str, _device: &DeviceSpec) -> Result<Shown> {
    Ok(Shown::Never(missing(), link))
}

/// The start screen.
///
/// # Errors
/// Always `Kind::Usage`: it needs a window.
pub fn ask(_runs: &Path) -> Result<Option<Vec<String>>> {
    Err(missing())
}

/// Nothing of a window can be measured.
pub fn benchmarks(_backend: Backend) -> Vec<Benchmark> {
    Vec::new()
}

fn missing() -> Error {
    Error::new(Kind::Usage, "this program was built without its window")
        .hint("work in the terminal (`signet --help`), or build it with the feature `window`")
}
