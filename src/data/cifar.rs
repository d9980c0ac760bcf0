//! CIFAR's binary version: label bytes and 3×32×32 pixels a record, in files of a tar or a folder.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::limits::MAX_RAW_BYTES;
use super::plan::Plan;
use super::raw::{self, Raw};
use super::unpack;
use super::{Dataset, Progress, Report};
use crate::error::{Error, Result};

const SIDE: usize = 32;
const IMAGE_LEN: usize = 3 * SIDE * SIDE;

/// CIFAR-10's classes, in the order of their numbers.
const CIFAR10: [&str; 10] =
    ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"];

/// One of the two sets.
struct Kind {
    name: &'static str,
    /// Label bytes before each image; the last of them counts.
    label_bytes: usize,
    classes: u8,
    /// Beginnings of the names of files for training and of the file for testing.
    train: &'static str,
    test: &'static str,
}

const KINDS: [Kind; 2] = [
    Kind { name: "CIFAR-10", label_bytes: 1, classes: 10, train: "data_batch_", test: "test_batch." },
    // A coarse label and a fine one.
    Kind { name: "CIFAR-100", label_bytes: 2, classes: 100, train: "train.", test: "test." },
];

/// A file of records.
struct Part {
    name: String,
    bytes: Vec<u8>,
}

/// Whether a file's name (without folders) is that of a file of records.
pub fn is_part(name: &str) -> bool {
    name.ends_with(".bin")
        && KINDS.iter().any(|kind| name.starts_with(kind.train) || name.starts_with(kind.test))
}

/// Reads CIFAR from its `.tar.gz`, from the folder it unpacks to, or from one of its files. Test
/// images are used only where there are none for training.
///
/// # Errors
/// No file of records, or none with a usable one; the Python version, which is a pickle.
pub fn open(path: &Path, plan: &Plan, progress: Progress<'_>) -> Result<(Dataset, Report)> {
    let mut warnings = Vec::new();
    let mut parts = if path.is_dir() {
        parts_of_folder(path)?
    } else if path.file_name().is_some_and(|name| is_part(&name.to_string_lossy())) {
        vec![part(path)?]
    } else {
        parts_of_tar(path, &mut warnings)?
    };
    parts.sort_by(|a, b| a.name.cmp(&b.name));
    let is_test = |kind: &Kind, part: &Part| part.name.starts_with(kind.test);
    let is_train = |kind: &Kind, part: &Part| part.name.starts_with(kind.train);
    let kind = KINDS
        .iter()
        .find(|kind| parts.iter().any(|part| is_train(kind, part) || is_test(kind, part)))
        .ok_or_else(|| no_records(path))?;
    if parts.iter().any(|part| is_train(kind, part)) {
        parts.retain(|part| is_train(kind, part));
    } else {
        parts.retain(|part| is_test(kind, part));
        warnings.push("these are the test images: there are none for training here".into());
    }
    raw::finish(records(path, kind, parts, warnings), plan, progress)
}

fn records<'a>(path: &'a Path, kind: &Kind, parts: Vec<Part>, mut warnings: Vec<String>) -> Raw<'a> {
    let record_len = kind.label_bytes + IMAGE_LEN;
    let (mut pixels, mut labels, mut skipped) = (Vec::new(), Vec::new(), Vec::new());
    for part in parts {
        let records = part.bytes.chunks_exact(record_len);
        if !records.remainder().is_empty() {
            warnings.push(format!("{} ends in the middle of an image", part.name));
        }
        for (i, record) in records.enumerate() {
            let (label, image) = record.split_at(kind.label_bytes);
            let label = label.last().copied().unwrap_or(u8::MAX);
            if label < kind.classes {
                labels.push(u32::from(label));
                pixels.extend_from_slice(image);
            } else {
                skipped.push((format!("{} image {i}", part.name), format!("there is no class {label}")));
            }
        }
    }
    let class_names = if kind.classes == 10 { CIFAR10.map(String::from).to_vec() } else { Vec::new() };
    Raw {
        path,
        format: kind.name,
        channels: 3,
        width: SIDE,
        height: SIDE,
        pixels,
        labels: Some(labels),
        class_names,
        skipped,
        warnings,
    }
}

fn part(path: &Path) -> Result<Part> {
    let file = File::open(path).map_err(|error| Error::io(path, "open", &error))?;
    let (bytes, error) = unpack::read_most(&mut { file }, MAX_RAW_BYTES);
    match error {
        Some(error) => Err(Error::data(path, format!("could not read: {error}"))),
        None => Ok(Part { name: path.file_name().unwrap_or_default().to_string_lossy().into_owned(), bytes }),
    }
}

fn parts_of_folder(path: &Path) -> Result<Vec<Part>> {
    let entries = std::fs::read_dir(path).map_err(|error| Error::io(path, "list the folder", &error))?;
    entries
        .filter_map(|entry| entry.ok())
        .filter(|entry| is_part(&entry.file_name().to_string_lossy()))
        .map(|entry| part(&entry.path()))
        .collect()
}

/// The files of records of a tar. One that is cut off gives what is whole and a warning.
fn parts_of_tar(path: &Path, warnings: &mut Vec<String>) -> Result<Vec<Part>> {
    // The limit bounds what a bomb can unpack to, wanted or skipped.
    let mut tar = tar::Archive::new(unpack::reader(path)?.take(MAX_RAW_BYTES));
    let entries = tar.entries().map_err(|error| Error::io(path, "read the tar", &error))?;
    let mut parts = Vec::new();
    for entry in entries {
        let mut entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                warnings.push(format!("the archive ends early or is damaged: {error}"));
                break;
            }
        };
        let inside = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let name = inside.rsplit('/').next().unwrap_or(&inside).to_string();
        if !is_part(&name) {
            if name.starts_with("data_batch_") {
                return Err(no_records(path));
            }
            continue;
        }
        let (bytes, error) = unpack::read_most(&mut entry, MAX_RAW_BYTES);
        let is_short = (bytes.len() as u64) < entry.size();
        parts.push(Part { name, bytes });
        if error.is_some() || is_short {
            let why = error.unwrap_or_else(|| "it is cut off".into());
            warnings.push(format!("the archive ends early or is damaged: {why}"));
            break;
        }
    }
    Ok(parts)
}

fn no_records(path: &Path) -> Error {
    Error::data(path, "it holds no CIFAR images in the binary version")
        .hint("give cifar-10-binary.tar.gz; the Python version is a pickle, which is never executed")
}
