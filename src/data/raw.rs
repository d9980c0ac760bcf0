//! Images that come as plain bytes of one size (IDX, CIFAR), made into a data set. They are read in a
//! stream: only those that are used are held.

use std::path::Path;

use rayon::prelude::*;

use super::class_names::name_all;
use super::limits::{MAX_IMAGES, PIECE_BYTES};
use super::pile::Pile;
use super::pixels;
use super::plan::Plan;
use super::{Dataset, Progress, Report};
use crate::error::{Error, Result};

/// The most images between two calls of the progress function.
const PIECE: usize = 8192;

/// One whole image.
#[derive(Clone, Copy)]
pub struct Image<'a> {
    /// C×H×W.
    pub bytes: &'a [u8],
    pub label: Option<u32>,
}

/// What a pass over all images met beside them.
#[derive(Debug, Default)]
pub struct Passed {
    /// Name and reason of images that cannot be used.
    pub skipped: Vec<(String, String)>,
    pub warnings: Vec<String>,
}

/// Images that can be read from their beginning, as often as wanted.
pub trait Records {
    /// "IDX", "CIFAR-10", …
    fn format(&self) -> &'static str;

    /// Channels (1 or 3), width and height (pixels).
    fn shape(&self) -> (usize, usize, usize);

    /// As many as there may be at most.
    fn most(&self) -> usize;

    /// Number of classes, where it is known before the images are read.
    fn classes(&self) -> Option<usize>;

    /// Hands over each whole image in its order, until `take` wants no more.
    ///
    /// # Errors
    /// What `take` returns.
    fn pass(&mut self, take: &mut dyn FnMut(Image<'_>) -> Result<bool>) -> Result<Passed>;
}

/// Reads as many images as the plan wants and fits them to its size.
///
/// # Errors
/// No image at all, or more than memory should hold.
pub fn read(
    path: &Path,
    records: &mut dyn Records,
    class_names: Vec<String>,
    warnings: Vec<String>,
    plan: &Plan,
    progress: Progress<'_>,
) -> Result<(Dataset, Report)> {
    // Which images are chosen depends on how many there are.
    let mut top = records.classes().map(|classes| classes as u64);
    let counted = match plan.limit {
        None => None,
        Some(_) => {
            let mut found = 0;
            let passed = records.pass(&mut |image| {
                found += 1;
                top = top.max(image.label.map(|label| u64::from(label) + 1));
                check_count(path, found)
            })?;
            Some((found, passed))
        }
    };
    let chosen = counted.as_ref().map(|(found, _)| plan.choose(*found).0);
    let expected = chosen.as_ref().map_or_else(|| records.most(), Vec::len);
    let mut taking = Taking {
        shape: records.shape(),
        size: plan.size,
        pile: Pile::new(path, plan.size, chosen.as_ref().map_or(0, Vec::len))?,
        labels: Some(Vec::new()),
        waiting: Vec::new(),
        expected,
    };
    let (mut at, mut wanted) = (0, chosen.map(|chosen| chosen.into_iter().peekable()));
    let passed = records.pass(&mut |image| {
        at += 1;
        let is_wanted = match &mut wanted {
            Some(wanted) => wanted.next_if_eq(&(at - 1)).is_some(),
            None => true,
        };
        if is_wanted {
            top = top.max(image.label.map(|label| u64::from(label) + 1));
            taking.take(image, progress)?;
        }
        // Nothing is unpacked that nobody wants.
        let is_more_wanted = wanted.as_mut().is_none_or(|wanted| wanted.peek().is_some());
        Ok(is_more_wanted && check_count(path, at)?)
    })?;
    taking.fit_waiting(progress)?;
    let (found, passed) = counted.unwrap_or((at, passed));
    let Taking { pile, labels, .. } = taking;
    if pile.count() == 0 {
        let example = passed.skipped.first().map_or(String::new(), |(path, why)| format!(" ({path}: {why})"));
        return Err(Error::data(path, format!("it holds no whole image{example}"))
            .hint("it may have been cut off while copying; copy or download it again"));
    }
    let labels = labels.filter(|labels| labels.len() == pile.count());
    let mut class_names = class_names;
    if labels.is_some() {
        name_all(&mut class_names, top.and_then(|top| u32::try_from(top.checked_sub(1)?).ok()).into_iter());
    }
    let dataset = pile.finish(labels, class_names)?;
    let (_, width, height) = records.shape();
    let (width, height) = padded(width, height);
    let is_resized = (width, height) != (plan.size, plan.size);
    let is_enlarged = width.min(height) < plan.size;
    let mut report = Report::new(records.format(), &dataset);
    report.found = found + passed.skipped.len();
    report.resized = if is_resized { dataset.len() } else { 0 };
    report.enlarged = if is_enlarged { dataset.len() } else { 0 };
    report.skipped = passed.skipped;
    report.warnings = passed.warnings;
    report.warnings.extend(warnings);
    Ok((dataset, report))
}

fn check_count(path: &Path, found: usize) -> Result<bool> {
    if found <= MAX_IMAGES {
        return Ok(true);
    }
    Err(Error::data(path, format!("it holds more than {MAX_IMAGES} images")).hint("give a part of it"))
}

/// Images on their way into the pile.
struct Taking {
    shape: (usize, usize, usize),
    size: usize,
    pile: Pile,
    /// As long as every image has one.
    labels: Option<Vec<u32>>,
    /// Bytes of images that are not fitted yet, one after another.
    waiting: Vec<u8>,
    expected: usize,
}

impl Taking {
    fn take(&mut self, image: Image<'_>, progress: Progress<'_>) -> Result<()> {
        match (&mut self.labels, image.label) {
            (Some(labels), Some(label)) => labels.push(label),
            _ => self.labels = None,
        }
        self.waiting.extend_from_slice(image.bytes);
        let count = self.waiting.len() / image.bytes.len().max(1);
        // What comes out of the fitting is held as well.
        let fitted_len = self.shape.0 * self.size * self.size;
        let is_full = count >= PIECE || count * fitted_len.max(image.bytes.len()) >= PIECE_BYTES;
        if is_full { self.fit_waiting(progress) } else { Ok(()) }
    }

    fn fit_waiting(&mut self, progress: Progress<'_>) -> Result<()> {
        let (channels, width, height) = self.shape;
        let fitted: Vec<Vec<u8>> = self
            .waiting
            .par_chunks_exact(channels * width * height)
            .map(|image| fit(image, width, height, self.size))
            .collect();
        self.waiting.clear();
        for planes in &fitted {
            self.pile.push(channels, planes)?;
        }
        let done = self.pile.count() as u64;
        progress(done, done.max(self.expected.min(MAX_IMAGES - 1) as u64))
    }
}

/// MNIST's 28×28 get a black border of two pixels: 32 halves five times, 28 only twice.
fn padded(width: usize, height: usize) -> (usize, usize) {
    if (width, height) == (28, 28) { (32, 32) } else { (width, height) }
}

fn fit(image: &[u8], width: usize, height: usize, size: usize) -> Vec<u8> {
    let (wide, high) = padded(width, height);
    let (left, top) = ((wide - width) / 2, (high - height) / 2);
    let mut out = Vec::new();
    for plane in image.chunks_exact(width * height) {
        let gray = image::GrayImage::from_fn(wide as u32, high as u32, |x, y| {
            let (x, y) = ((x as usize).wrapping_sub(left), (y as usize).wrapping_sub(top));
            let is_inside = x < width && y < height;
            image::Luma([if is_inside { plane[y * width + x] } else { 0 }])
        });
        out.extend_from_slice(pixels::fit(&gray, size).as_raw());
    }
    out
}
