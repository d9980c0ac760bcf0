//! A report for a terminal: the same values as in its file.

use std::fmt::{self, Display, Formatter};

use super::job::Extent;
use super::report::{Outcome, PartRecord, Report};
use super::timing::Timing;
use crate::bench::measurement::{ratio, seconds};
use crate::words;

impl Display for Report {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        head(self, f)?;
        for (title, rows) in sections(self) {
            if rows.len() > 1 {
                write!(f, "\n{title}\n{}", indented(&words::table(&rows)))?;
            }
        }
        not_measured(self, f)
    }
}

fn head(report: &Report, f: &mut Formatter<'_>) -> fmt::Result {
    let features = report.cargo_features.join(", ");
    let quick = if report.extent == Extent::Quick { ", quick" } else { "" };
    writeln!(
        f,
        "signet {} ({features}), {} {}, {} CPU threads, {}{quick}",
        report.version, report.operating_system, report.architecture, report.cpu_threads, report.date
    )?;
    if !report.optimised_build {
        writeln!(f, "this build is not optimised: its times mean nothing")?;
    }
    writeln!(f, "\nAdapters")?;
    if report.adapters.is_empty() {
        writeln!(f, "  none")?;
    }
    for adapter in &report.adapters {
        writeln!(f, "  {adapter}, {:04x}:{:04x}", adapter.vendor_id, adapter.device_id)?;
        writeln!(f, "          {}", adapter.abilities())?;
        writeln!(f, "          workgroups a dimension {}", adapter.max_workgroups_per_dimension)?;
    }
    for advice in &report.advice {
        writeln!(f, "  - {advice}")?;
    }
    match &report.device {
        Some(device) => writeln!(f, "\nDevice\n  {}: {}", device.name, device.reason),
        None => writeln!(f, "\nDevice\n  none was opened"),
    }
}

type Rows = Vec<Vec<String>>;

