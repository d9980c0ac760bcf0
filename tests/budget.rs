//! What a step may ask of a GPU. The counts are the same on every adapter, so that a software one stands for all; whoever
//! spares something lowers `budget.json`, and nobody raises it without a reason.

use std::collections::BTreeMap;

use serde::Deserialize;
use signet::bench::{Options, counts};
use signet::gpu::DeviceSpec;

/// The most of one step.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Budget {
    host_waits: f64,
    submissions: f64,
    dispatches: f64,
    uploaded_bytes: f64,
    read_bytes: f64,
}

/// Counts hardly depend on it, the time that they take does.
const BATCH: usize = 2;

#[test]
fn no_step_asks_more_than_its_budget() {
    let budgets: BTreeMap<String, Budget> =
        serde_json::from_str(include_str!("budget.json")).expect("a budget for each step");
    let options =
        Options { only: budgets.keys().cloned().collect(), repeats: 4, max_secs: 60.0, batch: Some(BATCH) };
    let mut all = Vec::new();
    counts::run(&DeviceSpec::Wgpu(Some(0)), &options, &mut |_| {}, &mut |one| all.push(one)).expect(
        "this test needs a wgpu adapter; Debian's mesa-vulkan-drivers and libvulkan1 bring a software one",
    );
    print!("{}", counts::table(&all));
    assert_eq!(all.len(), budgets.len(), "every step was counted");
    for one in all {
        let (name, most) = (&one.name, &budgets[&one.name]);
        for (what, count, most) in [
            ("host waits", one.counts.host_waits, most.host_waits),
            ("submissions", one.counts.submissions, most.submissions),
            ("dispatches", one.counts.dispatches, most.dispatches),
            ("uploaded bytes", one.counts.uploaded_bytes, most.uploaded_bytes),
            ("read bytes", one.counts.read_bytes, most.read_bytes),
        ] {
            assert!(count <= most, "{name}: {count} {what} a step, {most} are the most");
        }
    }
}
