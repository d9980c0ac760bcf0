//! Training steps of the benchmarks' networks: how long they take, and what they ask of a GPU.

use super::items::Item;
use super::job::{Extent, Job, Network};
use super::kernel_times::timing;
use super::rows::{CountRow, StepRow};
use super::word::Finding;
use crate::bench::benchmark::Benchmark;
use crate::bench::counts::counted;
use crate::bench::{catalogue, measured};
use crate::error::Result;
use crate::gpu::{self, DeviceSpec, Opened};

const METHODS: [&str; 3] = ["edm", "sid", "sign"];
const REPEATS: usize = 20;
/// Counts hardly differ from step to step.
const COUNTED: usize = 4;
/// Of a part's time what the repeats of one method may take; most of the rest is compiling and tuning.
const SHARE: f64 = 0.15;
/// Images of a quick look's batch.
const QUICK_BATCH: usize = 2;

/// How long each method's step takes.
pub fn times(opened: &Opened, network: Network, job: &Job) -> Vec<Item> {
    let repeats = if job.extent == Extent::Quick { 2 } else { REPEATS };
    let most_secs = job.end_secs * SHARE;
    let item = |benchmark: Benchmark| {
        let opened = opened.clone();
        Item::new(benchmark.name.clone(), move |take| {
            let measurements = measured(&benchmark, &opened, repeats, most_secs)?;
            for one in &measurements {
                let timing = timing(one);
                take(Finding::Step(StepRow {
                    name: one.name.clone(),
                    batch: one.batch,
                    shape: one.shape.clone(),
                    timing,
                    steps_per_second: timing.rate(1.0),
                    images_per_second: one.images_per_sec,
                    first_seconds: one.first_secs,
                    host_peak_bytes: one.peak_memory_bytes,
                }));
            }
            Ok(())
        })
    };
    benchmarks(opened, network, job.extent).into_iter().map(item).collect()
}

/// What each method's step asks of a device that counts.
///
/// # Errors
/// Those of [`gpu::open_counted`].
pub fn counts(spec: &DeviceSpec, network: Network, job: &Job) -> Result<Vec<Item>> {
    let (opened, counter) = gpu::open_counted(spec)?;
    let item = |benchmark: Benchmark| {
        let (opened, counter) = (opened.clone(), counter.clone());
        Item::new(benchmark.name.clone(), move |take| {
            let counted = counted(&benchmark, &opened, &counter, COUNTED)?;
            take(Finding::Counts(CountRow {
                name: counted.name,
                batch: counted.batch,
                shape: counted.shape,
                steps: counted.repeats,
                each: counted.counts,
            }));
            Ok(())
        })
    };
    Ok(benchmarks(&opened, network, job.extent).into_iter().map(item).collect())
}

/// A step of each method, and once more in mixed precision where the device has it.
fn benchmarks(opened: &Opened, network: Network, extent: Extent) -> Vec<Benchmark> {
    let mixed = METHODS.map(|method| format!("steps-mixed/{method}/{}", network.name()));
    let names = [names(network), mixed].concat();
    let of_networks = catalogue::of_networks(opened, batch(extent));
    of_networks.filter(|benchmark| names.contains(&benchmark.name)).collect()
}

/// Their names in single precision, which PyTorch measures too.
pub fn names(network: Network) -> [String; 3] {
    METHODS.map(|method| format!("steps/{method}/{}", network.name()))
}

/// The benchmarks' own batch, but for a quick look.
pub fn batch(extent: Extent) -> Option<usize> {
    (extent == Extent::Quick).then_some(QUICK_BATCH)
}
