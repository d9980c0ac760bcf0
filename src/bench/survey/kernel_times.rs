//! Our kernels as the benchmarks have them.

use super::items::Item;
use super::job::Extent;
use super::rows::KernelRow;
use super::timing::Timing;
use super::word::Finding;
use crate::bench::benchmark::Benchmark;
use crate::bench::measurement::Measurement;
use crate::bench::{catalogue, measured};
use crate::gpu::Opened;

const REPEATS: usize = 10;
const MOST_SECS: f64 = 3.0;

/// Each benchmark of a kernel, an item each.
pub fn items(opened: &Opened, extent: Extent) -> Vec<Item> {
    let wanted = |benchmark: &Benchmark| {
        benchmark.name.starts_with("kernels/")
            && (extent == Extent::Full || benchmark.name.ends_with("/tiny"))
    };
    let repeats = if extent == Extent::Quick { 2 } else { REPEATS };
    let item = |benchmark: Benchmark| {
        let opened = opened.clone();
        Item::new(benchmark.name.clone(), move |take| {
            let both = measured(&benchmark, &opened, repeats, MOST_SECS)?;
            if let Some((ours, others)) = both.split_first() {
                take(Finding::Kernel(row(&benchmark, ours, others.first())));
            }
            Ok(())
        })
    };
    catalogue::all(opened.backend, None).into_iter().filter(wanted).map(item).collect()
}

fn row(benchmark: &Benchmark, ours: &Measurement, composed: Option<&Measurement>) -> KernelRow {
    let timing = timing(ours);
    KernelRow {
        name: benchmark.name.clone(),
        shape: benchmark.shape.clone(),
        timing,
        first_seconds: ours.first_secs,
        composed_median_seconds: composed.map(|composed| composed.median_secs),
        times_faster_than_composed: ours.speedup.as_ref().map(|speedup| speedup.times),
        moved_bytes: benchmark.moved_bytes,
        gigabytes_per_second: benchmark.moved_bytes.map(|bytes| timing.rate(bytes as f64) / 1e9),
        // Whoever has measured the copy says it.
        share_of_copy: None,
    }
}

/// A benchmark's times.
pub fn timing(measurement: &Measurement) -> Timing {
    Timing {
        median_seconds: measurement.median_secs,
        min_seconds: measurement.min_secs,
        max_seconds: measurement.max_secs,
        repeats: measurement.repeats,
    }
}
