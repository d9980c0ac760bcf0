//! The list of a network's parameters: names, shapes, starting values, and where each one lies in
//! the flat blocks that optimiser and average work on.

use super::init::Init;

/// Largest flat block, in numbers: 64 MiB of f32, below the 128 MiB that every WebGPU adapter binds.
const BLOCK_LEN: usize = 16 << 20;

/// A parameter of so many numbers is a block by itself: its gradient is one as it comes, and need not be copied.
const OWN_BLOCK: usize = 1 << 18;

/// Parameters that share a block begin at whole multiples of so many numbers, 256 bytes: from there on every adapter
/// binds a buffer, so that nothing is copied to cut them out.
pub const STEP: usize = 64;

/// One parameter of a network.
#[derive(Clone, Debug, PartialEq)]
pub struct Param {
    pub name: String,
    pub shape: Vec<usize>,
    pub init: Init,
    /// Which flat block holds it, and from which element on.
    pub block: usize,
    pub offset: usize,
}

impl Param {
    pub fn len(&self) -> usize {
        self.shape.iter().product()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Numbers that belong to a network but are never trained, and that the host computes with.
#[derive(Clone, Debug, PartialEq)]
pub struct Buffer {
    pub name: String,
    pub len: usize,
    pub init: Init,
}

/// A parameter's number in its layout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParamId(pub(super) usize);

/// A buffer's number in its layout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BufferId(pub(super) usize);

/// All parameters of a network, in order.
#[derive(Clone, Debug, PartialEq)]
pub struct Layout {
    params: Vec<Param>,
    block_lens: Vec<usize>,
    buffers: Vec<Buffer>,
}

impl Layout {
    pub fn params(&self) -> &[Param] {
        &self.params
    }

    pub fn param(&self, id: ParamId) -> &Param {
        &self.params[id.0]
    }

    pub fn buffers(&self) -> &[Buffer] {
        &self.buffers
    }

    /// Numbers in each flat block, with zeros between the parameters.
    pub fn block_lens(&self) -> &[usize] {
        &self.block_lens
    }

    /// All trained numbers of the network.
    pub fn parameter_count(&self) -> usize {
        self.params.iter().map(Param::len).sum()
    }
}

/// Collects the parameters while a network is being described.
#[derive(Default)]
pub struct LayoutBuilder {
    params: Vec<Param>,
    block_lens: Vec<usize>,
    buffers: Vec<Buffer>,
}

impl LayoutBuilder {
    pub fn new() -> Self {
        Self::default()
    }

    /// Goes on from an existing layout: a student is a teacher plus its head.
    pub fn extending(layout: &Layout) -> Self {
        Self {
            params: layout.params.clone(),
            block_lens: layout.block_lens.clone(),
            buffers: layout.buffers.clone(),
        }
    }

    pub fn add(&mut self, name: String, shape: &[usize], init: Init) -> ParamId {
        let len: usize = shape.iter().product();
        let places = if len < OWN_BLOCK { len.next_multiple_of(STEP) } else { len };
        let block = match self.shared_block() {
            Some(shared) if len < OWN_BLOCK && self.block_lens[shared] + places <= BLOCK_LEN => shared,
            _ => {
                self.block_lens.push(0);
                self.block_lens.len() - 1
            }
        };
        let offset = self.block_lens[block];
        self.block_lens[block] += places;
        self.params.push(Param { name, shape: shape.to_vec(), init, block, offset });
        ParamId(self.params.len() - 1)
    }

    /// The block that small parameters still go into, if any.
    fn shared_block(&self) -> Option<usize> {
        self.params.iter().rev().find(|param| param.len() < OWN_BLOCK).map(|param| param.block)
    }

    pub fn add_buffer(&mut self, name: String, len: usize, init: Init) -> BufferId {
        self.buffers.push(Buffer { name, len, init });
        BufferId(self.buffers.len() - 1)
    }

    pub fn finish(self) -> Layout {
        Layout { params: self.params, block_lens: self.block_lens, buffers: self.buffers }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_parameters_are_blocks_and_small_ones_share() {
        let mut builder = LayoutBuilder::new();
        for (i, len) in [5, OWN_BLOCK, 70, BLOCK_LEN + 1, OWN_BLOCK - 1].into_iter().enumerate() {
            builder.add(format!("p{i}"), &[len], Init::Zeros);
        }
        let layout = builder.finish();
        let places: Vec<_> = layout.params().iter().map(|param| (param.block, param.offset)).collect();
        assert_eq!(places, [(0, 0), (1, 0), (0, 64), (2, 0), (0, 192)]);
        assert_eq!(layout.block_lens(), [OWN_BLOCK + 192, OWN_BLOCK, BLOCK_LEN + 1]);
        // A student's head goes on where its teacher ended; full blocks are left.
        let mut builder = LayoutBuilder::extending(&layout);
        for i in 0..64 {
            builder.add(format!("q{i}"), &[OWN_BLOCK - 1], Init::Zeros);
        }
        let layout = builder.finish();
        assert_eq!((layout.params()[5].block, layout.params()[5].offset), (0, OWN_BLOCK + 192));
        assert_eq!(layout.block_lens().len(), 4);
        assert!(layout.block_lens()[0] <= BLOCK_LEN && layout.block_lens()[3] <= BLOCK_LEN);
        assert_eq!(layout.parameter_count(), layout.params().iter().map(Param::len).sum::<usize>());
    }
}
