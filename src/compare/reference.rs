//! What subjects are held against: a set of images, or statistics of one in a file.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::subject::Images;
use super::{Opened, Watch};
use crate::data::Dataset;
use crate::error::{Error, Result};
use crate::eval::{Origin, read_statistics, write_statistics};
use crate::measure::{Seen, see};

/// Opens the set with images of a side.
type Opener<'a> = Box<dyn FnMut(usize) -> Result<Dataset> + 'a>;

/// The reference; what was worked out once is kept, for it takes as long as a subject's own.
pub struct Reference<'a> {
    kind: Kind<'a>,
    seen: HashMap<(String, usize), Rc<Seen>>,
}

enum Kind<'a> {
    Set { open: Opener<'a>, sets: HashMap<usize, Rc<Dataset>> },
    Statistics(PathBuf),
}

impl<'a> Reference<'a> {
    /// A set that `open` opens at any side.
    pub fn set(open: impl FnMut(usize) -> Result<Dataset> + 'a) -> Self {
        Self { kind: Kind::Set { open: Box::new(open), sets: HashMap::new() }, seen: HashMap::new() }
    }

    /// Mean and covariance in a numpy archive.
    pub fn statistics(path: PathBuf) -> Self {
        Self { kind: Kind::Statistics(path), seen: HashMap::new() }
    }

    /// The set with images of `side`.
    ///
    /// # Errors
    /// `Kind::Usage` where there are only statistics.
    pub fn dataset(&mut self, side: usize) -> Result<Rc<Dataset>> {
        match &mut self.kind {
            Kind::Statistics(path) => {
                Err(Error::usage("this needs the images themselves, not their statistics")
                    .at(path)
                    .hint("give the set of images with --data"))
            }
            Kind::Set { open, sets } => {
                if let Some(set) = sets.get(&side) {
                    return Ok(set.clone());
                }
                let set = Rc::new(open(side)?);
                sets.insert(side, set.clone());
                Ok(set)
            }
        }
    }

    /// Whether there are images, not only statistics.
    pub fn has_images(&self) -> bool {
        matches!(self.kind, Kind::Set { .. })
    }

    /// Where the reference comes from, for the conditions of a number.
    pub(super) fn described(&mut self, side: usize, count: usize) -> Result<serde_json::Value> {
        if let Kind::Statistics(path) = &self.kind {
            return Ok(serde_json::json!({ "statistics": path.display().to_string() }));
        }
        let set = self.dataset(side)?;
        Ok(serde_json::json!({
            "name": set.name, "images": count.min(set.len()), "hash": set.hash, "size": set.size,
        }))
    }

    /// What an extractor sees of `count` images of `side`.
    pub(super) fn seen(
        &mut self,
        opened: &Opened,
        side: usize,
        count: usize,
        keep_rows: bool,
        watch: Watch<'_>,
    ) -> Result<Rc<Seen>> {
        let key = (opened.extractor.name(), side);
        if let Some(seen) = self.seen.get(&key) {
            return Ok(seen.clone());
        }
        let seen = if let Kind::Statistics(path) = &self.kind {
            Rc::new(of_file(path, opened)?)
        } else {
            let set = self.dataset(side)?;
            let images = Images::of(&set, set.spread(count));
            Rc::new(see(opened, images.view(), keep_rows, "features of the reference", watch)?)
        };
        self.seen.insert(key, seen.clone());
        Ok(seen)
    }

    /// Writes mean and covariance of the features of `count` images of `side`.
    pub fn save(
        &mut self,
        path: &Path,
        opened: &Opened,
        side: usize,
        count: usize,
        watch: Watch<'_>,
    ) -> Result<()> {
        let set = self.dataset(side)?;
        let seen = self.seen(opened, side, count, false, watch)?;
        let origin = Origin {
            features: opened.extractor.name(),
            input: opened.extractor.input(),
            weights: opened.weights.clone(),
            count: seen.count,
            images: set.hash.clone(),
        };
        write_statistics(path, &seen.gaussian, &origin)
    }
}

/// Statistics of a file, held to what the extractor is.
fn of_file(path: &Path, opened: &Opened) -> Result<Seen> {
    let (gaussian, origin) = read_statistics(path)?;
    let extractor = &opened.extractor;
    let other = |what: String| {
        Error::data(path, what).hint("a reference and what is measured against it need the same features")
    };
    if gaussian.dim() != extractor.dim() {
        return Err(other(format!(
            "the reference has features of {} numbers, those of {} have {}",
            gaussian.dim(),
            extractor.name(),
            extractor.dim()
        )));
    }
    let mut cautions = Vec::new();
    match &origin {
        None => cautions.push(format!(
            "{} does not say which features and images it was made of: only their number fits",
            path.display()
        )),
        Some(origin) => {
            let same = origin.features == extractor.name()
                && origin.input == extractor.input()
                && origin.weights == opened.weights;
            if !same {
                return Err(other(format!(
                    "the reference was made with the features of {} ({}, weights {}), not of {} ({}, weights {})",
                    origin.features,
                    origin.input,
                    origin.weights.as_deref().unwrap_or("none"),
                    extractor.name(),
                    extractor.input(),
                    opened.weights.as_deref().unwrap_or("none"),
                )));
            }
        }
    }
    let count = gaussian.count.unwrap_or(0);
    Ok(Seen { count, gaussian, rows: Vec::new(), logits: Vec::new(), cautions })
}
