//! Zips, read with no more trust than their bytes deserve.
//!
//! The `zip` crate sets memory aside for as many files as the directory *declares*; here the list
//! grows with what is really there, and everything that is unpacked counts against one budget.

use std::collections::BTreeMap;
use std::io::{Read, Seek, SeekFrom};

use flate2::Crc;
use flate2::read::DeflateDecoder;

use super::limits::{FREE_UNPACKING_BYTES, MAX_DIRECTORY_BYTES, MAX_UNPACKING, MAX_ZIP_ENTRIES};
use crate::error::{Error, Kind, Result};
use crate::import::pickle::Cursor;
use crate::import::shown::shown;

/// What a zip can lie in: a file, or memory.
pub trait Source: Read + Seek {}
impl<T: Read + Seek> Source for T {}

/// An open zip.
pub struct Archive<'a> {
    source: Box<dyn Source + 'a>,
    entries: BTreeMap<String, Entry>,
    /// Bytes of the zip itself.
    len: u64,
    /// Bytes that may still be unpacked.
    budget: u64,
}

#[derive(Clone, Copy)]
struct Entry {
    deflated: bool,
    checksum: u32,
    packed: u64,
    unpacked: u64,
    /// Where its local header starts.
    offset: u64,
}

/// Where the directory lies.
struct Directory {
    entries: u64,
    len: u64,
    offset: u64,
}

const END: [u8; 4] = *b"PK\x05\x06";
const END_64: [u8; 4] = *b"PK\x06\x06";
const LOCATOR_64: [u8; 4] = *b"PK\x06\x07";
const CENTRAL: [u8; 4] = *b"PK\x01\x02";
const LOCAL: [u8; 4] = *b"PK\x03\x04";
const END_LEN: u64 = 22;
const LOCATOR_LEN: u64 = 20;
/// The end record may be followed by a comment of at most 65,535 bytes.
const LONGEST_COMMENT: u64 = 0xffff;

impl<'a> Archive<'a> {
    /// Reads the directory.
    ///
    /// # Errors
    /// `Kind::Checkpoint`: no zip, a damaged one, or one with more than torch ever writes.
    pub fn open(source: impl Source + 'a) -> Result<Self> {
        let mut archive = Self { source: Box::new(source), entries: BTreeMap::new(), len: 0, budget: 0 };
        let len = archive.source.seek(SeekFrom::End(0)).map_err(|e| damaged(e.to_string()))?;
        archive.len = len;
        archive.budget = len.saturating_mul(MAX_UNPACKING).saturating_add(FREE_UNPACKING_BYTES);
        let directory = archive.directory(len)?;
        if directory.len > MAX_DIRECTORY_BYTES || directory.entries > MAX_ZIP_ENTRIES as u64 {
            return Err(damaged(format!("it lists more than {MAX_ZIP_ENTRIES} files")));
        }
        let bytes = archive.at(directory.offset, directory.len)?;
        let mut cursor = Cursor::new(&bytes);
        for _ in 0..directory.entries {
            let (name, entry) = central(&mut cursor)?;
            archive.entries.insert(name, entry);
        }
        Ok(archive)
    }

    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.entries.keys().map(String::as_str)
    }

    /// Bytes that may still be unpacked.
    pub fn budget(&self) -> u64 {
        self.budget
    }

    pub fn contains(&self, name: &str) -> bool {
        self.entries.contains_key(name)
    }

    /// Values that a pickle in it may have. Each takes many bytes of memory and as few as one of the
    /// pickle, which packs well; so they are no more than the zip has bytes, and some for small zips.
    pub fn max_values(&self) -> usize {
        usize::try_from(self.len.saturating_add(FREE_UNPACKING_BYTES)).unwrap_or(usize::MAX)
    }

    /// Unpacks a file of at most `limit` bytes.
    ///
    /// # Errors
    /// `Kind::Checkpoint`: it is missing, damaged, longer than that, or more than the zip may unpack to.
    pub fn read(&mut self, name: &str, limit: u64) -> Result<Vec<u8>> {
        let Some(entry) = self.entries.get(name).copied() else {
            return Err(damaged(format!("{} is missing", shown(name))));
        };
        let label = shown(name);
        if entry.unpacked > limit.min(self.budget) {
            return Err(damaged(format!(
                "{label} would unpack to {} bytes, where at most {} are expected",
                entry.unpacked,
                limit.min(self.budget)
            )));
        }
        self.budget -= entry.unpacked;
        let header = self.at(entry.offset, 30)?;
        let mut cursor = Cursor::new(&header);
        let signature: [u8; 4] = cursor.array()?;
        cursor.take(22)?;
        let [name_len, extra_len] = [u16_of(&mut cursor)?, u16_of(&mut cursor)?];
        if signature != LOCAL {
            return Err(damaged(format!("{label} is not where the directory says")));
        }
        self.seek(entry.offset.saturating_add(30 + u64::from(name_len) + u64::from(extra_len)))?;
        let packed = (&mut self.source).take(entry.packed);
        let mut bytes = Vec::new();
        // One byte more than declared shows a file that is larger than it says.
        let wanted = entry.unpacked.saturating_add(1);
        let read = if entry.deflated {
            DeflateDecoder::new(packed).take(wanted).read_to_end(&mut bytes)
        } else {
            let mut packed = packed;
            packed.by_ref().take(wanted).read_to_end(&mut bytes)
        };
        read.map_err(|e| damaged(format!("{label} does not unpack: {e}")))?;
        let mut crc = Crc::new();
        crc.update(&bytes);
        if bytes.len() as u64 != entry.unpacked || crc.sum() != entry.checksum {
            return Err(damaged(format!("{label} is not what the directory says (size or checksum)")));
        }
        Ok(bytes)
    }

    /// Finds the directory from the end of the file, as every zip reader must.
    fn directory(&mut self, len: u64) -> Result<Directory> {
        let tail_at = len.saturating_sub(END_LEN + LONGEST_COMMENT);
        let tail = self.at(tail_at, len - tail_at)?;
        let found = tail.windows(4).rposition(|w| w == END);
        let found = found.ok_or_else(|| damaged("its directory, which ends the file, is missing"))?;
        let mut end = Cursor::new(tail.get(found..).unwrap_or_default());
        end.take(10)?;
        let directory = Directory {
            entries: u64::from(u16_of(&mut end)?),
            len: u64::from(u32_of(&mut end)?),
            offset: u64::from(u32_of(&mut end)?),
        };
        end.counted::<2>()?; // a comment
        let end_at = tail_at + found as u64;
        let locator = match end_at.checked_sub(LOCATOR_LEN) {
            Some(at) => self.at(at, LOCATOR_LEN)?,
            None => Vec::new(),
        };
        let mut locator = Cursor::new(&locator);
        if locator.array::<4>().ok() != Some(LOCATOR_64) {
            return Ok(directory);
        }
        locator.take(4)?;
        let record = self.at(u64_of(&mut locator)?, 56)?;
        let mut record = Cursor::new(&record);
        if record.array::<4>()? != END_64 {
            return Err(damaged("its 64-bit directory record is missing"));
        }
        record.take(28)?;
        Ok(Directory {
            entries: u64_of(&mut record)?,
            len: u64_of(&mut record)?,
            offset: u64_of(&mut record)?,
        })
    }

    fn seek(&mut self, to: u64) -> Result<()> {
        self.source.seek(SeekFrom::Start(to)).map(drop).map_err(|e| damaged(e.to_string()))
    }

    /// `len` bytes from `offset` on.
    fn at(&mut self, offset: u64, len: u64) -> Result<Vec<u8>> {
        self.seek(offset)?;
        let mut bytes = Vec::new();
        (&mut self.source).take(len).read_to_end(&mut bytes).map_err(|e| damaged(e.to_string()))?;
        if bytes.len() as u64 != len {
            return Err(damaged("it ends too early"));
        }
        Ok(bytes)
    }
}

