//! What a benchmark is.

use super::clock::Build;

/// One benchmark: one thing, or several that are measured in turn.
pub struct Benchmark {
    pub name: String,
    /// Images of the batch; none where nothing is an image.
    pub images: Option<usize>,
    /// The tensors or the network, in words.
    pub shape: String,
    /// Measured only where its last part is named.
    pub large: bool,
    /// The PyTorch baseline's name for the same work: its phase.
    pub torch: Option<TorchTwin>,
    /// Times one pass does the same; what is reported is one of them.
    pub times_a_pass: usize,
    /// The others are what the first is compared with.
    pub members: Vec<Member>,
}

/// What of a benchmark is measured.
pub struct Member {
    /// Behind the benchmark's name, where there are several.
    pub variant: Option<&'static str>,
    pub build: Build,
}

/// The same work in the PyTorch baseline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TorchTwin {
    /// Its `--config`.
    pub config: &'static str,
    /// Its `--what`.
    pub what: &'static str,
    /// The phase that its answer names.
    pub phase: &'static str,
}
