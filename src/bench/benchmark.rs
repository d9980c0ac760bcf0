//! What a benchmark is.

use super::clock::Build;
use super::torch_twin::TorchTwin;

/// One benchmark: one thing, or several that are measured in turn.
pub struct Benchmark {
    pub name: String,
    /// Images of the batch; none where nothing is an image.
    pub images: Option<usize>,
    /// The tensors or the network, in words.
    pub shape: String,
    /// Measured only where its last part is named.
    pub large: bool,
    /// The same work in PyTorch; none where there is no such.
    pub torch: Option<TorchTwin>,
    /// Bytes that one of them moves at the least, by its formula: inputs read once, results written once, forward and
    /// (where it is differentiated) backward. None where nobody has counted.
    pub moved_bytes: Option<u64>,
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