/// One line of the directory.
fn central(cursor: &mut Cursor<'_>) -> Result<(String, Entry)> {
    if cursor.array::<4>()? != CENTRAL {
        return Err(damaged("its directory has fewer files than it says"));
    }
    cursor.take(4)?;
    let [flags, method] = [u16_of(cursor)?, u16_of(cursor)?];
    cursor.take(4)?;
    let checksum = u32_of(cursor)?;
    let [packed, unpacked] = [u32_of(cursor)?, u32_of(cursor)?];
    let [name_len, extra_len, comment_len] = [u16_of(cursor)?, u16_of(cursor)?, u16_of(cursor)?];
    cursor.take(8)?;
    let offset = u32_of(cursor)?;
    let name = String::from_utf8_lossy(cursor.take(usize::from(name_len))?).into_owned();
    let mut extra = Cursor::new(cursor.take(usize::from(extra_len))?);
    cursor.take(usize::from(comment_len))?;
    if flags & 1 != 0 || !(method == 0 || method == 8) {
        return Err(damaged(format!(
            "{} is encrypted or packed in a way that torch does not use",
            shown(&name)
        )));
    }
    let mut wide = zip64_extra(&mut extra);
    let mut widen = |narrow: u32| match narrow {
        u32::MAX => u64_of(&mut wide).map_err(|_| damaged("a 64-bit size is missing")),
        narrow => Ok(u64::from(narrow)),
    };
    // The standard's order.
    let (unpacked, packed, offset) = (widen(unpacked)?, widen(packed)?, widen(offset)?);
    Ok((name, Entry { deflated: method == 8, checksum, packed, unpacked, offset }))
}

/// The part of a file's extra fields that holds what does not fit 32 bits; empty if there is none.
fn zip64_extra<'a>(extra: &mut Cursor<'a>) -> Cursor<'a> {
    const ZIP64: u16 = 1;
    while let (Ok(tag), Ok(body)) = (u16_of(extra), extra.counted::<2>()) {
        if tag == ZIP64 {
            return Cursor::new(body);
        }
    }
    Cursor::new(&[])
}

fn u16_of(cursor: &mut Cursor<'_>) -> Result<u16> {
    Ok(u16::from_le_bytes(cursor.array()?))
}

fn u32_of(cursor: &mut Cursor<'_>) -> Result<u32> {
    Ok(u32::from_le_bytes(cursor.array()?))
}

fn u64_of(cursor: &mut Cursor<'_>) -> Result<u64> {
    Ok(u64::from_le_bytes(cursor.array()?))
}

fn damaged(what: impl std::fmt::Display) -> Error {
    Error::new(Kind::Checkpoint, format!("the zip is not readable: {what}"))
        .hint("it may have been cut off while copying; copy or download it again")
}
