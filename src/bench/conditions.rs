//! What a number was measured under: without it a time says nothing.

use serde::Serialize;

use crate::gpu::{Backend, Opened};

/// Beside every measurement.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Conditions {
    pub version: &'static str,
    /// `cpu` or `wgpu`.
    pub backend: &'static str,
    /// A rasteriser on the CPU poses as the GPU.
    pub software_device: bool,
    /// Threads that the CPU side computes with.
    pub threads: usize,
    pub system: String,
    /// burn's kernel fusion, its autotuning and SPIR-V in this build.
    pub fusion: bool,
    pub autotune: bool,
    pub spirv: bool,
    /// Without optimisation times mean nothing.
    pub optimised_build: bool,
    /// Mean number of running processes over the minute before, this one included; Linux alone tells.
    /// Well above `threads`, other work disturbed the measurement.
    pub load_before: Option<f64>,
}

impl Conditions {
    pub fn now(opened: &Opened) -> Self {
        let backend = match opened.backend {
            Backend::Cpu => "cpu",
            Backend::Wgpu => "wgpu",
        };
        Self {
            version: env!("CARGO_PKG_VERSION"),
            backend,
            software_device: opened.software,
            threads: rayon::current_num_threads(),
            system: format!("{} {}", std::env::consts::OS, std::env::consts::ARCH),
            fusion: cfg!(feature = "fusion"),
            autotune: cfg!(feature = "autotune"),
            spirv: cfg!(feature = "spirv"),
            optimised_build: !cfg!(debug_assertions),
            load_before: load(),
        }
    }
}

/// The mean number of running processes over the last minute; Linux alone tells.
pub(super) fn load() -> Option<f64> {
    std::fs::read_to_string("/proc/loadavg").ok()?.split_whitespace().next()?.parse().ok()
}
