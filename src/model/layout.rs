//! The list of a network's parameters: names, shapes, starting values, and where each one lies in
//! the flat blocks that optimiser and average work on.

use super::init::Init;

/// Largest flat block, in numbers: 64 MiB of f32, below the 128 MiB that every WebGPU adapter binds.
const BLOCK_LEN: usize = 16 << 20;

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

    /// Numbers in each flat block.
    pub fn block_lens(&self) -> &[usize] {
        &self.block_lens
    }

    /// All trained numbers of the network.
    pub fn parameter_count(&self) -> usize {
        self.block_lens.iter().sum()
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
        match self.block_lens.last() {
            Some(last) if last + len <= BLOCK_LEN => {}
            _ => self.block_lens.push(0),
        }
        let block = self.block_lens.len() - 1;
        let offset = self.block_lens[block];
        self.block_lens[block] += len;
        self.params.push(Param { name, shape: shape.to_vec(), init, block, offset });
        ParamId(self.params.len() - 1)
    }

    pub fn add_buffer(&mut self, name: String, len: usize, init: Init) -> BufferId {
        self.buffers.push(Buffer { name, len, init });
        BufferId(self.buffers.len() - 1)
    }

    pub fn finish(self) -> Layout {
        Layout { params: self.params, block_lens: self.block_lens, buffers: self.buffers }
    }
}
