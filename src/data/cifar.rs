//! CIFAR's binary version: label bytes and 3×32×32 pixels a record, in files of a tar, a zip or a folder.

use std::io::Read;
use std::path::Path;

use super::container::Container;
use super::limits::MAX_IMAGES;
use super::names::file_name;
use super::raw::{Image, Passed, Records};
use super::what::{CIFAR10_PARTS, CIFAR100_PARTS};
use crate::error::{Error, Result};

const SIDE: usize = 32;
const IMAGE_LEN: usize = 3 * SIDE * SIDE;

/// CIFAR-10's classes, in the order of their numbers.
const CIFAR10: [&str; 10] =
    ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"];

/// One of the two sets.
#[derive(Debug, PartialEq)]
struct Kind {
    name: &'static str,
    /// Label bytes before each image; the last of them counts.
    label_bytes: usize,
    classes: u8,
    /// Beginnings of the names of files for training and of the file for testing.
    parts: [&'static str; 2],
}

const KINDS: [Kind; 2] = [
    Kind { name: "CIFAR-10", label_bytes: 1, classes: 10, parts: CIFAR10_PARTS },
    // A coarse label and a fine one.
    Kind { name: "CIFAR-100", label_bytes: 2, classes: 100, parts: CIFAR100_PARTS },
];

/// The files of records of one of the sets.
pub struct Cifar<'a> {
    container: &'a mut dyn Container,
    kind: &'static Kind,
    /// In the order of their names.
    parts: Vec<usize>,
}

impl<'a> Cifar<'a> {
    /// Takes the files for training, and those for testing only where there are none.
    ///
    /// # Errors
    /// No file of records among `parts`.
    pub fn open(
        path: &Path,
        container: &'a mut dyn Container,
        parts: &[usize],
        warnings: &mut Vec<String>,
    ) -> Result<Self> {
        let name = |i: usize| file_name(&container.names()[i]).to_string();
        let of = |which: usize, kind: &Kind| -> Vec<usize> {
            let mut of: Vec<usize> =
                parts.iter().copied().filter(|&i| name(i).starts_with(kind.parts[which])).collect();
            of.sort_by_key(|&i| (name(i), i));
            // Two copies of a file are one file.
            of.dedup_by_key(|i| name(*i));
            of
        };
        let train = KINDS.iter().map(|kind| (kind, of(0, kind)));
        let test = KINDS.iter().map(|kind| (kind, of(1, kind)));
        let (kind, parts) =
            train.chain(test).find(|(_, parts)| !parts.is_empty()).ok_or_else(|| no_records(path))?;
        if name(parts[0]).starts_with(kind.parts[1]) {
            warnings.push("these are the test images: there are none for training here".into());
        }
        Ok(Self { container, kind, parts })
    }

    pub fn class_names(&self) -> Vec<String> {
        if self.kind.classes == 10 { CIFAR10.map(String::from).to_vec() } else { Vec::new() }
    }
}

impl Records for Cifar<'_> {
    fn format(&self) -> &'static str {
        self.kind.name
    }

    fn shape(&self) -> (usize, usize, usize) {
        (3, SIDE, SIDE)
    }

    fn most(&self) -> usize {
        MAX_IMAGES
    }

    fn classes(&self) -> Option<usize> {
        None
    }

    fn pass(&mut self, take: &mut dyn FnMut(Image<'_>) -> Result<bool>) -> Result<Passed> {
        let mut passed = Passed::default();
        for &i in &self.parts {
            let name = file_name(&self.container.names()[i]).to_string();
            let mut goes_on = Ok(true);
            let opened = self.container.with(i, &mut |from| {
                goes_on = part(from, &name, self.kind, &mut passed, take);
            });
            if let Err(reason) = opened {
                passed.skipped.push((name, reason));
            }
            if !goes_on? {
                break;
            }
        }
        Ok(passed)
    }
}

/// Passes the records of one file, and says whether more are wanted.
fn part(
    from: &mut dyn Read,
    name: &str,
    kind: &Kind,
    passed: &mut Passed,
    take: &mut dyn FnMut(Image<'_>) -> Result<bool>,
) -> Result<bool> {
    let mut from = std::io::BufReader::with_capacity(1 << 16, from);
    let mut record = Vec::new();
    let record_len = kind.label_bytes + IMAGE_LEN;
    for i in 0.. {
        record.clear();
        let read = from.by_ref().take(record_len as u64).read_to_end(&mut record);
        if let Err(error) = read {
            passed.warnings.push(format!("{name} cannot be read to its end: {error}"));
            break;
        }
        if record.is_empty() {
            break;
        }
        if record.len() < record_len {
            passed.warnings.push(format!("{name} ends in the middle of an image"));
            break;
        }
        let (label, bytes) = record.split_at(kind.label_bytes);
        let label = label.last().copied().unwrap_or(u8::MAX);
        if label >= kind.classes {
            passed.skipped.push((format!("{name} image {i}"), format!("there is no class {label}")));
        } else if !take(Image { bytes, label: Some(u32::from(label)) })? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The error for CIFAR that cannot be read.
pub fn no_records(path: &Path) -> Error {
    Error::data(path, "it holds no CIFAR images in the binary version")
        .hint("give cifar-10-binary.tar.gz; the Python version is a pickle, which is never executed")
}
