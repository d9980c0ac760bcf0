//! Reference cases: each a `.json` that describes a computation beside a `.safetensors` with its
//! inputs and results. The driver builds what the JSON describes; nothing here knows a case by name.
//!
//! `SIGNET_GOLDEN_DIR` names the folder (default `../shared/golden`); where it does not exist the small
//! set in `tests/golden/cases` is run, which has a case of almost every kind.

mod adam;
mod architecture;
mod augment;
mod case;
mod classes;
mod compare;
mod data_zip;
mod fid;
mod folder;
mod gaussian_toy;
mod gradients;
mod inventory;
mod kid_pr_is;
mod labels;
mod net;
mod ops;
mod pickle;
mod report;
mod sampler;
mod schedules;
mod sid_loss;
mod sid_networks;
mod sid_trace;
mod walk;

use std::path::{Path, PathBuf};

use burn::tensor::Device;
use case::Case;
use walk::{Outcome, cases, walk};

/// The cases that come with the source.
const OWN_CASES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/cases");

/// The kinds of which there is such a case.
const SMALL_SET: [&str; 12] = [
    "adam_ema",
    "augment",
    "dataset_zip",
    "fid",
    "gaussian_toy",
    "inventory",
    "kid_pr_is",
    "net",
    "ops",
    "sampler",
    "schedules",
    "sid_loss_tensor",
];

fn folder() -> PathBuf {
    folder::shared().unwrap_or_else(|| PathBuf::from(OWN_CASES))
}

#[test]
fn reference_cases_on_the_cpu() {
    let Outcome { passed, failures, .. } = walk(&folder(), &Device::flex(), false);
    assert!(failures.is_empty(), "{} failures:\n{}", failures.len(), failures.join("\n"));
    assert!(passed > 0, "no case was run at all");
}

/// The committed cases alone exercise all that the program computes, but for files of other programs, which
/// are large. SiD's networks have cases of their own (`classes`).
#[test]
fn the_small_set_is_complete() {
    let Outcome { kinds, failures, .. } = walk(Path::new(OWN_CASES), &Device::flex(), false);
    assert!(failures.is_empty(), "{} failures:\n{}", failures.len(), failures.join("\n"));
    let kinds: Vec<&str> = kinds.iter().map(String::as_str).collect();
    assert_eq!(kinds, SMALL_SET);
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
    let Outcome { passed, failures, .. } = walk(&folder, &opened.device, true);
    assert!(failures.is_empty(), "{} failures:\n{}", failures.len(), failures.join("\n"));
    assert!(passed >= 2, "only {passed} of the cases were run");
}
