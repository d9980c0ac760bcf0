//! Files that may or may not be packed with gzip, read as if they were not.

use std::fs::File;
use std::io::{BufReader, Read, Seek};
use std::path::Path;

use flate2::bufread::MultiGzDecoder;

use crate::error::{Error, Result};

const GZIP_MAGIC: [u8; 2] = [0x1F, 0x8B];

/// The unpacked contents of a file, whether gzip packed it or not.
///
/// # Errors
/// A file that cannot be opened.
pub fn reader(path: &Path) -> Result<Box<dyn Read>> {
    let failed = |error: std::io::Error| Error::io(path, "open", &error);
    let mut file = File::open(path).map_err(failed)?;
    let mut magic = Vec::new();
    file.by_ref().take(2).read_to_end(&mut magic).map_err(failed)?;
    file.rewind().map_err(failed)?;
    let buffered = BufReader::with_capacity(1 << 16, file);
    Ok(if magic == GZIP_MAGIC { Box::new(MultiGzDecoder::new(buffered)) } else { Box::new(buffered) })
}

/// Up to `limit` bytes of `from`, and what stopped it before its end, if anything did.
pub fn read_most(from: &mut dyn Read, limit: u64) -> (Vec<u8>, Option<String>) {
    let mut bytes = Vec::new();
    // `read_to_end` keeps what it got before an error.
    let error = from.take(limit).read_to_end(&mut bytes).err();
    (bytes, error.map(|error| error.to_string()))
}
