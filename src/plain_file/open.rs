//! Opens plain files, and nothing else.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind};
use std::path::Path;
use std::time::Duration;

use super::kind::refuse_odd;
use crate::error::{Error, Result};

/// A system may ask whoever else has the file open to let go of it first (a share of Windows, say).
const TRIES: usize = 50;
const BETWEEN_TRIES: Duration = Duration::from_millis(20);

/// Opens the file at `path` to read it.
///
/// # Errors
/// `Kind::Io` for a link, a folder, a pipe or a device, and for what the system refuses.
pub fn open(path: &Path) -> Result<File> {
    with(path, "read", OpenOptions::new().read(true))
}

/// The same; none where nothing is there.
///
/// # Errors
/// As [`open`].
pub fn open_if_there(path: &Path) -> Result<Option<File>> {
    match path.symlink_metadata() {
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(None),
        _ => open(path).map(Some),
    }
}

/// Opens the file at `path` to read it and to write at its end; it is made where there is none.
///
/// # Errors
/// As [`open`].
pub fn for_appending(path: &Path) -> Result<File> {
    with(path, "append to", OpenOptions::new().read(true).append(true).create(true))
}

/// Opens the file at `path`, which is there, to write into it.
///
/// # Errors
/// As [`open`].
pub fn for_change(path: &Path) -> Result<File> {
    with(path, "write to", OpenOptions::new().write(true))
}

/// Opens the file at `path` to lock it; it is made where there is none, and what is in it stays.
///
/// # Errors
/// As [`open`].
pub fn for_locking(path: &Path) -> Result<File> {
    with(path, "create", OpenOptions::new().write(true).create(true).truncate(false))
}

fn with(path: &Path, doing: &str, options: &mut OpenOptions) -> Result<File> {
    let refused = |e: io::Error| Error::io(path, doing, &e);
    if let Ok(meta) = path.symlink_metadata() {
        refuse_odd(path, doing, &meta)?;
    }
    guard(options);
    let file = patiently(|| options.open(path)).map_err(refused)?;
    // Something else may have come there since it was looked at.
    refuse_odd(path, doing, &file.metadata().map_err(refused)?)?;
    Ok(file)
}

fn patiently(open: impl Fn() -> io::Result<File>) -> io::Result<File> {
    for _ in 0..TRIES {
        match open() {
            Err(e) if e.kind() == ErrorKind::WouldBlock => std::thread::sleep(BETWEEN_TRIES),
            opened => return opened,
        }
    }
    open()
}

/// Has the system refuse a link, and not wait for whoever should write into a pipe.
#[cfg(unix)]
fn guard(options: &mut OpenOptions) {
    use std::os::unix::fs::OpenOptionsExt;

    options.custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK | libc::O_NOCTTY);
}

#[cfg(not(unix))]
fn guard(_: &mut OpenOptions) {}
