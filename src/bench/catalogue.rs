//! All benchmarks there are: `steps/METHOD/NETWORK`, `sampling/HOW/NETWORK`, `kernels/KERNEL/SHAPE`,
//! `metrics/METRIC/FEATURES`, `curves/WHAT/PART`, `pictures/WAY`.

use super::benchmark::Benchmark;
use super::network::NETWORKS;
use super::{curves, kernels, metrics, networks, pictures};
use crate::gpu::Backend;

/// Benchmarks as `backend` can run them, with batches of `batch` where that is given.
pub fn all(backend: Backend, batch: Option<usize>) -> Vec<Benchmark> {
    let sized = NETWORKS.iter().map(|size| size.with_batch(batch, backend));
    sized
        .flat_map(networks::benchmarks)
        .chain(kernels::benchmarks(backend))
        .chain(metrics::benchmarks())
        .chain(curves::benchmarks())
        // Only a window on the same device can draw from its memory.
        .chain(pictures::benchmarks().filter(move |_| backend == Backend::Wgpu))
        .collect()
}
