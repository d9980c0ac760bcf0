//! A recipe's images, wherever they come from.

use std::path::Path;

use super::contents::{self, Contents};
use super::plan::Plan;
use super::{Dataset, Report, cifar, detect, idx, labels, raw, synthetic, verify};
use crate::error::{Error, Result};
use crate::interrupt::Progress;
use crate::recipe;

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
    report.warnings.extend(dataset.sameness());
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