/// Titles and tables, each with a first row of names.
fn sections(report: &Report) -> Vec<(&'static str, Rows)> {
    let tests = report.self_tests.iter().map(|test| {
        let error = test.max_relative_error.map_or_else(|| "-".into(), |error| format!("{error:.1e}"));
        let verdict = if test.passed { "ok" } else { "FAILED" };
        vec![
            verdict.to_string(),
            test.device.clone(),
            test.operation.clone(),
            error,
            format!("{:.0e}", test.tolerance),
            test.failure.clone().unwrap_or_default(),
        ]
    });
    let copies = report.copies.iter().map(|copy| {
        let mut row = vec![copy.name.clone(), words::memory(copy.buffer_bytes)];
        row.extend(times(&copy.timing));
        row.push(words::value(copy.gigabytes_per_second));
        row
    });
    let products = report.products.iter().map(|product| {
        let mut row = vec![format!("{0} × {0}", product.side)];
        row.extend(times(&product.timing));
        row.push(words::value(product.gigaflops_per_second));
        row
    });
    let convolutions = report.convolutions.iter().map(|convolution| {
        let mut row = vec![convolution.operation.clone(), format!("{:?}", convolution.input_shape)];
        row.extend(times(&convolution.timing));
        row.push(words::value(convolution.gigaflops_per_second));
        row
    });
    let kernels = report.kernels.iter().map(|kernel| {
        let mut row = vec![kernel.name.clone()];
        row.extend(times(&kernel.timing));
        row.extend([
            seconds(kernel.first_seconds),
            known(kernel.gigabytes_per_second, words::value),
            known(kernel.share_of_copy, |share| format!("{:.0} %", 100.0 * share)),
            kernel.times_faster_than_composed.as_ref().map_or_else(String::new, ratio),
        ]);
        row
    });
    let steps = report.steps.iter().map(|step| {
        let mut row = vec![step.name.clone(), batch(step.batch)];
        row.extend(times(&step.timing));
        row.extend([
            words::value(step.steps_per_second),
            known(step.images_per_second, words::value),
            seconds(step.first_seconds),
            step.host_peak_bytes.map_or_else(|| "-".into(), words::memory),
        ]);
        row
    });
    let counts = report.counts.iter().map(|count| {
        let each = &count.each;
        vec![
            count.name.clone(),
            batch(count.batch),
            format!("{:.1}", each.host_waits),
            format!("{:.1}", each.submissions),
            format!("{:.1}", each.dispatches),
            format!("{:.1}", each.copies),
            format!("{:.1}", each.uploaded_bytes / 1e3),
            format!("{:.1}", each.read_bytes),
            words::memory(each.peak_device_bytes),
        ]
    });
    let torch = report.beside_torch.iter().map(|one| {
        vec![
            one.name.clone(),
            batch(one.batch),
            seconds(one.signet_median_seconds),
            seconds(one.torch_median_seconds),
            ratio(&one.times_faster_than_torch),
            one.rounds.first().and_then(|round| round.device.clone()).unwrap_or_default(),
        ]
    });
    vec![
        ("Self-tests", under(&["", "device", "operation", "error", "of", ""], tests)),
        ("Copies", under(&["", "buffer", "median", "min .. max", "GB/s"], copies)),
        ("Products of matrices", under(&["", "median", "min .. max", "GFLOP/s"], products)),
        ("Convolutions, 3×3", under(&["", "images", "median", "min .. max", "GFLOP/s"], convolutions)),
        (
            "Kernels",
            under(
                &["", "median", "min .. max", "first", "GB/s", "of copy", "times faster than composed"],
                kernels,
            ),
        ),
        (
            "Training steps",
            under(
                &["", "batch", "median", "min .. max", "steps/s", "images/s", "first", "host memory"],
                steps,
            ),
        ),
        (
            "What a step asks for",
            under(
                &[
                    "",
                    "batch",
                    "waits",
                    "submissions",
                    "dispatches",
                    "copies",
                    "uploaded kB",
                    "read bytes",
                    "device memory",
                ],
                counts,
            ),
        ),
        ("Beside PyTorch", under(&["", "batch", "signet", "torch", "times faster", "torch's device"], torch)),
    ]
}

fn under(names: &[&str], rows: impl Iterator<Item = Vec<String>>) -> Rows {
    let names: Vec<String> = names.iter().map(|name| (*name).to_string()).collect();
    std::iter::once(names).chain(rows).collect()
}

fn times(timing: &Timing) -> [String; 2] {
    let spread = format!("{} .. {}", seconds(timing.min_seconds), seconds(timing.max_seconds));
    [seconds(timing.median_seconds), spread]
}

fn known(value: Option<f64>, words: impl Fn(f64) -> String) -> String {
    value.map_or_else(|| "-".into(), words)
}

fn batch(images: Option<usize>) -> String {
    images.map_or_else(|| "-".into(), |images| images.to_string())
}

fn indented(lines: &str) -> String {
    lines.lines().map(|line| format!("  {line}\n")).collect()
}

/// What is missing, and why.
fn not_measured(report: &Report, f: &mut Formatter<'_>) -> fmt::Result {
    let is_whole = |part: &&PartRecord| part.outcome == Outcome::Measured;
    if report.parts.iter().all(|part| is_whole(&part)) {
        return writeln!(f, "\nEverything was measured, in {}", words::duration(report.elapsed_seconds));
    }
    writeln!(f, "\nNot measured")?;
    for part in report.parts.iter().filter(|part| !is_whole(part)) {
        let why = part.reason.clone().unwrap_or_else(|| match part.outcome {
            Outcome::Waiting => "its turn has not come".into(),
            Outcome::Running => "it had not ended".into(),
            _ => "in part".into(),
        });
        writeln!(f, "  {}: {}", part.name, words::on_one_line(&why))?;
        for trouble in &part.troubles {
            writeln!(f, "    {}: {}", trouble.item, words::on_one_line(&trouble.reason))?;
        }
    }
    Ok(())
}
