//! What was found in a source of images, what was used, and what was not and why.

use std::fmt;

use super::Dataset;
use super::pixels::FILTER_NAME;
use crate::words::on_one_line;

/// Skipped files that are listed by name; the rest is counted.
const SKIPPED_SHOWN: usize = 10;

/// Classes that are listed by name; the rest is counted.
const CLASSES_SHOWN: usize = 12;

/// The outcome of reading a data set.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// Name of the data set.
    pub name: String,
    /// Kind of source: "zip", "folder", …
    pub format: &'static str,
    /// Images (or files that might have been images) in the source.
    pub found: usize,
    /// Images in the data set.
    pub used: usize,
    /// Path and reason of everything that could not be used.
    pub skipped: Vec<(String, String)>,
    /// Images that had another size, cropped to the middle square and resized.
    pub resized: usize,
    /// Those of them that were smaller than asked for.
    pub enlarged: usize,
    /// Filter of the resizing.
    pub filter: &'static str,
    /// 1 (gray) or 3 (RGB).
    pub channels: usize,
    /// Side, pixels.
    pub size: usize,
    /// Name and images of each class; empty without labels.
    pub classes: Vec<(String, usize)>,
    /// Fingerprint of the data set.
    pub hash: String,
    /// What the user should know: labels that could not be read, a file that ends early.
    pub warnings: Vec<String>,
}

impl Report {
    /// The report of a data set that was used as it was found.
    pub fn new(format: &'static str, dataset: &Dataset) -> Self {
        let classes = dataset.class_names.iter().cloned().zip(dataset.class_counts()).collect();
        Self {
            name: dataset.name.clone(),
            format,
            found: dataset.len(),
            used: dataset.len(),
            skipped: Vec::new(),
            resized: 0,
            enlarged: 0,
            filter: FILTER_NAME,
            channels: dataset.channels,
            size: dataset.size,
            classes,
            hash: dataset.hash.clone(),
            warnings: Vec::new(),
        }
    }

    /// Tells of classes that no image is of: they are neither drawn nor measured.
    pub fn tell_empty_classes(&mut self) {
        let empty: Vec<&str> =
            self.classes.iter().filter(|(_, count)| *count == 0).map(|(name, _)| name.as_str()).collect();
        if empty.is_empty() {
            return;
        }
        let shown = empty.iter().take(CLASSES_SHOWN).copied().collect::<Vec<_>>().join(", ");
        let more = if empty.len() > CLASSES_SHOWN { ", …" } else { "" };
        self.warnings.push(format!(
            "{} of {} classes have no image ({shown}{more}): none is sampled or measured of them",
            empty.len(),
            self.classes.len()
        ));
    }

    /// Images that the recipe's limit left out.
    pub fn beyond_limit(&self) -> usize {
        self.found.saturating_sub(self.used + self.skipped.len())
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let size = self.size;
        let colour = if self.channels == 1 { "gray" } else { "RGB" };
        write!(f, "{}: {}, {} images", on_one_line(&self.name), self.format, thousands(self.used))?;
        write!(f, " of {size}×{size} {colour}, fingerprint {}", self.hash)?;
        if self.resized > 0 {
            let n = thousands(self.resized);
            write!(f, "\n  resized: {n} ({} of the middle square)", self.filter)?;
        }
        if self.enlarged > 0 {
            let n = thousands(self.enlarged);
            write!(f, "\n  enlarged: {n} of them had fewer than {size}×{size} pixels")?;
        }
        if self.beyond_limit() > 0 {
            write!(f, "\n  left out: {} beyond the limit", thousands(self.beyond_limit()))?;
        }
        self.write_classes(f)?;
        for warning in &self.warnings {
            write!(f, "\n  warning: {warning}")?;
        }
        self.write_skipped(f)
    }
}

impl Report {
    fn write_classes(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.classes.is_empty() {
            return write!(f, "\n  classes: none");
        }
        let shown: Vec<String> = self
            .classes
            .iter()
            .take(CLASSES_SHOWN)
            .map(|(name, n)| format!("{} ({n})", on_one_line(name)))
            .collect();
        write!(f, "\n  classes: {}: {}", self.classes.len(), shown.join(", "))?;
        match self.classes.len().saturating_sub(CLASSES_SHOWN) {
            0 => Ok(()),
            more => write!(f, " and {more} more"),
        }
    }

    fn write_skipped(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.skipped.is_empty() {
            return Ok(());
        }
        write!(f, "\n  skipped: {} of {}", thousands(self.skipped.len()), thousands(self.found))?;
        for (path, reason) in self.skipped.iter().take(SKIPPED_SHOWN) {
            write!(f, "\n    {}: {reason}", on_one_line(path))?;
        }
        match self.skipped.len().saturating_sub(SKIPPED_SHOWN) {
            0 => Ok(()),
            more => write!(f, "\n    and {} more", thousands(more)),
        }
    }
}

/// A number with commas: 50000 is "50,000".
fn thousands(n: usize) -> String {
    let digits = n.to_string();
    let mut out = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_names_the_first_and_counts_the_rest() {
        let dataset =
            Dataset::new("cats", 3, 8, vec![0; 192 * 2], Some(vec![0, 1]), vec!["tabby".into()]).unwrap();
        let mut report = Report::new("folder", &dataset);
        report.found = 1400;
        report.skipped = (0..13).map(|i| (format!("{i}.png"), "not a picture".into())).collect();
        report.warnings.push("the labels file is missing".into());
        let text = report.to_string();
        assert_eq!(report.beyond_limit(), 1385);
        assert!(text.starts_with("cats: folder, 2 images of 8×8 RGB"), "{text}");
        for part in
            ["1,385 beyond", "2: tabby (1), 1 (1)", "13 of 1,400", "9.png: not", "and 3 more", "warning: the"]
        {
            assert!(text.contains(part), "{part} in {text}");
        }
        assert!(!text.contains("10.png"));
    }

    #[test]
    fn numbers_are_readable() {
        assert_eq!([0, 999, 1000, 1_234_567].map(thousands), ["0", "999", "1,000", "1,234,567"]);
    }
}
