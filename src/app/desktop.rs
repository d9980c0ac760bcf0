//! What the desktop does for the window.

use std::path::Path;
use std::process::{Command, Stdio};

use super::thread;
use crate::error::{Error, Kind, Result};

/// Shows a folder in the desktop's file manager.
///
/// # Errors
/// A desktop without one.
pub fn show_folder(folder: &Path) -> Result<()> {
    let program = if cfg!(target_os = "windows") {
        "explorer"
    } else if cfg!(target_os = "macos") {
        "open"
    } else {
        "xdg-open"
    };
    // Relative paths and those that begin with a dash are read as something else.
    let folder = std::path::absolute(folder).map_err(|source| Error::io(folder, "find", &source))?;
    let mut command = Command::new(program);
    command.arg(&folder).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let mut child = command.spawn().map_err(|source| {
        Error::new(Kind::Io, format!("the folder could not be shown: {program}: {source}"))
            .hint(format!("open {} yourself", folder.display()))
    })?;
    // It is waited for, or the system would keep what is left of it.
    thread::start("signet-desktop", "waits for the file manager", move || {
        let _ = child.wait();
    })
}
