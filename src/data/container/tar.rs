//! A tar of files, packed with gzip or bzip2 or not at all.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use tar::Archive;

use super::super::limits::{MAX_FILE_BYTES, MAX_JSON_BYTES, MAX_RAW_BYTES};
use super::super::names::{LABELS_FILE, file_name, is_clutter, normalised};
use super::super::unpack::{self, Packing};
use super::super::what::What;
use super::{Container, HEAD, Remarks};
use crate::error::{Error, Result};

/// The files of a tar. Those of a packed one are held in memory, for it can only be read from its beginning:
/// [`MAX_RAW_BYTES`] at most.
pub struct Tar {
    file: File,
    names: Vec<String>,
    places: Vec<Place>,
    remarks: Remarks,
}

/// Where the bytes of a file are.
enum Place {
    /// In the file of the tar.
    At { offset: u64, len: u64 },
    /// In memory; of what is no image, the beginning alone.
    Held(Vec<u8>),
}

impl Tar {
    /// Lists a tar, and reads it where it is packed. One that is cut off gives what is whole and a warning.
    ///
    /// # Errors
    /// A file that cannot be opened; a packed tar that unpacks to more than [`MAX_RAW_BYTES`].
    pub fn open(path: &Path) -> Result<Self> {
        let failed = |error: std::io::Error| Error::io(path, "open", &error);
        let file = File::open(path).map_err(failed)?;
        let mut list = List::default();
        if unpack::packing(path)? == Packing::None {
            let len = file.metadata().map_err(failed)?.len();
            let mut tar = Archive::new(&file);
            list.take(tar.entries_with_seek(), &mut |entry| {
                let (offset, size) = (entry.raw_file_position(), entry.size());
                let is_whole = offset.saturating_add(size) <= len;
                (Place::At { offset, len: size }, (!is_whole).then(|| "it is cut off".to_string()))
            });
        } else {
            let mut tar = Archive::new(unpack::reader(path)?.take(MAX_RAW_BYTES + 1));
            list.take(tar.entries(), &mut |entry| {
                let (bytes, broken) = held(entry);
                (Place::Held(bytes), broken)
            });
            if tar.into_inner().limit() == 0 {
                let what = format!("this archive unpacks to more than {} GiB", MAX_RAW_BYTES >> 30);
                return Err(Error::data(path, what).hint("unpack it, and give the folder"));
            }
        }
        list.found.sort_by(|a, b| a.0.cmp(&b.0));
        let (names, places) = list.found.into_iter().unzip();
        Ok(Self { file, names, places, remarks: list.remarks })
    }
}

impl Container for Tar {
    fn format(&self) -> &'static str {
        "tar"
    }

    fn names(&self) -> &[String] {
        &self.names
    }

    fn take_remarks(&mut self) -> Remarks {
        std::mem::take(&mut self.remarks)
    }

    fn with(&mut self, i: usize, reader: &mut dyn FnMut(&mut dyn Read)) -> Result<(), String> {
        match &self.places[i] {
            Place::Held(bytes) => reader(&mut bytes.as_slice()),
            Place::At { offset, len } => {
                self.file.seek(SeekFrom::Start(*offset)).map_err(|error| error.to_string())?;
                reader(&mut self.file.by_ref().take(*len));
            }
        }
        Ok(())
    }
}

/// Where the bytes of an entry are, and what is wrong with them.
type Found = (Place, Option<String>);

#[derive(Default)]
struct List {
    found: Vec<(String, Place)>,
    remarks: Remarks,
}

impl List {
    /// Takes the files among the entries; `place` finds the bytes of one, and says what is wrong with them.
    fn take<R: Read>(
        &mut self,
        entries: std::io::Result<tar::Entries<'_, R>>,
        place: &mut dyn FnMut(&mut tar::Entry<'_, R>) -> Found,
    ) {
        let entries = match entries {
            Ok(entries) => entries,
            Err(error) => return self.broken(&error),
        };
        for entry in entries {
            let mut entry = match entry {
                Ok(entry) => entry,
                Err(error) => return self.broken(&error),
            };
            let listed = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
            let kind = entry.header().entry_type();
            if kind.is_dir() || kind.is_pax_global_extensions() {
                continue;
            }
            match normalised(&listed) {
                Ok(name) if is_clutter(&name) => {}
                Ok(_) if !kind.is_file() => {
                    self.remarks.skipped.push((listed, "a link, or no file at all".into()));
                }
                Ok(name) => {
                    let (place, broken) = place(&mut entry);
                    self.found.push((name, place));
                    if let Some(why) = broken {
                        return self.broken(&why);
                    }
                }
                Err(reason) => self.remarks.skipped.push((listed, reason)),
            }
        }
    }

    fn broken(&mut self, why: &dyn std::fmt::Display) {
        self.remarks.warnings.push(format!("the archive ends early or is damaged: {why}"));
    }
}

/// The bytes of an entry that may hold images or labels, or the first bytes of another one; and what stopped
/// it before its end.
fn held<R: Read>(entry: &mut tar::Entry<'_, R>) -> (Vec<u8>, Option<String>) {
    let size = entry.size();
    let name = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
    let mut bytes = Vec::new();
    let read = entry.by_ref().take(HEAD as u64).read_to_end(&mut bytes).and_then(|_| {
        let limit = match What::of(&name, &bytes) {
            What::IdxImages | What::IdxLabels | What::Cifar => MAX_RAW_BYTES,
            // One byte too many shows that it is too large.
            What::Picture => MAX_FILE_BYTES + 1,
            _ if file_name(&name) == LABELS_FILE => MAX_JSON_BYTES + 1,
            What::CifarPickle | What::Other => return Ok(true),
        };
        let limit = limit.saturating_sub(bytes.len() as u64);
        entry.take(limit).read_to_end(&mut bytes)?;
        bytes.shrink_to_fit();
        Ok(bytes.len() as u64 >= size.min(limit))
    });
    match read {
        Ok(true) => (bytes, None),
        Ok(false) => (bytes, Some("it is cut off".into())),
        Err(error) => (bytes, Some(error.to_string())),
    }
}
