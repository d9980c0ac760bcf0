//! What subjects are held against: a set of images, or statistics of one in a file.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::subject::Images;
use super::{Opened, Watch};
use crate::data::Dataset;
use crate::error::{Error, Result};
use crate::eval::features::{PIXEL_SIDE, pixel_dim};
use crate::eval::{Origin, Statistics, read_statistics, write_statistics};
use crate::measure::{Seen, see};
use crate::train;

/// Opens the set with images of a side.
type Opener<'a> = Box<dyn FnMut(usize) -> Result<Dataset> + 'a>;

/// The reference; what was worked out once is kept, for it takes as long as a subject's own.
pub struct Reference<'a> {
    kind: Kind<'a>,
    seen: HashMap<Key, Rc<Seen>>,
}

/// Extractor, its weights and input, channels and side of the images, and how many.
type Key = (String, Option<String>, String, [usize; 2], usize);

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
    pub(super) fn described(&mut self, side: usize, seen: &Seen) -> Result<serde_json::Value> {
        if let Kind::Statistics(path) = &self.kind {
            let origin = read_statistics(path)?.origin;
            return Ok(serde_json::json!({
                "statistics": path.display().to_string(),
                "statistics_hash": train::fingerprint(path)?,
                "images": seen.count,
                "hash": origin.map(|origin| origin.images),
            }));
        }
        let set = self.dataset(side)?;
        Ok(serde_json::json!({
            "name": set.name, "images": seen.count, "hash": set.hash, "size": set.size,
        }))
    }

    /// The same where no features were looked at.
    ///
    /// # Errors
    /// `Kind::Usage` where there are only statistics.
    pub(super) fn described_images(&mut self, side: usize) -> Result<serde_json::Value> {
        let set = self.dataset(side)?;
        Ok(serde_json::json!({ "name": set.name, "hash": set.hash, "size": set.size }))
    }

    /// What an extractor sees of `count` images of a shape: channels and side.
    pub(super) fn seen(
        &mut self,
        opened: &Opened,
        shape: [usize; 2],
        count: usize,
        keep_rows: bool,
        watch: Watch<'_>,
    ) -> Result<Rc<Seen>> {
        let extractor = &opened.extractor;
        let key = (extractor.name(), opened.weights.clone(), extractor.input(), shape, count);
        let known = self.seen.get(&key).filter(|seen| !keep_rows || !seen.rows.is_empty());
        if let Some(seen) = known {
            return Ok(seen.clone());
        }
        let seen = if let Kind::Statistics(path) = &self.kind {
            if keep_rows {
                return Err(Error::usage(
                    "kid, pr and energy compare images one by one: statistics are not enough",
                )
                .at(path)
                .hint("give the set of images with --data, or ask for --metrics fd"));
            }
            Rc::new(of_file(path, opened, shape)?)
        } else {
            let set = self.dataset(shape[1])?;
            let images = Images::of(&set, set.spread(count));
            Rc::new(see(opened, images.view(), keep_rows, "features of the reference", watch)?)
        };
        self.seen.insert(key, seen.clone());
        Ok(seen)
    }

    /// Writes mean and covariance of the features of `count` images; gives how many there were.
    ///
    /// # Errors
    /// `Kind::Usage` where there are only statistics; `Kind::Io`.
    pub fn save(
        &mut self,
        path: &Path,
        opened: &Opened,
        shape: [usize; 2],
        count: usize,
        watch: Watch<'_>,
    ) -> Result<usize> {
        let set = self.dataset(shape[1])?;
        let seen = self.seen(opened, shape, count, false, watch)?;
        let origin = Origin {
            features: opened.extractor.name(),
            input: opened.extractor.input(),
            weights: opened.weights.clone(),
            count: seen.count.unwrap_or(0),
            images: set.hash.clone(),
            shape: [set.channels, set.size],
        };
        write_statistics(path, &seen.gaussian, &origin)?;
        Ok(origin.count)
    }
}

/// Statistics of a file, held to what the extractor is.
fn of_file(path: &Path, opened: &Opened, shape: [usize; 2]) -> Result<Seen> {
    let Statistics { gaussian, origin, mut cautions } = read_statistics(path)?;
    let extractor = &opened.extractor;
    let other = |what: String| {
        Error::data(path, what).hint("a reference and what is measured against it need the same features")
    };
    if gaussian.dim() != extractor.dim() {
        let error = other(format!(
            "the reference has features of {} numbers, those of {} have {}",
            gaussian.dim(),
            extractor.name(),
            extractor.dim()
        ));
        return Err(match makers(gaussian.dim()) {
            Some(makers) => {
                error.hint(format!("features of {} numbers are made by {makers}", gaussian.dim()))
            }
            None => error,
        });
    }
    cautions.iter_mut().for_each(|caution| *caution = format!("{}: {caution}", path.display()));
    match &origin {
        None => cautions.push(format!(
            "{} does not say which features and images it was made of: only their number fits",
            path.display()
        )),
        Some(origin) => {
            if origin.shape != shape {
                let [channels, side] = origin.shape;
                cautions.push(format!(
                    "{} was made of images of {channels}×{side}×{side}, these are {}×{}×{}",
                    path.display(),
                    shape[0],
                    shape[1],
                    shape[1]
                ));
            }
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
    Ok(Seen { count: gaussian.count, gaussian, rows: Vec::new(), logits: Vec::new(), cautions })
}

/// Which of the features that are known make so many numbers of an image.
fn makers(dim: usize) -> Option<String> {
    let mut makers = Vec::new();
    if dim == 2048 {
        makers.push("Inception (--features pt_inception-2015-12-05-6726825d.pth)".to_string());
    }
    for (channels, colours) in [(1, "gray"), (3, "RGB")] {
        if dim == pixel_dim(channels, PIXEL_SIDE) {
            makers.push(format!("pixel, of {colours} images of {PIXEL_SIDE} pixels or more (--size)"));
        } else if dim == pixel_dim(channels, PIXEL_SIDE / 2) {
            makers.push(format!("pixel, of {colours} images of {} pixels (--size)", PIXEL_SIDE / 2));
        }
    }
    if dim == 256 {
        makers.push("random (--features random)".into());
    }
    if dim == 64 {
        makers.push("a CIFAR-10 ResNet (--features FILE.safetensors)".into());
    }
    (!makers.is_empty()).then(|| makers.join("; "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_names_the_features_that_have_it() {
        for (dim, word) in
            [(2048, "Inception"), (768, "RGB images of 16"), (192, "of 8"), (256, "random"), (64, "ResNet")]
        {
            assert!(makers(dim).is_some_and(|makers| makers.contains(word)), "{dim}");
        }
        assert_eq!(makers(5), None);
    }
}
