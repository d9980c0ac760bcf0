//! What a benchmark came to, as JSON and as a table.

use std::fmt::Write;

use serde::Serialize;

use super::benchmark::Benchmark;
use super::clock::Subject;
use super::{Conditions, Spread};
use crate::gpu::Opened;

/// One measured thing under its conditions.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Measurement {
    pub name: String,
    pub device: String,
    pub shape: String,
    /// Images; none where nothing is an image.
    pub batch: Option<usize>,
    /// Timed passes behind the median.
    pub repeats: usize,
    /// Seconds of one step, one batch of samples or one kernel.
    pub median_secs: f64,
    pub min_secs: f64,
    pub max_secs: f64,
    /// At the median.
    pub images_per_sec: Option<f64>,
    /// Seconds from nothing to the end of the first pass: networks are built, kernels compiled and tuned
    /// unless an earlier benchmark of the process did.
    pub first_secs: f64,
    /// Most host memory of the process meanwhile; none where the system does not tell, and of pairs.
    pub peak_memory_bytes: Option<u64>,
    /// Against what was measured in turn with it.
    pub speedup: Option<Speedup>,
    #[serde(flatten)]
    pub conditions: Conditions,
}

/// How many times faster than another: of the times of each turn.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Speedup {
    pub over: String,
    #[serde(flatten)]
    pub times: Spread,
}

/// The measurements of a benchmark's members.
pub(super) fn of(
    benchmark: &Benchmark,
    subjects: &[Subject],
    opened: &Opened,
    peak_memory_bytes: Option<u64>,
    conditions: &Conditions,
) -> Vec<Measurement> {
    let name = |i: usize| match benchmark.members.get(i).and_then(|m| m.variant) {
        Some(variant) => format!("{}/{variant}", benchmark.name),
        None => benchmark.name.clone(),
    };
    let measurement = |(i, subject): (usize, &Subject)| {
        let each: Vec<f64> = subject.secs.iter().map(|s| s / benchmark.times_a_pass as f64).collect();
        let Spread { median, min, max } = Spread::of(&each);
        // The first member against the second.
        let other = subjects.get(1).filter(|_| i == 0).map(|other| {
            let turns = other.secs.iter().zip(&subject.secs);
            let times: Vec<f64> = turns.map(|(theirs, ours)| theirs / ours).collect();
            Speedup { over: name(1), times: Spread::of(&times) }
        });
        Measurement {
            name: name(i),
            device: opened.name.clone(),
            shape: benchmark.shape.clone(),
            batch: benchmark.images,
            repeats: each.len(),
            median_secs: median,
            min_secs: min,
            max_secs: max,
            images_per_sec: benchmark.images.map(|images| images as f64 / median),
            first_secs: subject.first_secs,
            peak_memory_bytes,
            speedup: other,
            conditions: conditions.clone(),
        }
    };
    subjects.iter().enumerate().map(measurement).collect()
}

/// Measurements as lines for a terminal.
pub fn table(measurements: &[Measurement]) -> String {
    let wide = measurements.iter().map(|m| m.name.chars().count()).max().unwrap_or(0).max(4);
    let mut text = format!(
        "{:wide$} {:>5} {:>9} {:>21} {:>9} {:>9} {:>9}  {}\n",
        "name", "batch", "median", "min .. max", "images/s", "first", "peak", "times faster (min .. max)"
    );
    for m in measurements {
        let batch = m.batch.map_or_else(|| "-".into(), |b| b.to_string());
        let spread = format!("{} .. {}", seconds(m.min_secs), seconds(m.max_secs));
        let rate = m.images_per_sec.map_or_else(|| "-".into(), per_second);
        let peak =
            m.peak_memory_bytes.map_or_else(|| "-".into(), |b| format!("{:.0} MiB", b as f64 / 1_048_576.0));
        let faster = m.speedup.as_ref().map_or_else(String::new, |s| ratio(&s.times));
        let line = format!(
            "{:wide$} {batch:>5} {:>9} {spread:>21} {rate:>9} {:>9} {peak:>9}  {faster}",
            m.name,
            seconds(m.median_secs),
            seconds(m.first_secs)
        );
        // Writing into a string cannot fail.
        let _ = writeln!(text, "{}", line.trim_end());
    }
    text
}

/// Images a second: a decimal where it says something.
fn per_second(rate: f64) -> String {
    if rate < 100.0 { format!("{rate:.2}") } else { format!("{rate:.0}") }
}

/// `2.31 (2.20 .. 2.40)`.
pub(super) fn ratio(times: &Spread) -> String {
    format!("{:.2} ({:.2} .. {:.2})", times.median, times.min, times.max)
}

/// Three digits and a unit: `1.23 s`, `45.6 ms`, `789 µs`.
pub(super) fn seconds(secs: f64) -> String {
    let (value, unit) = match secs {
        s if s >= 1.0 => (s, "s"),
        s if s >= 1e-3 => (s * 1e3, "ms"),
        s => (s * 1e6, "µs"),
    };
    match value {
        v if v >= 100.0 => format!("{v:.0} {unit}"),
        v if v >= 10.0 => format!("{v:.1} {unit}"),
        v => format!("{v:.2} {unit}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_have_a_unit_that_suits_them() {
        let said = [123.4, 1.0, 0.0456, 0.000_789, 1.2e-6].map(seconds);
        assert_eq!(said, ["123 s", "1.00 s", "45.6 ms", "789 µs", "1.20 µs"]);
    }
}
