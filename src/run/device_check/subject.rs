//! What a check of a device holds for: this adapter with this driver, and this build of the program.

use std::path::Path;
use std::time::UNIX_EPOCH;

use serde::{Deserialize, Serialize};

use crate::gpu::Opened;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Subject {
    pub adapter: String,
    /// The graphics API.
    pub api: String,
    pub driver: String,
    pub driver_info: String,
    /// Of this program.
    pub version: String,
    /// Of its executable: another build has other kernels, perhaps.
    pub build: String,
}

impl Subject {
    /// None of a device that wgpu has no part in, and where the executable is not to be found any more.
    pub fn of(opened: &Opened) -> Option<Self> {
        let info = opened.setup.as_ref()?.adapter.get_info();
        Some(Self {
            adapter: info.name,
            api: info.backend.to_string(),
            driver: info.driver,
            driver_info: info.driver_info,
            version: env!("CARGO_PKG_VERSION").into(),
            build: build_of(&std::env::current_exe().ok()?)?,
        })
    }
}

/// What an executable is told from another by: its length and the time of its last change, for to read all of it would
/// take longer than some checks.
pub(super) fn build_of(executable: &Path) -> Option<String> {
    let meta = executable.metadata().ok()?;
    let changed = meta.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
    Some(format!("{} bytes, changed at {}.{:09}", meta.len(), changed.as_secs(), changed.subsec_nanos()))
}
