//! That benchmarks run and say what they must. How long they take is nobody's assertion.

use super::*;
use crate::gpu::{self, DeviceSpec};

fn measured(only: &[&str], batch: Option<usize>) -> Vec<Measurement> {
    let opened = gpu::open(&DeviceSpec::Cpu).expect("the CPU is always there");
    let only = only.iter().map(|word| word.to_string()).collect();
    let options = Options { only, repeats: 2, max_secs: 10.0, batch };
    let mut measured = Vec::new();
    run(&opened, &options, Vec::new(), &mut |event| {
        if let Event::Measured(measurement) = event {
            measured.push(*measurement);
        }
    })
    .expect("it runs");
    measured
}

/// Every kind of step and sample really runs, with batches of the size asked for.
#[test]
fn steps_and_samples_run() {
    let names = [
        "steps/edm/tiny",
        "steps/sid/tiny",
        "steps/sign/tiny",
        "sampling/one-step/tiny",
        "sampling/heun/tiny",
    ];
    let all = measured(&names, Some(2));
    for name in names {
        let one = all.iter().find(|m| m.name == name).unwrap_or_else(|| panic!("{name} is missing"));
        assert_eq!((one.batch, one.repeats), (Some(2), 2), "{name}");
        assert!(one.shape.starts_with("[2, 3, 16, 16]"), "{}", one.shape);
        assert!(0.0 < one.min_secs && one.min_secs <= one.median_secs && one.median_secs <= one.max_secs);
        assert_eq!(one.images_per_sec, Some(2.0 / one.median_secs));
        assert!(one.speedup.is_none());
    }
}

#[test]
fn pairs_are_two_measurements_and_a_ratio() {
    let all = measured(&["kernels/sid-generator/tiny", "kernels/finite-and-norm/tiny"], None);
    let names: Vec<&str> = all.iter().map(|m| m.name.as_str()).collect();
    assert_eq!(names.len(), 4);
    assert_eq!(names[..2], ["kernels/sid-generator/tiny/fused", "kernels/sid-generator/tiny/composed"]);
    let speedup = all[0].speedup.as_ref().expect("a ratio");
    assert_eq!(speedup.over, names[1]);
    assert!(0.0 < speedup.times.min && speedup.times.min <= speedup.times.max);
    assert!(all[1].speedup.is_none() && all[0].peak_memory_bytes.is_none());
    let json = serde_json::to_value(&all).expect("JSON");
    for key in ["name", "device", "shape", "batch", "median_secs", "min_secs", "max_secs", "images_per_sec"] {
        assert!(json[0].get(key).is_some(), "{key}");
    }
    for key in ["first_secs", "peak_memory_bytes", "repeats", "threads", "load_before", "version"] {
        assert!(json[0].get(key).is_some(), "{key}");
    }
    assert!(table(&all).lines().count() == 5 && table(&all).contains("sid-generator/tiny/composed"));
}

#[test]
fn every_kernel_runs_in_both_bodies() {
    let all = measured(&["kernels"], None);
    let sized = |size: &str| all.iter().filter(|m| m.name.contains(size)).count();
    assert!(sized("/tiny/") >= 12 && sized("/tiny/").is_multiple_of(2));
    assert_eq!((sized("/tiny/"), all.len()), (sized("/large/"), 2 * sized("/tiny/") + sized("/deep/")));
    assert!(all.iter().all(|m| m.median_secs > 0.0 && m.first_secs > 0.0 && m.min_secs <= m.max_secs));
}
