//! Training images: read from what users have, verified in one pass, held in memory, dealt out in
//! batches.

mod cifar;
mod container;
mod contents;
mod dataset;
mod decode;
mod detect;
mod export;
mod idx;
mod labels;
mod limits;
mod loader;
mod missing;
mod names;
mod pile;
pub mod pixels;
mod plan;
mod png;
mod raw;
mod report;
mod shape;
pub mod synthetic;
mod unpack;
mod verify;
mod what;

pub use dataset::Dataset;
pub use decode::{
    MOST_PIXELS, Photo, Picture, Profile, decode, decode_photo, decode_picture, is_picture, open_photo,
    open_picture,
};
pub use detect::{accepted, check};
pub use export::export_zip;
pub(crate) use limits::MIN_SIDE;
pub use loader::{Batch, Loader};
pub use png::{Png, png_bytes, png_words, save_png};
pub use report::Report;
pub use shape::Shape;

use std::path::Path;

use crate::error::{Error, Result};
pub use crate::interrupt::Progress;
use crate::recipe;
use contents::Contents;
use plan::Plan;

/// Samples of a toy world: more than a network of its size could learn by heart.
const WORLD_SAMPLES: usize = 1 << 17;

/// Opens the images that a recipe names, draws samples of its toy world, or paints the demo set where it
/// names neither. `seed` draws
/// the demo set, and chooses the images where a limit leaves some out.
///
/// # Errors
/// A path that is missing or of no known kind, no usable image, an impossible size or limit. Single
/// files that cannot be used are no error: the report lists them.
pub fn open(source: &recipe::Data, seed: u32, progress: Progress<'_>) -> Result<(Dataset, Report)> {
    if let Some(world) = source.world {
        let dataset = Dataset::of_world(world, seed, source.limit.unwrap_or(WORLD_SAMPLES));
        let report = Report::new("drawn by Signet", &dataset);
        return Ok((dataset, report));
    }
    let plan = Plan::new(source, seed)?;
    let Some(path) = &source.path else {
        return synthetic::open(&plan, progress);
    };
    let (dataset, mut report) = read(path, source.use_labels, &plan, progress)?;
    if source.use_labels && dataset.labels.is_none() {
        let why = match report.warnings.is_empty() {
            true => "sort them into a folder for each class, or give a dataset.json".to_string(),
            false => report.warnings.join("; "),
        };
        return Err(Error::data(path, "the images have no labels")
            .hint(format!("{why}; or leave data.use_labels (--labels) out")));
    }
    report.tell_empty_classes();
    Ok((dataset, report))
}

/// Reads whatever `path` holds.
fn read(path: &Path, needs_labels: bool, plan: &Plan, progress: Progress<'_>) -> Result<(Dataset, Report)> {
    let mut container = detect::open(path)?;
    let mut remarks = container.take_remarks();
    match contents::look(path, &mut *container, &mut remarks.warnings)? {
        Contents::Pictures(pictures) => {
            let labels = labels::of_pictures(&pictures, &mut *container, &mut remarks.warnings);
            let format = match (&pictures.json, container.format()) {
                (Some(_), "zip") => "zip with dataset.json",
                (_, format) => format,
            };
            let files = pictures.files;
            let collection = verify::Collection {
                path,
                format,
                container: &mut *container,
                files,
                labels,
                needs_labels,
                remarks,
            };
            verify::verify(collection, plan, progress)
        }
        Contents::Idx(chosen) => {
            let mut idx = idx::Idx::open(path, &mut *container, chosen, &mut remarks.warnings)?;
            raw::read(path, &mut idx, Vec::new(), remarks.warnings, plan, progress)
        }
        Contents::Cifar(parts) => {
            let mut cifar = cifar::Cifar::open(path, &mut *container, &parts, &mut remarks.warnings)?;
            let class_names = cifar.class_names();
            raw::read(path, &mut cifar, class_names, remarks.warnings, plan, progress)
        }
    }
}

#[cfg(test)]
mod tests;
