//! What a profile says. How long anything takes is nobody's assertion.

use std::time::Duration;

use super::row::rows;
use super::*;
use crate::gpu::tally::{Cost, Entry};
use crate::gpu::{self, DeviceSpec};

const LIMITS: Limits = Limits { product_flops_per_sec: 100e9, copy_bytes_per_sec: 10e9 };

fn entry(name: &'static str, calls: u64, millis: u64, flops: u64, bytes: u64) -> Entry {
    Entry { name, calls, time: Duration::from_millis(millis), cost: Cost { flops, bytes } }
}

fn close(a: Option<f64>, b: f64) -> bool {
    a.is_some_and(|a| (a - b).abs() < 1e-9 * b.abs())
}

/// Two steps of 100 ms each.
fn two_steps() -> Vec<Row> {
    let entries = [
        // 2 ms at the copy's limit, 1 ms at the product's: memory binds.
        entry("moves", 4, 20, 200_000_000, 40_000_000),
        entry("computes", 2, 100, 8_000_000_000, 40_000_000),
        entry("unknown", 2, 10, 0, 0),
    ];
    rows(&entries, 0.1, 2, &LIMITS)
}

#[test]
fn rows_are_those_of_one_step_and_the_rest_is_what_is_left() {
    let rows = two_steps();
    let names: Vec<&str> = rows.iter().map(|row| row.operation).collect();
    assert_eq!(names, ["computes", "moves", "unknown", EVERYTHING_ELSE]);
    assert_eq!(rows.iter().map(|row| row.calls).collect::<Vec<_>>(), [Some(1.0), Some(2.0), Some(1.0), None]);
    for (row, millis) in rows.iter().zip([50.0, 10.0, 5.0, 35.0]) {
        assert!(close(Some(row.secs * 1e3), millis) && close(Some(row.share), millis / 100.0), "{row:?}");
    }
    assert!(close(Some(rows.iter().map(|row| row.share).sum()), 1.0));
}

#[test]
fn the_limit_that_binds_is_the_one_that_would_take_longer() {
    let [computes, moves, unknown, rest] = &two_steps()[..] else { panic!("four rows") };
    assert!(close(computes.flops_per_sec, 80e9) && close(computes.bytes, 20e6), "{computes:?}");
    assert!(computes.limit == Some(Limit::Product) && close(computes.share_of_limit, 0.8), "{computes:?}");
    assert!(close(moves.bytes_per_sec, 2e9) && close(moves.flops, 100e6), "{moves:?}");
    assert!(moves.limit == Some(Limit::Copy) && close(moves.share_of_limit, 0.2), "{moves:?}");
    for row in [unknown, rest] {
        assert!(row.limit.is_none() && row.share_of_limit.is_none() && row.bytes.is_none(), "{row:?}");
    }
}

fn profiled(only: &[&str]) -> Result<Vec<Profile>> {
    let opened = gpu::open(&DeviceSpec::Cpu).expect("the CPU is always there");
    let only = only.iter().map(|word| word.to_string()).collect();
    let options = Options { only, repeats: 1, max_secs: 10.0, batch: Some(2) };
    let mut profiles = Vec::new();
    run(&opened, &options, &mut |_| {}, &mut |profile| profiles.push(profile)).map(|()| profiles)
}

#[test]
fn steps_and_samples_tell_their_operations() {
    let profiles =
        profiled(&["steps/edm/tiny", "steps/sid/tiny", "sampling/one-step/tiny"]).expect("profiles");
    for (profile, extra) in profiles.iter().zip(["squared error gradient", "SiD loss gradient", "attention"])
    {
        let row = |name: &str| profile.rows.iter().find(|row| row.operation == name);
        for name in ["convolution 3×3", "group norm + SiLU", extra, EVERYTHING_ELSE] {
            let row = row(name).unwrap_or_else(|| panic!("{name} is missing: {profile:?}"));
            assert!(row.secs > 0.0 && row.share < 1.0, "{row:?}");
        }
        let learns = profile.name.starts_with("steps/");
        let learning =
            ["convolution 3×3 data gradient", "convolution 1×1 weight gradient", "Adam and average"];
        for name in learning {
            assert_eq!(row(name).is_some(), learns, "{name}: {profile:?}");
        }
        let whole: f64 = profile.rows.iter().map(|row| row.secs).sum();
        assert!(close(Some(whole), profile.mean_secs) && profile.repeats == 1, "{profile:?}");
        let said = table(profile);
        assert_eq!(said.lines().count(), 3 + profile.rows.len(), "{said}");
        assert!(said.lines().last().is_some_and(|line| line.starts_with(EVERYTHING_ELSE)), "{said}");
    }
}

#[test]
fn kernels_have_no_profile() {
    let refused = profiled(&["kernels/group-norm"]).expect_err("kernels are timed by themselves");
    assert!(refused.to_string().contains("kernels/group-norm"), "{refused}");
}

#[test]
fn a_gpu_is_refused_in_words() {
    let cpu = gpu::open(&DeviceSpec::Cpu).expect("the CPU is always there");
    let opened = Opened { backend: Backend::Wgpu, ..cpu };
    let options = Options { only: Vec::new(), repeats: 1, max_secs: 1.0, batch: None };
    let refused = run(&opened, &options, &mut |_| {}, &mut |_| {}).expect_err("its calls only queue work");
    assert!(refused.exit_code() == 2 && refused.to_string().contains("--device cpu"), "{refused}");
}
