//! All benchmarks there are: `steps/METHOD/NETWORK` and on some GPUs `steps-mixed/…`, `sampling/HOW/NETWORK`,
//! `kernels/KERNEL/SHAPE`, `metrics/METRIC/FEATURES`; faces add their own.

use super::benchmark::Benchmark;
use super::network::{NETWORKS, NetworkSize};
use super::{kernels, metrics, networks};
use crate::gpu::{self, Backend, Opened};

/// Benchmarks as every device with this `backend` can run them, with batches of `batch` where that is given.
pub fn all(backend: Backend, batch: Option<usize>) -> Vec<Benchmark> {
    in_single(backend, batch).chain(kernels::benchmarks()).chain(metrics::benchmarks()).collect()
}

/// Steps and sampling alone, as this device can run them.
pub fn of_networks(opened: &Opened, batch: Option<usize>) -> impl Iterator<Item = Benchmark> {
    in_single(opened.backend, batch).chain(in_mixed(opened, batch))
}

/// Steps in mixed precision, on a device whose driver offers half precision.
pub fn in_mixed(opened: &Opened, batch: Option<usize>) -> impl Iterator<Item = Benchmark> {
    let sizes = gpu::offers_half(&opened.device).then(|| sized(opened.backend, batch));
    sizes.into_iter().flatten().flat_map(networks::in_mixed)
}

fn in_single(backend: Backend, batch: Option<usize>) -> impl Iterator<Item = Benchmark> {
    sized(backend, batch).flat_map(networks::benchmarks)
}

fn sized(backend: Backend, batch: Option<usize>) -> impl Iterator<Item = NetworkSize> {
    NETWORKS.iter().map(move |size| size.with_batch(batch, backend))
}
