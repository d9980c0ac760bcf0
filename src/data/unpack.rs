//! Files that may or may not be packed with gzip or bzip2, read as if they were not.

use std::fs::File;
use std::io::{BufReader, Cursor, Read};
use std::path::Path;

use bzip2::read::MultiBzDecoder;
use flate2::read::MultiGzDecoder;

use crate::error::{Error, Result};

/// Bytes that tell how a file is packed.
const MAGIC: u64 = 3;

/// How a file is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packing {
    None,
    Gzip,
    Bzip2,
}

impl Packing {
    fn of(start: &[u8]) -> Self {
        match start {
            [0x1F, 0x8B, ..] => Self::Gzip,
            [b'B', b'Z', b'h', ..] => Self::Bzip2,
            _ => Self::None,
        }
    }
}

/// How a file is packed.
///
/// # Errors
/// A file that cannot be opened.
pub fn packing(path: &Path) -> Result<Packing> {
    let mut file = File::open(path).map_err(|error| Error::io(path, "open", &error))?;
    Ok(Packing::of(&read_most(&mut file, MAGIC).0))
}

/// The unpacked contents of a file, whether it is packed or not.
///
/// # Errors
/// A file that cannot be opened.
pub fn reader(path: &Path) -> Result<Box<dyn Read>> {
    let file = File::open(path).map_err(|error| Error::io(path, "open", &error))?;
    Ok(unpacked(BufReader::with_capacity(1 << 16, file)))
}

/// What `from` unpacks to, or `from` itself where it is not packed.
pub fn unpacked<'a>(mut from: impl Read + 'a) -> Box<dyn Read + 'a> {
    let (start, _) = read_most(&mut from, MAGIC);
    let packing = Packing::of(&start);
    let whole = Cursor::new(start).chain(from);
    match packing {
        Packing::None => Box::new(whole),
        Packing::Gzip => Box::new(MultiGzDecoder::new(whole)),
        Packing::Bzip2 => Box::new(MultiBzDecoder::new(whole)),
    }
}

/// Up to `limit` bytes of `from`, and what stopped it before its end, if anything did.
pub fn read_most(from: &mut dyn Read, limit: u64) -> (Vec<u8>, Option<String>) {
    let mut bytes = Vec::new();
    // `read_to_end` keeps what it got before an error.
    let error = from.take(limit).read_to_end(&mut bytes).err();
    (bytes, error.map(|error| error.to_string()))
}
