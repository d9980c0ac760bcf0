//! Reference cases: each a `.json` that describes a computation beside a `.safetensors` with its
//! inputs and results. The driver builds what the JSON describes; nothing here knows a case by name.
//!
//! `SIGNET_GOLDEN_DIR` names the folder (default `../shared/golden`); where it does not exist the small
//! set in `tests/golden/cases` is run, and the table says so.

mod adam;
mod architecture;
mod augment;
mod case;
mod data_zip;
mod fid;
mod gaussian_toy;
mod inventory;
mod kid_pr_is;
mod net;
mod ops;
mod pickle;
mod sampler;
mod schedules;
mod sid_loss;
mod sid_networks;
mod sid_trace;

use std::path::{Path, PathBuf};
use std::time::Instant;

use burn::tensor::Device;
use case::{Case, Report};

/// Times the CPU's tolerance that a GPU may err.
const GPU_SLACK: f64 = 10.0;

/// The cases that come with the source.
const OWN_CASES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/cases");

fn folder() -> PathBuf {
    let named = std::env::var_os("SIGNET_GOLDEN_DIR").map(PathBuf::from);
    let shared = named.clone().unwrap_or_else(|| PathBuf::from("../shared/golden"));
    if shared.is_dir() {
        return shared;
    }
    assert!(named.is_none(), "SIGNET_GOLDEN_DIR is {}, which is no folder", shared.display());
    println!("{} does not exist: running the small set in {OWN_CASES}", shared.display());
    PathBuf::from(OWN_CASES)
}

/// Runs a case if it belongs to the program so far and has something to do with the device.
fn run(case: &Case, device: &Device, on_gpu: bool) -> Result<Report, String> {
    Ok(match case.kind() {
        "adam_ema" => adam::run(case, device),
        "net" => net::run(case, device),
        "ops" => ops::run(case, device),
        "pickle" => pickle::run(case, device),
        "sampler" => sampler::run(case, device),
        "sid_loss_tensor" => sid_loss::run(case, device),
        "sid_networks" => sid_networks::run(case, device),
        "sid_training_trace" => sid_trace::run(case, device),
        "gaussian_toy" | "schedules" | "inventory" | "dataset_zip" | "augment" | "fid" | "kid_pr_is"
            if on_gpu =>
        {
            return Err("computed on the host alone".into());
        }
        "gaussian_toy" => gaussian_toy::run(case),
        "schedules" => schedules::run(case),
        "inventory" => inventory::run(case),
        "augment" => augment::run(case).unwrap_or_else(Report::failed),
        "dataset_zip" => data_zip::run(case),
        "fid" => fid::run(case),
        "kid_pr_is" => kid_pr_is::run(case),
        other => Report::failed(format!("the kind {other} is unknown")),
    })
}

/// The cases of a folder, by name.
fn cases(folder: &Path) -> Vec<PathBuf> {
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

fn walk(folder: &Path, device: &Device, on_gpu: bool) -> (usize, Vec<String>) {
    let slack = if on_gpu { GPU_SLACK } else { 1.0 };
    let (mut passed, mut failures) = (0, Vec::new());
    for file in cases(folder) {
        let case = Case::open(&file, slack);
        let clock = Instant::now();
        match run(&case, device, on_gpu) {
            Err(why) => println!("{:<44} not run: {why}", case.id()),
            Ok(mut report) => {
                let compared = report.compared;
                report.check(compared > 0, || "nothing was compared".into());
                println!("{:<44} {report}, {:.1} s", case.id(), clock.elapsed().as_secs_f64());
                passed += usize::from(report.failures.is_empty());
                failures.extend(report.failures.iter().map(|f| format!("{}: {f}", case.id())));
            }
        }
    }
    (passed, failures)
}

#[test]
fn reference_cases_on_the_cpu() {
    let (passed, failures) = walk(&folder(), &Device::flex(), false);
    assert!(failures.is_empty(), "{} failures:\n{}", failures.len(), failures.join("\n"));
    assert!(passed > 0, "no case was run at all");
}

/// The committed cases alone must exercise networks, schedules and losses.
#[test]
fn the_small_set_is_complete() {
    let (passed, failures) = walk(Path::new(OWN_CASES), &Device::flex(), false);
    assert!(failures.is_empty(), "{failures:?}");
    assert!(passed >= 4, "only {passed} of the committed cases were run");
}

/// What networks are shows in their tensors, for files that say nothing else.
#[test]
fn shapes_show_the_architecture() {
    let (mut found, mut failures) = (0, Vec::new());
    for file in cases(&folder()) {
        let case = Case::open(&file, 1.0);
        match architecture::check(&case) {
            None => {}
            Some(Ok(())) => found += 1,
            Some(Err(why)) => failures.push(format!("{}: {why}", case.id())),
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert!(found >= 2, "only {found} networks were looked at");
    println!("{found} architectures found");
}

/// On the first adapter there is, software or not: the committed cases, because a software rasteriser
/// compiles each shape of each operation anew. `SIGNET_GOLDEN_WGPU=all` runs the whole folder.
#[test]
fn reference_cases_on_wgpu() {
    let spec = signet::gpu::DeviceSpec::Wgpu(Some(0));
    let opened = signet::gpu::open(&spec).expect("an adapter: on Debian, install mesa-vulkan-drivers");
    let all = std::env::var("SIGNET_GOLDEN_WGPU").is_ok_and(|v| v == "all");
    let folder = if all { folder() } else { PathBuf::from(OWN_CASES) };
    println!("{} on {}", folder.display(), opened.name);
    let (passed, failures) = walk(&folder, &opened.device, true);
    assert!(failures.is_empty(), "{failures:?}");
    assert!(passed >= 2, "only {passed} of the cases were run");
}
