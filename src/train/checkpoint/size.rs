//! How large the files of a checkpoint may be: as many numbers as its network explains.

use super::manifest::STATE_FILE;
use crate::diffusion::GeneratorSpec;
use crate::error::Result;
use crate::plain_file::limits;

/// Copies of the network in a student's state: its own and its fake score's weights with Adam's two moments and an
/// average, its teacher, and as many again for what the networks have beside what makes images.
const STATE_COPIES: u64 = 24;
/// One, and room for what an imported network has besides.
const MODEL_COPIES: u64 = 2;
/// What a tensor's entry in the header takes beside its name, bytes, with room to spare.
const ENTRY: u64 = 256;
/// For what stands in a header besides.
const HEADER: u64 = 1 << 20;

/// Most bytes of the file called `name` in the checkpoint of a network.
///
/// # Errors
/// As [`GeneratorSpec::layout`]: a spec that describes no network.
pub fn most(name: &str, spec: &GeneratorSpec) -> Result<u64> {
    let layout = spec.layout()?;
    let sizes = layout.params().iter().map(|param| (param.name.len(), param.len()));
    let sizes = sizes.chain(layout.buffers().iter().map(|buffer| (buffer.name.len(), buffer.len)));
    let network = sizes.fold(0u64, |sum, (name, numbers)| {
        sum.saturating_add((name as u64 + ENTRY).saturating_add((numbers as u64).saturating_mul(4)))
    });
    let copies = if name == STATE_FILE { STATE_COPIES } else { MODEL_COPIES };
    Ok(network.saturating_mul(copies).saturating_add(HEADER).min(limits::TENSORS))
}
