//! From what was seen of two sets to numbers.

use serde_json::Value;

use super::row::Row;
use super::{Comparison, Metric, Opened, Subject};
use crate::error::{Error, Result};
use crate::eval::{
    KidSubsets, NEIGHBOURS, Rows, SPLITS, energy_distance, frechet_distance, inception_score, kid,
    precision_recall,
};
use crate::measure::Seen;

/// Images of published FIDs.
const FID_IMAGES: usize = 50_000;
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
    caution: Option<String>,
}

impl Pair<'_> {
    pub fn rows(&self) -> Result<Vec<Row>> {
        let mut scores = Vec::new();
        for metric in &self.comparison.metrics {
            match metric {
                Metric::Fid if self.opened.named("fid", "") == "fid" => scores.push(self.frechet()?),
                // Once where both names mean the same number.
                Metric::Frechet if !self.asks_twice() => scores.push(self.frechet()?),
                Metric::Kid => scores.push(self.kid()?),
                Metric::InceptionScore if self.opened.extractor.classes() > 0 => scores.push(self.score()?),
                Metric::PrecisionRecall => scores.extend(self.precision_recall()?),
                Metric::Energy => scores.push(self.energy()?),
                Metric::Fid | Metric::Frechet | Metric::InceptionScore | Metric::Idempotence => {}
            }
        }
        let hash = self.subject.hash()?;
        Ok(scores.into_iter().map(|score| self.row(score, &hash)).collect())
    }

    fn asks_twice(&self) -> bool {
        self.opened.named("fid", "") == "fid" && self.comparison.metrics.contains(&Metric::Fid)
    }

    fn frechet(&self) -> Result<Score> {
        let frechet = frechet_distance(&self.seen.gaussian, &self.against.gaussian)?;
        let metric = self.opened.named("fid", "fd");
        let few = self.seen.count < FID_IMAGES && metric == "fid";
        let caution = frechet.caution().or_else(|| {
            few.then(|| {
                format!(
                    "published FIDs are of {FID_IMAGES} images: fewer, as here, give larger numbers, which compare only among themselves"
                )
            })
        });
        Ok(Score {
            metric,
            value: frechet.value,
            spread: None,
            conditions: format!(
                "Fréchet distance of Gaussians fitted to {} numbers an image, covariances over N - 1 in f64, root by eigenvalues, rank {}",
                frechet.dim, frechet.rank
            ),
            caution,
        })
    }

    /// Rows of both sets.
    fn both(&self) -> Result<[&[f32]; 2]> {
        let both = [&self.seen.rows, &self.against.rows];
        if both.iter().any(|rows| rows.is_empty()) {
            return Err(Error::usage(
                "kid, pr and energy compare images one by one: statistics are not enough",
            )
            .hint("give the set of images with --data, or ask for --metrics fd"));
        }
        Ok(both.map(|rows| rows.as_slice()))
    }

    fn dim(&self) -> usize {
        self.opened.extractor.dim()
    }

    fn kid(&self) -> Result<Score> {
        let [a, b] = self.both()?;
        let (most, seed) = (KidSubsets::default(), self.comparison.first_seed);
        let subsets = most.draw(seed, [self.seen.count, self.against.count]);
        let distance = kid(a, b, self.dim(), &subsets)?;
        let size = subsets.first().map_or(0, |[rows, _]| rows.len());
        Ok(Score {
            metric: self.opened.named("kid", "kid"),
            value: distance.mean,
            spread: Some((distance.std, "subsets".into())),
            conditions: format!(
                "kernel (a·b/d + 1)³, unbiased, mean of {} subsets of {size} (seed {seed})",
                subsets.len()
            ),
            caution: (size < most.size)
                .then(|| format!("subsets of {size} images, published kernel distances take {}", most.size)),
        })
    }

    fn score(&self) -> Result<Score> {
        let score = inception_score(&self.seen.logits, self.opened.extractor.classes(), SPLITS)?;
        let each = self.seen.count / SPLITS;
        Ok(Score {
            metric: self.opened.named("is", "is"),
            value: score.mean,
            spread: Some((score.std, "splits".into())),
            conditions: format!("{SPLITS} splits of {each} images"),
            caution: (each < SPLIT_IMAGES).then(|| {
                format!("published inception scores take splits of {SPLIT_IMAGES} images: fewer give smaller numbers")
            }),
        })
    }

    fn precision_recall(&self) -> Result<Vec<Score>> {
        let [a, b] = self.both()?;
        let [generated, real] = [a, b].map(|rows| Rows::new(rows, self.dim()));
        let both = precision_recall(&generated, &real, NEIGHBOURS);
        let conditions = format!("k = {NEIGHBOURS} neighbours, distances in f64");
        let few = self.seen.count <= NEIGHBOURS || self.against.count <= NEIGHBOURS;
        let score = |name: &str, value| Score {
            metric: self.opened.named(name, name),
            value,
            spread: None,
            conditions: conditions.clone(),
            caution: few.then(|| "there are fewer images than neighbours".to_string()),
        };
        Ok(vec![score("precision", both.precision), score("recall", both.recall)])
    }

    fn energy(&self) -> Result<Score> {
        let [a, b] = self.both()?;
        Ok(Score {
            // There is no published energy distance whose name this could take.
            metric: format!("energy_{}", self.opened.extractor.name()),
            value: energy_distance(a, b, self.dim()),
            spread: None,
            conditions: "2 E|X - Y| - E|X - X'| - E|Y - Y'|, unbiased".into(),
            caution: None,
        })
    }

    fn row(&self, score: Score, hash: &str) -> Row {
        let (std, std_of) = score.spread.unzip();
        let cautions = self.against.cautions.iter().cloned().chain(score.caution);
        Row {
            metric: score.metric,
            value: score.value,
            std,
            std_of,
            repeats: Vec::new(),
            subject: self.subject.name.clone(),
            subject_hash: hash.to_string(),
            images: self.seen.count,
            first_seed: self.subject.is_model().then_some(self.first),
            sampling: self.subject.sampling(),
            data: self.data.clone(),
            conditions: score.conditions,
            features: Some(format!("{}: {}", self.opened.extractor.name(), self.opened.extractor.input())),
            features_hash: self.opened.weights.clone(),
            secs: 0.0,
            cautions: cautions.collect(),
        }
    }
}
