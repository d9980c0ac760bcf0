//! What lies at a path. No link is followed, unless it says so.

use std::fs::Metadata;
use std::io::ErrorKind;
use std::path::Path;

use crate::error::{Error, Kind, Result};

const OTHERS: &str =
    "what is in such a folder has to be there itself: put the file in its place, or remove it";
const MOVED: &str = "move the whole folder to the other disk and leave a link to it: the folder may be reached by a \
                     link, what is in it may not";

/// Whether anything is there, a link that leads nowhere too.
pub fn exists(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}

/// Whether a plain file is there.
pub fn is_file(path: &Path) -> bool {
    path.symlink_metadata().is_ok_and(|meta| meta.is_file())
}

/// Whether a folder is there, and no link to one.
pub fn is_folder(path: &Path) -> bool {
    path.symlink_metadata().is_ok_and(|meta| meta.is_dir())
}

/// Whether the plain file at `path` is there.
///
/// # Errors
/// `Kind::Io` for a link or something else in its place.
pub fn check_file(path: &Path) -> Result<bool> {
    match path.symlink_metadata() {
        Ok(meta) => refuse_odd(path, "read", &meta).map(|()| true),
        Err(e) if e.kind() == ErrorKind::NotFound => Ok(false),
        Err(e) => Err(Error::io(path, "read", &e)),
    }
}

/// Whether the folder at `path`, in one that a stranger may have filled, is there.
///
/// # Errors
/// `Kind::Io` for a link, or a file in its place.
pub fn check_folder(path: &Path) -> Result<bool> {
    match path.symlink_metadata() {
        Ok(meta) if meta.is_dir() => Ok(true),
        Ok(meta) => {
            let what = format!("this is {}, not a folder", name_of(&meta));
            Err(Error::new(Kind::Io, what).at(path).hint(if meta.is_symlink() { MOVED } else { OTHERS }))
        }
        // Whoever makes it is told why that cannot be.
        Err(e) if matches!(e.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(false),
        Err(e) => Err(Error::io(path, "look into the folder", &e)),
    }
}

/// Refuses a pipe, a device and the like that a user has named, also behind links: reading one may never end. What
/// is not there is left to whoever opens it.
///
/// # Errors
/// `Kind::Data` for such a path.
pub fn refuse_special(path: &Path) -> Result<()> {
    if path.exists() && !path.is_dir() && !path.is_file() {
        return Err(Error::data(path, "this is no file, but a device or a pipe"));
    }
    Ok(())
}

/// # Errors
/// `Kind::Io` for what is no plain file.
pub(super) fn refuse_odd(path: &Path, doing: &str, meta: &Metadata) -> Result<()> {
    if meta.is_file() {
        return Ok(());
    }
    let what = format!("could not {doing}: this is {}, not a file", name_of(meta));
    Err(Error::new(Kind::Io, what).at(path).hint(OTHERS))
}

fn name_of(meta: &Metadata) -> &'static str {
    if meta.is_symlink() {
        "a link"
    } else if meta.is_dir() {
        "a folder"
    } else if meta.is_file() {
        "a file"
    } else {
        "a pipe or a device"
    }
}
