//! A zip of files, as EDM's data set tool writes it or as anyone packs a folder.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use zip::read::{Config, ZipFile};
use zip::result::{ZipError, ZipResult};
use zip::{CompressionMethod, ZipArchive};

use super::super::limits::{MAX_LZMA_BYTES, MAX_ZIP_RATIO, ZIP_ALLOWANCE};
use super::super::names::{is_clutter, normalised};
use super::{Container, Remarks};
use crate::error::{Error, Result};

type Archive = ZipArchive<BufReader<File>>;

/// An open zip.
pub struct Zip {
    zip: Archive,
    names: Vec<String>,
    /// Number of each file within the zip.
    numbers: Vec<usize>,
    /// Bytes that it may still unpack to: entries may lie over one another, each a bomb.
    left: u64,
    remarks: Remarks,
}

impl Zip {
    /// Lists a zip. Entries that cannot be read or whose name leads out of it are skipped.
    ///
    /// # Errors
    /// A damaged zip.
    pub fn open(path: &Path) -> Result<Self> {
        let file = File::open(path).map_err(|error| Error::io(path, "open", &error))?;
        let len = file.metadata().map_err(|error| Error::io(path, "look at it", &error))?.len();
        let damaged = |error: ZipError| {
            Error::data(path, format!("this zip is damaged: {error}"))
                .hint("it may have been cut off while copying; copy or download it again")
        };
        let mut zip = ZipArchive::with_config(Config::default(), BufReader::new(file)).map_err(damaged)?;
        let (mut found, mut remarks) = (Vec::new(), Remarks::default());
        for number in 0..zip.len() {
            // Raw: neither decrypts nor unpacks.
            let listed = zip.name_for_index(number).unwrap_or_default().to_string();
            let named = match zip.by_index_raw(number) {
                Ok(entry) if entry.is_dir() => continue,
                Ok(entry) => normalised(&spelled(&entry)).map_err(|reason| (listed, reason)),
                Err(error) => Err((listed, error.to_string())),
            };
            match named {
                Ok(name) if is_clutter(&name) => {}
                Ok(name) => found.push((name, number)),
                Err(skipped) => remarks.skipped.push(skipped),
            }
        }
        found.sort();
        let (names, numbers) = found.into_iter().unzip();
        let left = len.saturating_mul(MAX_ZIP_RATIO).saturating_add(ZIP_ALLOWANCE);
        Ok(Self { zip, names, numbers, left, remarks })
    }
}

/// The name of an entry. Many programs write UTF-8 without saying so; it is no other code's text by chance.
fn spelled<R: Read>(entry: &ZipFile<'_, R>) -> String {
    std::str::from_utf8(entry.name_raw()).map_or_else(|_| entry.name().to_string(), str::to_string)
}

impl Container for Zip {
    fn format(&self) -> &'static str {
        "zip"
    }

    fn names(&self) -> &[String] {
        &self.names
    }

    fn take_remarks(&mut self) -> Remarks {
        std::mem::take(&mut self.remarks)
    }

    fn with(&mut self, i: usize, reader: &mut dyn FnMut(&mut dyn Read)) -> Result<(), String> {
        let Self { zip, numbers, left, .. } = self;
        if *left == 0 {
            return Err(format!("the zip unpacks to more than {MAX_ZIP_RATIO} times its own size"));
        }
        let entry = entry(zip, numbers[i])?;
        reader(&mut Metered { from: entry, left });
        Ok(())
    }
}

/// Opens an entry for reading.
fn entry(zip: &mut Archive, number: usize) -> Result<ZipFile<'_, BufReader<File>>, String> {
    let method = zip.by_index_raw(number).map_err(|error| error.to_string())?.compression();
    if method == CompressionMethod::LZMA {
        check_dictionary(zip, number)?;
    }
    match zip.by_index(number) {
        Err(ZipError::UnsupportedArchive(what)) if what == ZipError::PASSWORD_REQUIRED => {
            Err("it is locked with a password; unpack the zip and give the folder".into())
        }
        Err(ZipError::UnsupportedArchive(_)) => {
            Err(format!("it is packed by {method}, which is not read; unpack the zip and give the folder"))
        }
        entry => entry.map_err(|error| error.to_string()),
    }
}

/// Refuses an LZMA entry that would have a dictionary of any size laid out: its fifth byte and the next
/// three say how large.
fn check_dictionary(zip: &mut Archive, number: usize) -> Result<(), String> {
    let mut header = [0; 9];
    let read = |entry: ZipResult<ZipFile<'_, BufReader<File>>>, header: &mut [u8]| {
        entry.map_err(|error| error.to_string())?.read_exact(header).map_err(|error| error.to_string())
    };
    read(zip.by_index_raw(number), &mut header)?;
    let dictionary = u64::from(u32::from_le_bytes([header[5], header[6], header[7], header[8]]));
    if dictionary > MAX_LZMA_BYTES {
        return Err(format!("unpacking it would need {} MiB of memory", dictionary >> 20));
    }
    Ok(())
}

/// Counts what is unpacked against what may be.
struct Metered<'a, R> {
    from: R,
    left: &'a mut u64,
}

impl<R: Read> Read for Metered<'_, R> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        if *self.left == 0 {
            let what = format!("the zip unpacks to more than {MAX_ZIP_RATIO} times its own size");
            return Err(std::io::Error::other(what));
        }
        let room = into.len().min(usize::try_from(*self.left).unwrap_or(usize::MAX));
        let read = self.from.read(&mut into[..room])?;
        *self.left -= read as u64;
        Ok(read)
    }
}
