//! Images that come as plain bytes of one size (IDX, CIFAR), made into a data set.

use std::path::Path;

use rayon::prelude::*;

use super::labels::name_all;
use super::pile::Pile;
use super::pixels;
use super::plan::Plan;
use super::{Dataset, Progress, Report};
use crate::error::{Error, Result};

/// Images between two calls of the progress function.
const PIECE: usize = 8192;

/// N×C×H×W bytes and what their file said about them.
pub struct Raw<'a> {
    pub path: &'a Path,
    pub format: &'static str,
    /// 1 or 3.
    pub channels: usize,
    /// Pixels.
    pub width: usize,
    pub height: usize,
    pub pixels: Vec<u8>,
    pub labels: Option<Vec<u32>>,
    pub class_names: Vec<String>,
    pub skipped: Vec<(String, String)>,
    pub warnings: Vec<String>,
}

/// Chooses as many images as the plan wants and fits them to its size.
///
/// # Errors
/// No image at all, or more than memory should hold.
pub fn finish(raw: Raw<'_>, plan: &Plan, progress: Progress<'_>) -> Result<(Dataset, Report)> {
    let image_len = raw.channels * raw.width * raw.height;
    let found = raw.pixels.len().checked_div(image_len).unwrap_or(0);
    if found == 0 {
        let example = raw.skipped.first().map_or(String::new(), |(path, why)| format!(" ({path}: {why})"));
        return Err(Error::data(raw.path, format!("it holds no whole image{example}"))
            .hint("it may have been cut off while copying; copy or download it again"));
    }
    let (chosen, _) = plan.choose(found);
    let mut pile = Pile::new(raw.path, plan.size, chosen.len())?;
    for (n, piece) in chosen.chunks(PIECE).enumerate() {
        let fitted: Vec<Vec<u8>> = piece
            .par_iter()
            .map(|&i| fit(&raw.pixels[i * image_len..(i + 1) * image_len], &raw, plan.size))
            .collect();
        for planes in &fitted {
            pile.push(raw.channels, planes)?;
        }
        progress((n * PIECE + piece.len()) as u64, chosen.len() as u64)?;
    }
    let labels = raw.labels.as_ref().map(|labels| chosen.iter().map(|&i| labels[i]).collect());
    let mut class_names = raw.class_names;
    name_all(&mut class_names, raw.labels.iter().flatten().copied());
    let dataset = pile.finish(labels, class_names)?;
    let (width, height) = padded(raw.width, raw.height);
    let is_resized = (width, height) != (plan.size, plan.size);
    let is_enlarged = width.min(height) < plan.size;
    let mut report = Report::new(raw.format, &dataset);
    report.found = found + raw.skipped.len();
    report.resized = if is_resized { dataset.len() } else { 0 };
    report.enlarged = if is_enlarged { dataset.len() } else { 0 };
    report.skipped = raw.skipped;
    report.warnings = raw.warnings;
    Ok((dataset, report))
}

/// MNIST's 28×28 get a black border of two pixels: 32 halves five times, 28 only twice.
fn padded(width: usize, height: usize) -> (usize, usize) {
    if (width, height) == (28, 28) { (32, 32) } else { (width, height) }
}

fn fit(bytes: &[u8], raw: &Raw<'_>, size: usize) -> Vec<u8> {
    let (width, height) = padded(raw.width, raw.height);
    let (left, top) = ((width - raw.width) / 2, (height - raw.height) / 2);
    let mut out = Vec::with_capacity(raw.channels * size * size);
    for plane in bytes.chunks_exact(raw.width * raw.height) {
        let gray = image::GrayImage::from_fn(width as u32, height as u32, |x, y| {
            let (x, y) = ((x as usize).wrapping_sub(left), (y as usize).wrapping_sub(top));
            let is_inside = x < raw.width && y < raw.height;
            image::Luma([if is_inside { plane[y * raw.width + x] } else { 0 }])
        });
        out.extend_from_slice(pixels::fit(&gray, size).as_raw());
    }
    out
}
