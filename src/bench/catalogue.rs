//! All benchmarks there are: `steps/METHOD/NETWORK`, `sampling/HOW/NETWORK`, `kernels/KERNEL/SHAPE`,
//! `metrics/METRIC/FEATURES`; faces add their own.

use super::benchmark::Benchmark;
use super::network::NETWORKS;
use super::{kernels, metrics, networks};
use crate::gpu::Backend;

/// Benchmarks as `backend` can run them, with batches of `batch` where that is given.
pub fn all(backend: Backend, batch: Option<usize>) -> Vec<Benchmark> {
    of_networks(backend, batch).chain(kernels::benchmarks()).chain(metrics::benchmarks()).collect()
}

/// Steps and sampling alone.
pub fn of_networks(backend: Backend, batch: Option<usize>) -> impl Iterator<Item = Benchmark> {
    let sized = NETWORKS.iter().map(move |size| size.with_batch(batch, backend));
    sized.flat_map(networks::benchmarks)
}
