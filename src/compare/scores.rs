//! From what was seen of two sets to numbers.

use serde_json::Value;

use super::row::Row;
use super::{Comparison, Metric, Opened, Subject};
use crate::error::{Error, Kind, Result};
use crate::eval::{
    KidSubsets, NEIGHBOURS, Rows, SPLITS, energy_distance, frechet_distance, inception_score, kid,
    precision_recall,
};
use crate::measure::{Seen, frechet_cautions};

/// Images of a split of published inception scores.
const SPLIT_IMAGES: usize = 5000;

/// A subject and the reference under one extractor.
pub struct Pair<'a> {
    pub comparison: &'a Comparison,
    pub opened: &'a Opened,
    pub seen: &'a Seen,
    pub against: &'a Seen,
    pub subject: &'a Subject,
    pub data: Value,
    /// First seed of the samples.
    pub first: u32,
}

/// A number before it knows where it comes from.
struct Score {
    metric: String,
    value: f64,
    spread: Option<(f64, String)>,
    conditions: String,
    cautions: Vec<String>,
}

impl Score {
    /// # Errors
    /// `Kind::Diverged` where it is no number: features may be so large that their products are not finite.
    fn check(&self) -> Result<()> {
        let is_number = self.value.is_finite() && self.spread.as_ref().is_none_or(|(std, _)| std.is_finite());
        if is_number {
            return Ok(());
        }
        Err(Error::new(Kind::Diverged, format!("{} cannot be measured: it is not finite", self.metric))
            .hint("the features or the images are out of all range: are their weights right?"))
    }
}

impl Pair<'_> {
    pub fn rows(&self) -> Result<Vec<Row>> {
        let mut scores = Vec::new();
        for metric in self.comparison.metrics.iter().filter(|metric| metric.can_have(self.opened)) {
            match metric {
                Metric::Fid => scores.push(self.frechet()?),
                // Once where both names mean the same number.
                Metric::Frechet if !self.asks_twice() => scores.push(self.frechet()?),
                Metric::Kid => scores.push(self.kid()?),
                Metric::InceptionScore => scores.push(self.score()?),
                Metric::PrecisionRecall => scores.extend(self.precision_recall()?),
                Metric::Energy => scores.push(self.energy()?),
                Metric::Frechet | Metric::Idempotence => {}
            }
        }
        scores.iter().try_for_each(Score::check)?;
        let hash = self.subject.hash()?;
        Ok(scores.into_iter().map(|score| self.row(score, &hash)).collect())
    }

    fn asks_twice(&self) -> bool {
        self.opened.extractor.is_fid() && self.comparison.metrics.contains(&Metric::Fid)
    }

    fn frechet(&self) -> Result<Score> {
        let frechet = frechet_distance(&self.seen.gaussian, &self.against.gaussian)?;
        Ok(Score {
            metric: self.opened.named("fid", "fd"),
            value: frechet.value,
            spread: None,
            conditions: format!(
                "Fréchet distance of Gaussians fitted to {} numbers an image, covariances over N - 1 in f64, root by eigenvalues, rank {}",
                frechet.dim, frechet.rank
            ),
            cautions: frechet_cautions(&frechet, self.opened, self.images()),
        })
    }

    /// Rows of both sets.
    fn both(&self) -> [&[f32]; 2] {
        [&self.seen.rows, &self.against.rows].map(|rows| rows.as_slice())
    }

    /// Images of the subject.
    fn images(&self) -> usize {
        self.seen.count.unwrap_or(0)
    }

    /// Sets of other sizes than asked for, or than each other: most distances depend on them.
    fn uneven(&self) -> Option<String> {
        let (own, asked) = (self.images(), self.comparison.count);
        match self.against.count {
            Some(other) if other != own => Some(format!(
                "{own} images against {other}: a distance depends on how many there are on each side"
            )),
            _ if own < asked => Some(format!("there are only {own} images of the {asked} asked for")),
            _ => None,
        }
    }

    fn dim(&self) -> usize {
        self.opened.extractor.dim()
    }

    fn kid(&self) -> Result<Score> {
        let [a, b] = self.both();
        let (most, seed) = (KidSubsets::default(), self.comparison.first_seed);
        let subsets = most.draw(seed, [a, b].map(|rows| rows.len() / self.dim().max(1)));
        let distance = kid(a, b, self.dim(), &subsets)?;
        let size = subsets.first().map_or(0, |[rows, _]| rows.len());
        Ok(Score {
            metric: self.opened.named("kid", "kid"),
            value: distance.mean,
            spread: (subsets.len() > 1).then(|| (distance.std, "subsets".into())),
            conditions: format!(
                "kernel (a·b/d + 1)³, unbiased, mean of {} subsets of {size} (seed {seed})",
                subsets.len()
            ),
            cautions: (size < most.size)
                .then(|| format!("subsets of {size} images, published kernel distances take {}", most.size))
                .into_iter()
                .collect(),
        })
    }

    fn score(&self) -> Result<Score> {
        let score = inception_score(&self.seen.logits, self.opened.extractor.classes(), SPLITS)?;
        let each = self.images() / SPLITS;
        Ok(Score {
            metric: self.opened.named("is", "is"),
            value: score.mean,
            spread: Some((score.std, "splits".into())),
            conditions: format!("{SPLITS} splits of {each} images"),
            cautions: (each < SPLIT_IMAGES)
                .then(|| {
                    format!(
                        "published inception scores take splits of {SPLIT_IMAGES} images: fewer give smaller numbers"
                    )
                })
                .into_iter()
                .collect(),
        })
    }

    fn precision_recall(&self) -> Result<[Score; 2]> {
        let [generated, real] = self.both();
        let [generated, real] = [Rows::new(generated, self.dim())?, Rows::new(real, self.dim())?];
        let both = precision_recall(&generated, &real, NEIGHBOURS);
        let few = generated.count().min(real.count()) <= NEIGHBOURS;
        let score = |name: &str, value| Score {
            metric: self.opened.named(name, name),
            value,
            spread: None,
            conditions: format!("k = {NEIGHBOURS} neighbours, distances in f64"),
            cautions: few.then(|| "there are fewer images than neighbours".to_string()).into_iter().collect(),
        };
        Ok([score("precision", both.precision), score("recall", both.recall)])
    }

    fn energy(&self) -> Result<Score> {
        let [a, b] = self.both();
        Ok(Score {
            // There is no published energy distance whose name this could take.
            metric: format!("energy_{}", self.opened.extractor.name()),
            value: energy_distance(a, b, self.dim())?,
            spread: None,
            conditions: "2 E|X - Y| - E|X - X'| - E|Y - Y'|, unbiased".into(),
            cautions: Vec::new(),
        })
    }

    fn row(&self, score: Score, hash: &str) -> Row {
        let (std, std_of) = score.spread.unzip();
        let shared = self.against.cautions.iter().cloned().chain(self.uneven());
        Row {
            metric: score.metric,
            value: score.value,
            std,
            std_of,
            repeats: Vec::new(),
            subject: self.subject.name.clone(),
            subject_hash: hash.to_string(),
            images: self.images(),
            first_seed: self.subject.is_model().then_some(self.first),
            sampling: self.subject.sampling(),
            data: self.data.clone(),
            conditions: score.conditions,
            features: Some(format!("{}: {}", self.opened.extractor.name(), self.opened.extractor.input())),
            features_hash: self.opened.weights.clone(),
            secs: 0.0,
            cautions: shared.chain(score.cautions).collect(),
        }
    }
}
