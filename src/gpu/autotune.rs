//! How much cubecl benchmarks before it settles for a kernel.
//!
//! On a GPU a candidate costs milliseconds and the best one pays for the search. On a software
//! rasteriser LLVM compiles every candidate, in seconds, and the CPU runs it: there one run of each has
//! to do. On lavapipe that saves a third of the CPU time of a first training step with 64 channels; what
//! is left is compiling.

use std::sync::OnceLock;

use burn_cubecl::cubecl::config::autotune::{AutotuneLevel, BenchConfig};
use burn_cubecl::cubecl::config::{CubeClRuntimeConfig, RuntimeConfig};

/// Cuts the search short for this process; again is the same as once. False when cubecl had read its
/// configuration before, which it does at its first use. The user's own configuration of everything
/// but the search still counts.
pub(super) fn limit_for_software() -> bool {
    static LIMITED: OnceLock<bool> = OnceLock::new();
    *LIMITED.get_or_init(|| {
        let mut config = CubeClRuntimeConfig::from_current_dir().override_from_env();
        // Minimal also lets neighbouring sizes share one search.
        config.autotune.level = AutotuneLevel::Minimal;
        config.autotune.bench = BenchConfig { min_samples: 1, max_samples: 1, ..config.autotune.bench };
        CubeClRuntimeConfig::try_set(config)
    })
}
