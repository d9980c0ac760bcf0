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
pub use row::{Row, table};
pub use subject::{Images, Subject};

use crate::error::{Error, Result};
use crate::measure::{INCEPTION, inception_wanted, see};
pub use crate::measure::{Opened, Source, Wanted, Watch, open};

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
        let inception = extractors.iter().any(|e| e.extractor.name() == INCEPTION);
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
        let images = subject.images(self.count, first, watch)?;
        let keeps = self.metrics.iter().any(|metric| metric.needs_rows());
        let mut rows = Vec::new();
        for opened in extractors {
            let what = format!("features of {}", subject.name);
            let seen = see(opened, images.view(), keeps, &what, watch)?;
            let against = reference.seen(opened, images.side, self.count, keeps, watch)?;
            let data = reference.described(images.side, self.count)?;
            let (seen, against) = (&seen, &*against);
            let pair = scores::Pair { comparison: self, opened, seen, against, subject, data, first };
            rows.extend(pair.rows()?);
        }
        let secs = clock.elapsed().as_secs_f64();
        rows.iter_mut().for_each(|row| row.secs = secs);
        Ok(rows)
    }
}
