//! Sets of images against each other: what models make, or images on disk, against a reference. Every
//! number comes with all that it depends on.

mod floor;
mod idempotence;
mod metric;
mod nearest;
mod reference;
mod row;
mod scores;
mod subject;

pub use floor::halves;
pub use metric::Metric;
pub use nearest::{Nearest, nearest};
pub use reference::Reference;
pub use row::{Row, conditions, table};
pub use subject::{Images, Subject};

use crate::error::{Error, Result};
use crate::eval::SPLITS;
pub use crate::measure::{Opened, Source, Wanted, Watch, open};
use crate::measure::{inception_wanted, see};

/// What is asked for.
#[derive(Clone, Debug)]
pub struct Comparison {
    pub metrics: Vec<Metric>,
    /// Images of every set.
    pub count: usize,
    /// First seed of the samples, and of the draws within metrics.
    pub first_seed: u32,
    /// Times that samples are made anew, each with the seeds after the last one's.
    pub repeats: u32,
}

impl Comparison {
    /// # Errors
    /// `Kind::Usage` where a metric cannot be had from what is given.
    pub fn check(&self, subjects: &[Subject], extractors: &[Opened]) -> Result<()> {
        let inception = extractors.iter().any(|e| e.extractor.is_fid());
        if self.metrics.contains(&Metric::Fid) && !inception {
            return Err(inception_wanted());
        }
        let classes = extractors.iter().any(|e| e.extractor.classes() > 0);
        if self.metrics.contains(&Metric::InceptionScore) && !classes {
            return Err(Error::usage(
                "an inception score needs a classifier, and no features given know classes",
            )
            .hint("add --features with a classifier's weights"));
        }
        if self.metrics.contains(&Metric::InceptionScore) && self.count < SPLITS {
            return Err(Error::usage(format!(
                "an inception score in {SPLITS} splits needs {SPLITS} images or more"
            ))
            .hint("raise --n, or leave is out of --metrics"));
        }
        let features = self.metrics.iter().any(|metric| metric.needs_features());
        for (i, opened) in extractors.iter().enumerate().filter(|_| features) {
            let name = opened.extractor.name();
            if !self.metrics.iter().any(|metric| metric.can_have(opened)) {
                return Err(Error::usage(format!("none of the metrics asked for can be had of {name}"))
                    .hint("leave these --features out, or add fd to --metrics"));
            }
            if extractors[..i].iter().any(|other| other.extractor.name() == name) {
                return Err(Error::usage(format!("two of the features are called {name}"))
                    .hint("measure them one after the other: their numbers would have one name"));
            }
        }
        let idempotence = self.metrics.contains(&Metric::Idempotence);
        if idempotence && !subjects.iter().any(Subject::is_sign) {
            return Err(Error::usage("there is no SIGN model here, and only its f can be idempotent")
                .hint("leave idem out of --metrics, or give a SIGN model"));
        }
        Ok(())
    }

    /// All numbers of one subject.
    ///
    /// # Errors
    /// What goes wrong with the images or the device.
    pub fn of(
        &self,
        subject: &Subject,
        reference: &mut Reference,
        extractors: &[Opened],
        watch: Watch<'_>,
    ) -> Result<Vec<Row>> {
        let mut rows = Vec::new();
        if self.metrics.iter().any(|metric| metric.needs_features()) {
            let repeats = if subject.is_model() { self.repeats.max(1) } else { 1 };
            let mut each = Vec::new();
            for repeat in 0..repeats {
                each.push(self.once(subject, repeat, reference, extractors, watch)?);
            }
            rows.extend(row::over_repeats(each));
        }
        if self.metrics.contains(&Metric::Idempotence) {
            rows.extend(idempotence::rows(self, subject, reference, watch)?);
        }
        Ok(rows)
    }

    fn once(
        &self,
        subject: &Subject,
        repeat: u32,
        reference: &mut Reference,
        extractors: &[Opened],
        watch: Watch<'_>,
    ) -> Result<Vec<Row>> {
        let clock = std::time::Instant::now();
        let first = repeat.checked_mul(self.count as u32).and_then(|n| n.checked_add(self.first_seed));
        let first = first.ok_or_else(|| Error::usage("the seeds run past the largest one"))?;
        let keeps = self.metrics.iter().any(|metric| metric.needs_rows());
        let shape = subject.shape();
        // What is wrong with the reference shows before hours of sampling.
        for opened in extractors {
            reference.seen(opened, shape, self.count, keeps, watch)?;
        }
        let images = subject.images(self.count, first, watch)?;
        let mut rows = Vec::new();
        for opened in extractors {
            let what = format!("features of {}", subject.name);
            let seen = see(opened, images.view(), keeps, &what, watch)?;
            let against = reference.seen(opened, shape, self.count, keeps, watch)?;
            let data = reference.described(shape[1], &against)?;
            let (seen, against) = (&seen, &*against);
            let pair = scores::Pair { comparison: self, opened, seen, against, subject, data, first };
            rows.extend(pair.rows()?);
        }
        let secs = clock.elapsed().as_secs_f64();
        rows.iter_mut().for_each(|row| row.secs = secs);
        Ok(rows)
    }
}
