//! From case to case: each is run by the driver of its kind, and one that fails hides no other.

use std::any::Any;
use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::time::Instant;

use burn::tensor::Device;

use crate::case::Case;
use crate::report::Report;
use crate::{
    adam, augment, data_zip, fid, gaussian_toy, inventory, kid_pr_is, net, ops, pickle, sampler, schedules,
    sid_loss, sid_networks, sid_trace,
};

/// Times the CPU's tolerance that a GPU may err.
const GPU_SLACK: f64 = 10.0;

/// Runs a case if it belongs to the program so far and has something to do with the device.
pub fn run(case: &Case, device: &Device, on_gpu: bool) -> Result<Report, String> {
    Ok(match case.kind() {
        "adam_ema" => adam::run(case, device),
        "augment" => augment::run(case, device).unwrap_or_else(Report::failed),
        "net" => net::run(case, device),
        "ops" => ops::run(case, device),
        "pickle" => pickle::run(case, device),
        "sampler" => sampler::run(case, device),
        "sid_loss_tensor" => sid_loss::run(case, device),
        "sid_networks" => sid_networks::run(case, device),
        "sid_training_trace" => sid_trace::run(case, device),
        "gaussian_toy" | "schedules" | "inventory" | "dataset_zip" | "fid" | "kid_pr_is" if on_gpu => {
            return Err("computed on the host alone".into());
        }
        "gaussian_toy" => gaussian_toy::run(case),
        "schedules" => schedules::run(case),
        "inventory" => inventory::run(case),
        "dataset_zip" => data_zip::run(case),
        "fid" => fid::run(case),
        "kid_pr_is" => kid_pr_is::run(case),
        other => Report::failed(format!("the kind {other} is unknown")),
    })
}

/// The cases of a folder, by name.
pub fn cases(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .expect("the folder is readable")
        .map(|entry| entry.expect("an entry").path())
        .filter(|p| {
            p.extension().is_some_and(|e| e == "json") && p.file_name().is_some_and(|n| n != "index.json")
        })
        .collect();
    files.sort();
    files
}

/// What came of a folder's cases.
#[derive(Default)]
pub struct Outcome {
    pub passed: usize,
    /// Kinds of which a case passed.
    pub kinds: BTreeSet<String>,
    pub failures: Vec<String>,
}

pub fn walk(folder: &Path, device: &Device, on_gpu: bool) -> Outcome {
    let mut outcome = Outcome::default();
    for file in cases(folder) {
        let name = file.file_stem().expect("a name").to_string_lossy().into_owned();
        let clock = Instant::now();
        let attempt = catch_unwind(AssertUnwindSafe(|| attempt(&file, device, on_gpu)));
        let (kind, report) =
            attempt.unwrap_or_else(|panic| (String::new(), Ok(Report::failed(words(&*panic)))));
        let report = match report {
            Ok(report) => report,
            Err(why) => {
                println!("{name:<44} not run: {why}");
                continue;
            }
        };
        println!("{name:<44} {report}, {:.1} s", clock.elapsed().as_secs_f64());
        if report.failures.is_empty() {
            outcome.passed += 1;
            outcome.kinds.insert(kind);
        }
        outcome.failures.extend(report.failures.iter().map(|f| format!("{name}: {f}")));
    }
    outcome
}

/// A case's kind and how it came out, or why it has nothing to do with the device.
fn attempt(file: &Path, device: &Device, on_gpu: bool) -> (String, Result<Report, String>) {
    let case = Case::open(file, if on_gpu { GPU_SLACK } else { 1.0 });
    let report = run(&case, device, on_gpu).map(|mut report| {
        let compared = report.compared;
        report.check(compared > 0, || "nothing was compared".into());
        for key in case.results().filter(|key| !report.looked_at(key)).collect::<Vec<_>>() {
            report.failures.push(format!("{key} was not compared"));
        }
        report.failures.extend(case.unread_labels().iter().map(|key| format!("{key} was not read")));
        report
    });
    (case.kind().to_string(), report)
}

/// What a panic says.
fn words(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or(panic.downcast_ref::<&str>().copied()).unwrap_or("it panicked").to_string()
}
