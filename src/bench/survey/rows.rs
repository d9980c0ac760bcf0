//! The lines of a report. Names are part of its format, units are in them: seconds, bytes, 10^9 bytes a second
//! (`gigabytes_per_second`), 10^9 additions and multiplications a second (`gigaflops_per_second`).

use serde::{Deserialize, Serialize};

use super::timing::Timing;
use crate::bench::Spread;
use crate::bench::counts::PerPass;
use crate::bench::torch::Row;

/// The device that is measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChosenDevice {
    pub name: String,
    /// Why this one.
    pub reason: String,
    /// wgpu, or burn's CPU backend.
    pub is_wgpu: bool,
    /// A rasteriser on the CPU poses as a GPU.
    pub is_software: bool,
}

/// One operation of one device against double precision or the CPU.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SelfTestRow {
    pub device: String,
    pub operation: String,
    /// `max |got - expected| / max |expected|`; none where that is no number.
    pub max_relative_error: Option<f64>,
    pub tolerance: f64,
    /// Compiling and tuning included.
    pub seconds: f64,
    pub passed: bool,
    /// Why it broke off.
    pub failure: Option<String>,
}

/// A way from memory to memory.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CopyRow {
    pub name: String,
    /// Of the copied buffer.
    pub buffer_bytes: u64,
    /// Read and written on the device; between host and device each byte counts once.
    pub moved_bytes: u64,
    #[serde(flatten)]
    pub timing: Timing,
    pub gigabytes_per_second: f64,
}

/// A product of two square matrices by burn's own kernel.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProductRow {
    /// Rows and columns of each matrix.
    pub side: usize,
    #[serde(flatten)]
    pub timing: Timing,
    pub gigaflops_per_second: f64,
}

/// One operation of a 3×3 convolution from as many channels to as many.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ConvolutionRow {
    /// `forward`, `data_gradient` or `weight_gradient`.
    pub operation: String,
    /// `[batch, channels, height, width]`.
    pub input_shape: [usize; 4],
    #[serde(flatten)]
    pub timing: Timing,
    pub gigaflops_per_second: f64,
}

/// One of our kernels, forward and (where it has one) backward.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KernelRow {
    pub name: String,
    pub shape: String,
    #[serde(flatten)]
    pub timing: Timing,
    /// From nothing to the end of the first pass: compiling and tuning.
    pub first_seconds: f64,
    /// The same formula from burn's own operations, measured in turn.
    pub composed_median_seconds: Option<f64>,
    pub times_faster_than_composed: Option<Spread>,
    /// By the formula; see `Benchmark::moved_bytes`.
    pub moved_bytes: Option<u64>,
    pub gigabytes_per_second: Option<f64>,
    /// Of what the device reaches when it copies from buffer to buffer.
    pub share_of_copy: Option<f64>,
}

/// One training step.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StepRow {
    pub name: String,
    /// Images.
    pub batch: Option<usize>,
    pub shape: String,
    #[serde(flatten)]
    pub timing: Timing,
    pub steps_per_second: f64,
    pub images_per_second: Option<f64>,
    /// Building the networks and the first step: compiling and tuning.
    pub first_seconds: f64,
    /// Most of the host's memory meanwhile, where the system tells.
    pub host_peak_bytes: Option<u64>,
}

/// What one training step asks of a GPU.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CountRow {
    pub name: String,
    /// Images.
    pub batch: Option<usize>,
    pub shape: String,
    /// Steps that were counted together.
    pub steps: usize,
    #[serde(flatten)]
    pub each: PerPass,
}

/// One training step here and in PyTorch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TorchRow {
    pub name: String,
    /// Images.
    pub batch: Option<usize>,
    pub signet_median_seconds: f64,
    pub torch_median_seconds: f64,
    /// PyTorch's seconds over ours, of each round.
    pub times_faster_than_torch: Spread,
    /// What PyTorch said of each round.
    pub rounds: Vec<Row>,
}
