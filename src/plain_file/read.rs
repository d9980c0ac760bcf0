//! Reads plain files, as much of them as a file of their kind may have.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::open::{open, open_if_there};
use crate::error::{Error, Kind, Result};
use crate::words;

/// The bytes of the file at `path`, at most `most` (see [`limits`](super::limits)).
///
/// # Errors
/// `Kind::Io` for a larger file, for what is no plain file, and for what the system refuses.
pub fn read(path: &Path, most: u64) -> Result<Vec<u8>> {
    all_of(open(path)?, path, most)
}

/// The same; none where nothing is there.
///
/// # Errors
/// As [`read`].
pub fn read_if_there(path: &Path, most: u64) -> Result<Option<Vec<u8>>> {
    open_if_there(path)?.map(|file| all_of(file, path, most)).transpose()
}

fn all_of(file: File, path: &Path, most: u64) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    // By its length a large file is refused before it is read; it may grow meanwhile.
    let is_small = file.metadata().is_ok_and(|meta| meta.len() <= most);
    if is_small {
        file.take(most.saturating_add(1)).read_to_end(&mut bytes).map_err(|e| Error::io(path, "read", &e))?;
    }
    if is_small && bytes.len() as u64 <= most {
        return Ok(bytes);
    }
    Err(Error::new(Kind::Io, format!("could not read: the file has more than {}", words::memory(most)))
        .at(path)
        .hint("signet writes far smaller ones: bring back the file that was there, or remove this one"))
}
