//! The one pass over a source of picture files that reads, verifies and fits each of them.

use std::path::Path;

use rayon::prelude::*;

use super::decode::{self, Picture};
use super::labels::Labels;
use super::limits::{CHUNK, CHUNK_BYTES, MAX_FILE_BYTES};
use super::pile::Pile;
use super::plan::Plan;
use super::{Dataset, Progress, Report};
use crate::error::{Error, Result};

/// A collection of files that might be pictures.
pub trait Files {
    /// Names within the collection, sorted, with `/` between folders.
    fn names(&self) -> &[String];

    /// Size of file `i` as far as its container knows, bytes.
    fn len_bytes(&self, i: usize) -> u64;

    /// Contents of some files, or the reason why there is none, in their order.
    fn read(&mut self, which: &[usize]) -> Vec<Result<Vec<u8>, String>>;
}

/// Everything a collection says about itself.
pub struct Collection<'a> {
    pub path: &'a Path,
    pub format: &'static str,
    pub files: &'a mut dyn Files,
    pub labels: Option<Labels>,
    /// What could not even be listed.
    pub skipped: Vec<(String, String)>,
    pub warnings: Vec<String>,
}

/// A picture that is ready for the pile.
struct Fitted {
    channels: usize,
    planes: Vec<u8>,
    resized: bool,
    enlarged: bool,
}

/// Reads a collection into a data set. Files that are no pictures, or broken ones, are skipped and
/// reported; where the recipe limits the number, others take their place.
///
/// # Errors
/// A collection without files, without a usable picture, or too large for memory.
pub fn verify(mut from: Collection<'_>, plan: &Plan, progress: Progress<'_>) -> Result<(Dataset, Report)> {
    let found = from.files.names().len();
    if found == 0 && from.skipped.is_empty() {
        return Err(Error::data(from.path, "there are no files in it").hint(accepted()));
    }
    let (first, spare) = plan.choose(found);
    let mut pass = Pass {
        pile: Pile::new(from.path, plan.size, first.len())?,
        labels: Vec::new(),
        skipped: std::mem::take(&mut from.skipped),
        resized: 0,
        enlarged: 0,
    };
    let wanted = first.len();
    let mut queue = first;
    let mut spare = spare.into_iter();
    let mut done = 0;
    while !queue.is_empty() {
        for chunk in chunks(&queue, from.files) {
            pass.take(&mut from, &chunk, plan.size)?;
            done += chunk.len();
            progress(done as u64, done.max(wanted) as u64)?;
        }
        // Replacements for what was skipped.
        queue = spare.by_ref().take(wanted.saturating_sub(pass.pile.count())).collect();
        queue.sort_unstable();
    }
    pass.finish(from, found)
}

/// The state of the pass.
struct Pass {
    pile: Pile,
    labels: Vec<u32>,
    skipped: Vec<(String, String)>,
    resized: usize,
    enlarged: usize,
}

impl Pass {
    fn take(&mut self, from: &mut Collection<'_>, chunk: &[usize], size: usize) -> Result<()> {
        let contents = from.files.read(chunk);
        let fitted: Vec<Result<Fitted, String>> =
            contents.into_par_iter().map(|bytes| fit(&bytes?, size)).collect();
        for (&i, fitted) in chunk.iter().zip(fitted) {
            let label = match &from.labels {
                Some(labels) => labels.of_file(i).map(Some),
                None => Ok(None),
            };
            match fitted.and_then(|fitted| Ok((fitted, label?))) {
                Ok((fitted, label)) => {
                    self.pile.push(fitted.channels, &fitted.planes)?;
                    self.labels.extend(label);
                    self.resized += usize::from(fitted.resized);
                    self.enlarged += usize::from(fitted.enlarged);
                }
                Err(reason) => self.skipped.push((from.files.names()[i].clone(), reason)),
            }
        }
        Ok(())
    }

    fn finish(self, from: Collection<'_>, found: usize) -> Result<(Dataset, Report)> {
        let found = found.max(self.pile.count() + self.skipped.len());
        if self.pile.count() == 0 {
            let example =
                self.skipped.first().map_or(String::new(), |(path, why)| format!(" ({path}: {why})"));
            let what = format!("none of its {found} files can be used{example}");
            return Err(Error::data(from.path, what).hint(accepted()));
        }
        let (labels, class_names) = match from.labels {
            Some(labels) => (Some(self.labels), labels.class_names),
            None => (None, Vec::new()),
        };
        let dataset = self.pile.finish(labels, class_names)?;
        let mut report = Report::new(from.format, &dataset);
        report.found = found;
        report.skipped = self.skipped;
        report.resized = self.resized;
        report.enlarged = self.enlarged;
        report.warnings = from.warnings;
        Ok((dataset, report))
    }
}

fn fit(bytes: &[u8], size: usize) -> Result<Fitted, String> {
    let picture: Picture = decode::decode(bytes)?;
    let (width, height) = picture.dimensions();
    Ok(Fitted {
        channels: picture.channels(),
        planes: picture.fitted(size),
        resized: (width as usize, height as usize) != (size, size),
        enlarged: (width.min(height) as usize) < size,
    })
}

/// Splits the work so that neither the number nor the bytes of a piece grow large.
fn chunks(queue: &[usize], files: &dyn Files) -> Vec<Vec<usize>> {
    let mut out: Vec<Vec<usize>> = Vec::new();
    let mut bytes = 0;
    for &i in queue {
        // What a file claims beyond the limit will not be read.
        let len = files.len_bytes(i).min(MAX_FILE_BYTES);
        match out.last_mut() {
            Some(chunk) if chunk.len() < CHUNK && bytes + len <= CHUNK_BYTES => {
                chunk.push(i);
                bytes += len;
            }
            _ => {
                out.push(vec![i]);
                bytes = len;
            }
        }
    }
    out
}

fn accepted() -> String {
    format!("give a zip or folder with {} pictures", decode::FORMATS)
}

/// Files that operating systems and tools leave behind, and labels: not pictures, not worth a word.
pub fn is_clutter(name: &str) -> bool {
    let is_hidden = name.split('/').any(|part| part.starts_with('.') || part == "__MACOSX");
    let file = name.rsplit('/').next().unwrap_or(name);
    is_hidden || ["dataset.json", "Thumbs.db", "desktop.ini"].contains(&file)
}
