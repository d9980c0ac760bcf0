//! A zip of picture files, as EDM's data set tool writes it or as anyone packs a folder.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use zip::ZipArchive;

use super::decode;
use super::labels::{self, Labels};
use super::limits::{MAX_FILE_BYTES, MAX_JSON_BYTES};
use super::plan::Plan;
use super::verify::{self, Collection, Files};
use super::{Dataset, Progress, Report};
use crate::error::{Error, Result};

/// Reads a zip of pictures in sorted-name order, as EDM does. `dataset.json` gives the classes;
/// without it, folders do.
///
/// # Errors
/// A damaged zip, or one that holds no usable picture.
pub fn open(path: &Path, plan: &Plan, progress: Progress<'_>) -> Result<(Dataset, Report)> {
    let mut archive = Archive::open(path)?;
    let mut warnings = Vec::new();
    let (format, labels) = archive.labels(&mut warnings);
    let skipped = std::mem::take(&mut archive.skipped);
    let collection = Collection { path, format, files: &mut archive, labels, skipped, warnings };
    verify::verify(collection, plan, progress)
}

/// An open zip and the files in it that might be pictures.
struct Archive {
    zip: ZipArchive<BufReader<File>>,
    /// Sorted, with `/` between folders.
    names: Vec<String>,
    /// Number of each file within the zip.
    numbers: Vec<usize>,
    /// Bytes as the zip declares them.
    lens: Vec<u64>,
    /// Number of the topmost `dataset.json`, and the folder it lies in.
    json: Option<(usize, String)>,
    /// What is listed but cannot be found.
    skipped: Vec<(String, String)>,
}

impl Archive {
    fn open(path: &Path) -> Result<Self> {
        let file = File::open(path).map_err(|error| Error::io(path, "open", &error))?;
        let damaged = |error: zip::result::ZipError| {
            Error::data(path, format!("this zip is damaged: {error}"))
                .hint("it may have been cut off while copying; copy or download it again")
        };
        let mut zip = ZipArchive::new(BufReader::new(file)).map_err(damaged)?;
        let (mut found, mut skipped) = (Vec::new(), Vec::new());
        let mut json: Option<(usize, String)> = None;
        for number in 0..zip.len() {
            // Raw: neither decrypts nor unpacks.
            let listed = zip.name_for_index(number).unwrap_or_default().to_string();
            let entry = match zip.by_index_raw(number) {
                Ok(entry) => entry,
                Err(error) => {
                    skipped.push((listed, error.to_string()));
                    continue;
                }
            };
            let name = entry.name().replace('\\', "/");
            if let Some(base) = name.strip_suffix("dataset.json")
                && (base.is_empty() || base.ends_with('/'))
                && json.as_ref().is_none_or(|(_, known)| base.len() < known.len())
            {
                json = Some((number, base.to_string()));
            }
            if !entry.is_dir() && !verify::is_clutter(&name) {
                found.push((name, number, entry.size()));
            }
        }
        found.sort();
        let mut archive = Self { zip, names: vec![], numbers: vec![], lens: vec![], json, skipped };
        for (name, number, len) in found {
            archive.names.push(name);
            archive.numbers.push(number);
            archive.lens.push(len);
        }
        Ok(archive)
    }

    fn labels(&mut self, warnings: &mut Vec<String>) -> (&'static str, Option<Labels>) {
        let Some((number, base)) = self.json.clone() else {
            return ("zip", labels::from_folders(&self.names, warnings));
        };
        let labels = match read_entry(&mut self.zip, number, MAX_JSON_BYTES, |_| true) {
            Ok(bytes) => labels::from_json(&bytes, &base, &self.names, warnings),
            Err(reason) => {
                warnings.push(format!("dataset.json is not used: {reason}"));
                None
            }
        };
        ("zip with dataset.json", labels)
    }
}

impl Files for Archive {
    fn names(&self) -> &[String] {
        &self.names
    }

    fn len_bytes(&self, i: usize) -> u64 {
        self.lens[i]
    }

    fn read(&mut self, which: &[usize]) -> Vec<Result<Vec<u8>, String>> {
        let is_picture = |start: &[u8]| decode::sniff(start).is_some();
        which
            .iter()
            .map(|&i| read_entry(&mut self.zip, self.numbers[i], MAX_FILE_BYTES, is_picture))
            .collect()
    }
}

/// Unpacks one file of at most `limit` bytes if `wanted` likes its beginning: a bomb that is no
/// picture is not unpacked at all, and one that is stops at the limit, whatever the zip declares.
fn read_entry(
    zip: &mut ZipArchive<BufReader<File>>,
    number: usize,
    limit: u64,
    wanted: impl Fn(&[u8]) -> bool,
) -> Result<Vec<u8>, String> {
    let entry = zip.by_index(number).map_err(|error| error.to_string())?;
    let mut entry = entry.take(limit + 1);
    let mut bytes = Vec::new();
    entry.by_ref().take(64).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    if !wanted(&bytes) {
        return Err(format!("not a {} picture", decode::FORMATS));
    }
    entry.read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    if bytes.len() as u64 > limit {
        return Err(format!("larger than {} MiB unpacked", limit >> 20));
    }
    Ok(bytes)
}
