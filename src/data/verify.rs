//! The one pass over a source of picture files that reads, verifies and fits each of them.

use std::path::Path;

use rayon::prelude::*;

use super::container::{Container, Remarks};
use super::decode;
use super::labels::Labels;
use super::limits::{CHUNK, PIECE_BYTES};
use super::pile::Pile;
use super::plan::Plan;
use super::{Dataset, Progress, Report};
use crate::error::{Error, Result};

/// Everything a collection says about itself.
pub struct Collection<'a> {
    pub path: &'a Path,
    pub format: &'static str,
    pub container: &'a mut dyn Container,
    /// The files that might be pictures, in the order of their names.
    pub files: Vec<usize>,
    /// The classes of `files`.
    pub labels: Option<Labels>,
    /// Whether it is no use without labels.
    pub needs_labels: bool,
    pub remarks: Remarks,
}

/// Images without a label that are named; the rest is counted.
const UNLABELLED_SHOWN: usize = 3;

/// A picture that is ready for the pile.
struct Fitted {
    channels: usize,
    planes: Vec<u8>,
    resized: bool,
    enlarged: bool,
    /// Its numbers mean other colours than sRGB's.
    profiled: bool,
}

/// Reads a collection into a data set. Files that are no pictures, or broken ones, are skipped and
/// reported; where the recipe limits the number, others take their place. If a picture has no label, none
/// has: a picture counts for more than the labels of others.
///
/// # Errors
/// A collection without files, without a usable picture, too large for memory, or without the labels that it
/// needs.
pub fn verify(mut from: Collection<'_>, plan: &Plan, progress: Progress<'_>) -> Result<(Dataset, Report)> {
    let found = from.files.len();
    if found == 0 && from.remarks.skipped.is_empty() {
        let why = from.remarks.warnings.first().map_or(String::new(), |why| format!(": {why}"));
        return Err(Error::data(from.path, format!("there are no files in it{why}")).hint(accepted()));
    }
    let (first, spare) = plan.choose(found);
    let mut pass = Pass {
        pile: Pile::new(from.path, plan.size, first.len())?,
        used: Vec::new(),
        skipped: std::mem::take(&mut from.remarks.skipped),
        resized: 0,
        enlarged: 0,
        profiled: 0,
    };
    // What comes out of the fitting is held as well as what goes in.
    let most = CHUNK.min(PIECE_BYTES / (3 * plan.size * plan.size)).max(1);
    let wanted = first.len();
    let mut queue = first;
    let mut spare = spare.into_iter();
    let mut done = 0;
    while !queue.is_empty() {
        let mut rest = queue.as_slice();
        while !rest.is_empty() {
            let read = pass.take(&mut from, &rest[..most.min(rest.len())], plan.size)?;
            rest = &rest[read..];
            done += read;
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
    /// The pictures in the pile, as places in the list of files.
    used: Vec<usize>,
    skipped: Vec<(String, String)>,
    resized: usize,
    enlarged: usize,
    profiled: usize,
}

impl Pass {
    /// Takes the first pictures of a queue, as many as memory should hold at a time, and says how many.
    fn take(&mut self, from: &mut Collection<'_>, queue: &[usize], size: usize) -> Result<usize> {
        let numbers: Vec<usize> = queue.iter().map(|&at| from.files[at]).collect();
        let contents = from.container.read(&numbers);
        let read = contents.len();
        let fitted: Vec<Result<Fitted, String>> =
            contents.into_par_iter().map(|bytes| fit(&bytes?, size)).collect();
        for (&at, fitted) in queue.iter().zip(fitted) {
            match fitted {
                Ok(fitted) => {
                    self.pile.push(fitted.channels, &fitted.planes)?;
                    self.used.push(at);
                    self.resized += usize::from(fitted.resized);
                    self.enlarged += usize::from(fitted.enlarged);
                    self.profiled += usize::from(fitted.profiled);
                }
                Err(reason) => {
                    self.skipped.push((from.container.names()[from.files[at]].clone(), reason));
                }
            }
        }
        Ok(read)
    }

    fn finish(self, mut from: Collection<'_>, found: usize) -> Result<(Dataset, Report)> {
        let found = found.max(self.pile.count() + self.skipped.len());
        if self.pile.count() == 0 {
            let example =
                self.skipped.first().map_or(String::new(), |(path, why)| format!(" ({path}: {why})"));
            let what = format!("none of its {found} files can be used{example}");
            return Err(Error::data(from.path, what).hint(accepted()));
        }
        let (labels, class_names) = match from.labels.take() {
            Some(labels) => match self.labels(&labels) {
                Ok(of_image) => (Some(of_image), labels.class_names),
                Err(unlabelled) => {
                    self.tell_unlabelled(&mut from, &unlabelled)?;
                    (None, Vec::new())
                }
            },
            None => (None, Vec::new()),
        };
        let dataset = self.pile.finish(labels, class_names)?;
        let mut report = Report::new(from.format, &dataset);
        report.found = found;
        report.skipped = self.skipped;
        report.resized = self.resized;
        report.enlarged = self.enlarged;
        report.warnings = from.remarks.warnings;
        if self.profiled > 0 {
            report.warnings.push(format!(
                "{} of {} pictures have a colour profile other than sRGB: their numbers are taken as they are",
                self.profiled, report.used
            ));
        }
        Ok((dataset, report))
    }

    /// The class of each picture of the pile, or which have none.
    fn labels(&self, labels: &Labels) -> Result<Vec<u32>, Vec<usize>> {
        let of = |at: usize| labels.of_file.get(at).copied().flatten();
        let unlabelled: Vec<usize> = self.used.iter().copied().filter(|&at| of(at).is_none()).collect();
        if unlabelled.is_empty() {
            Ok(self.used.iter().filter_map(|&at| of(at)).collect())
        } else {
            Err(unlabelled)
        }
    }

    fn tell_unlabelled(&self, from: &mut Collection<'_>, unlabelled: &[usize]) -> Result<()> {
        let name = |&at: &usize| from.container.names()[from.files[at]].clone();
        let shown: Vec<String> = unlabelled.iter().take(UNLABELLED_SHOWN).map(name).collect();
        let more = if unlabelled.len() > shown.len() { ", …" } else { "" };
        let what = format!(
            "{} of {} images have no class ({}{more})",
            unlabelled.len(),
            self.pile.count(),
            shown.join(", ")
        );
        if from.needs_labels {
            return Err(Error::data(from.path, what).hint(
                "give them one in dataset.json, take them out, or leave data.use_labels (--labels) out",
            ));
        }
        from.remarks.warnings.push(format!("{what}: all images are used, without labels"));
        Ok(())
    }
}

fn fit(bytes: &[u8], size: usize) -> Result<Fitted, String> {
    decode::with(bytes, |decode::Decoded { picture, profile, .. }| {
        let (width, height) = picture.dimensions();
        Fitted {
            channels: picture.channels(),
            planes: picture.fitted(size),
            resized: (width as usize, height as usize) != (size, size),
            enlarged: (width.min(height) as usize) < size,
            profiled: profile.as_ref().is_some_and(|profile| !profile.is_srgb()),
        }
    })
}

fn accepted() -> String {
    format!("give a folder, zip or tar with {} pictures", decode::FORMATS)
}
