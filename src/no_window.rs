//! What stands in for the window in a build without one (no feature `window`): everything is as without a display.

use std::path::Path;

use crate::bench::Benchmark;
use crate::error::{Error, Result};
use crate::gpu::{Backend, DeviceSpec};
use crate::run::link::Link;

/// How showing a run in a window went.
pub enum Shown {
    Closed,
    /// No window opened: why, and the run, which goes on.
    Never(Error, Link),
}

/// There is no window to show on one.
pub fn display_available() -> bool {
    false
}

/// Gives the run back.
///
/// # Errors
/// None.
pub fn run(link: Link, _title: &str, _device: &DeviceSpec) -> Result<Shown> {
    Ok(Shown::Never(missing(), link))
}

/// Asks nobody.
///
/// # Errors
/// `Kind::Usage`, always.
pub fn ask(_runs: &Path) -> Result<Option<Vec<String>>> {
    Err(missing())
}

/// Drawing has none.
pub fn benchmarks(_backend: Backend) -> Vec<Benchmark> {
    Vec::new()
}

fn missing() -> Error {
    Error::usage("this build of signet has no window").hint("build it with `--features window`")
}
