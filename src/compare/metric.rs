//! What can be measured.

use std::str::FromStr;

use crate::measure::Opened;

/// A family of numbers; features give them their full names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Metric {
    /// Fréchet distance on Inception's features, and on no others.
    Fid,
    /// Fréchet distance on whatever features are given.
    Frechet,
    Kid,
    InceptionScore,
    PrecisionRecall,
    Energy,
    /// How far f is from leaving its own images and real ones alone; of SIGN models.
    Idempotence,
}

const NAMES: [(&str, Metric); 7] = [
    ("fid", Metric::Fid),
    ("fd", Metric::Frechet),
    ("kid", Metric::Kid),
    ("is", Metric::InceptionScore),
    ("pr", Metric::PrecisionRecall),
    ("energy", Metric::Energy),
    ("idem", Metric::Idempotence),
];

impl Metric {
    pub fn names() -> String {
        NAMES.map(|(name, _)| name).join(", ")
    }

    pub(super) fn needs_features(self) -> bool {
        self != Metric::Idempotence
    }

    /// Whether it can be had of these features.
    pub(super) fn can_have(self, opened: &Opened) -> bool {
        match self {
            Metric::Fid => opened.extractor.is_fid(),
            Metric::InceptionScore => opened.extractor.classes() > 0,
            Metric::Idempotence => false,
            Metric::Frechet | Metric::Kid | Metric::PrecisionRecall | Metric::Energy => true,
        }
    }

    /// Whether every image's features are needed, not only their mean and covariance.
    pub(super) fn needs_rows(self) -> bool {
        matches!(self, Metric::Kid | Metric::PrecisionRecall | Metric::Energy)
    }
}

impl FromStr for Metric {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = NAMES.iter().find(|(name, _)| *name == text);
        found.map(|(_, metric)| *metric).ok_or_else(|| format!("the metrics are {}", Metric::names()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read() {
        assert_eq!("pr".parse(), Ok(Metric::PrecisionRecall));
        assert!("fod".parse::<Metric>().is_err_and(|e| e.contains("kid, is")));
    }
}
