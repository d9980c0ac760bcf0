//! The numbers of a network: flat blocks for optimiser, average and files; single tensors
//! (`Leaves`) for the forward pass.

use std::collections::BTreeMap;
use std::sync::Arc;

use burn::tensor::{Device, Gradients, Tensor, TensorData};

use super::layout::{BufferId, Layout, Param, ParamId, STEP};
use crate::error::{Error, Kind, Result};
use crate::gpu::kernels::{cut, gathered};
use crate::gpu::read;
use crate::gpu::tally::{Cost, clock};

/// Numbers of buffers stay clear of the parameters' random numbers.
const FIRST_BUFFER: u64 = 1 << 32;

/// A network's numbers: one flat tensor a block, on a device without autodiff, and its buffers on the
/// host.
#[derive(Clone, Debug)]
pub struct Weights {
    layout: Arc<Layout>,
    blocks: Vec<Tensor<1>>,
    buffers: Arc<Vec<Vec<f32>>>,
}

impl Weights {
    /// Fresh weights: a pure function of `seed` and the layout.
    pub fn init(layout: Arc<Layout>, seed: u32, device: &Device) -> Self {
        let values = layout.params().iter().zip(0..);
        let values = values.map(|(p, i)| p.init.values(seed, i, p.len())).collect();
        let buffers = layout.buffers().iter().zip(FIRST_BUFFER..);
        let buffers = buffers.map(|(b, i)| b.init.values(seed, i, b.len)).collect();
        Self::from_values(layout, values, buffers, device)
    }

    /// Zeros in the shape of `layout`: the start of an optimiser's moments.
    pub fn zeros(layout: Arc<Layout>, device: &Device) -> Self {
        let blocks = layout.block_lens().iter().map(|len| Tensor::zeros([*len], device)).collect();
        let buffers = layout.buffers().iter().map(|b| vec![0.0; b.len]).collect();
        Self { layout, blocks, buffers: Arc::new(buffers) }
    }

    /// Weights by name, as files hold them. Every parameter must be there with its number of
    /// elements; names that the layout does not know are ignored (resample filters, say).
    ///
    /// # Errors
    /// `Kind::Checkpoint` naming the first parameter that is missing or of another size.
    pub fn from_named(
        layout: Arc<Layout>,
        named: &BTreeMap<String, Vec<f32>>,
        device: &Device,
    ) -> Result<Self> {
        let take = |name: &str, len: usize, shape: &[usize]| {
            let value = named.get(name).ok_or_else(|| {
                Error::new(Kind::Checkpoint, format!("the weights have no tensor named {name}"))
            })?;
            if value.len() != len {
                return Err(Error::new(
                    Kind::Checkpoint,
                    format!("{name} has {} numbers, expected {shape:?}", value.len()),
                ));
            }
            Ok(value.clone())
        };
        let values = layout.params().iter().map(|p| take(&p.name, p.len(), &p.shape));
        let values = values.collect::<Result<Vec<_>>>()?;
        let buffers = layout.buffers().iter().map(|b| take(&b.name, b.len, &[b.len]));
        let buffers = buffers.collect::<Result<Vec<_>>>()?;
        Ok(Self::from_values(layout, values, buffers, device))
    }

    /// Like `from_named`, but what the file lacks is taken from `self`: a student starts from its
    /// teacher's weights and a fresh head.
    pub fn overlaid(&self, named: &BTreeMap<String, Vec<f32>>) -> Result<Self> {
        let mut all = self.named()?;
        all.extend(named.iter().map(|(name, value)| (name.clone(), value.clone())));
        Self::from_named(self.layout.clone(), &all, &self.device())
    }

    fn from_values(
        layout: Arc<Layout>,
        values: Vec<Vec<f32>>,
        buffers: Vec<Vec<f32>>,
        device: &Device,
    ) -> Self {
        let mut flat: Vec<Vec<f32>> =
            layout.block_lens().iter().map(|len| Vec::with_capacity(*len)).collect();
        for (param, value) in layout.params().iter().zip(values) {
            flat[param.block].resize(param.offset, 0.0);
            flat[param.block].extend(value);
        }
        for (numbers, len) in flat.iter_mut().zip(layout.block_lens()) {
            numbers.resize(*len, 0.0);
        }
        let blocks = flat.into_iter().map(|v| {
            let len = v.len();
            Tensor::from_data(TensorData::new(v, [len]), device)
        });
        Self { blocks: blocks.collect(), layout, buffers: Arc::new(buffers) }
    }

    /// The numbers by name, buffers too, read back to the host.
    pub fn named(&self) -> Result<BTreeMap<String, Vec<f32>>> {
        let blocks = self.blocks.iter().map(|b| read(b.clone())).collect::<Result<Vec<_>>>()?;
        let params = self.layout.params().iter();
        let params = params.map(|p| (p.name.clone(), blocks[p.block][p.offset..p.offset + p.len()].to_vec()));
        let buffers = self.layout.buffers().iter().zip(self.buffers.iter());
        Ok(params.chain(buffers.map(|(b, value)| (b.name.clone(), value.clone()))).collect())
    }

    pub fn layout(&self) -> &Arc<Layout> {
        &self.layout
    }

    pub fn device(&self) -> Device {
        self.blocks[0].device()
    }

    pub fn blocks(&self) -> &[Tensor<1>] {
        &self.blocks
    }

    /// Replaces every block by a function of its number and itself.
    pub fn update(&mut self, mut change: impl FnMut(usize, Tensor<1>) -> Tensor<1>) {
        Self::update_together([self], |i, [block]| [change(i, block)]);
    }

    /// Replaces the blocks of several networks of one layout: all blocks number i by a function of i and
    /// them. The blocks are given away, not shared, so that `change` may use their memory again where no
    /// snapshot and no leaves hold it too.
    pub fn update_together<const N: usize>(
        mut all: [&mut Self; N],
        mut change: impl FnMut(usize, [Tensor<1>; N]) -> [Tensor<1>; N],
    ) {
        for i in 0..all.first().map_or(0, |weights| weights.blocks.len()) {
            // Out at the front, in at the end: after one round all lie in their old order.
            let blocks = all.each_mut().map(|weights| weights.blocks.remove(0));
            for (weights, block) in all.iter_mut().zip(change(i, blocks)) {
                weights.blocks.push(block);
            }
        }
    }

    /// Single tensors without gradients, on the plain device: for inference.
    pub fn plain(&self) -> Leaves {
        self.leaves(|t| t)
    }

    /// Single tensors that autodiff passes through but does not train: a frozen network inside a loss.
    pub fn frozen(&self) -> Leaves {
        self.leaves(Tensor::from_inner)
    }

    /// Single tensors whose gradients `Leaves::gradients` collects.
    pub fn tracked(&self) -> Leaves {
        self.leaves(|t| Tensor::from_inner(t).require_grad())
    }

    fn leaves(&self, wrap: impl Fn(Tensor<1>) -> Tensor<1>) -> Leaves {
        let cut = |p: &Param| wrap(cut(self.blocks[p.block].clone(), p.offset, p.len()));
        Leaves {
            tensors: self.layout.params().iter().map(cut).collect(),
            layout: self.layout.clone(),
            buffers: self.buffers.clone(),
        }
    }
}

/// A network's parameters as single tensors, ready for a forward pass.
#[derive(Clone, Debug)]
pub struct Leaves {
    layout: Arc<Layout>,
    tensors: Vec<Tensor<1>>,
    buffers: Arc<Vec<Vec<f32>>>,
}

impl Leaves {
    /// Parameter `id` in its own shape of rank `D`.
    pub fn get<const D: usize>(&self, id: ParamId) -> Tensor<D> {
        let shape = &self.layout.param(id).shape;
        let shape: [usize; D] = std::array::from_fn(|i| shape[i]);
        self.tensors[id.0].clone().reshape(shape)
    }

    /// Buffer `id`, on the host.
    pub fn buffer(&self, id: BufferId) -> &[f32] {
        &self.buffers[id.0]
    }

    /// The gradients of all parameters, flat, in the blocks of the layout; zero where none arrived. They are taken
    /// out: a block's are gone before the next block is put together, so that memory never holds all of them twice.
    pub fn gradients(&self, gradients: &mut Gradients) -> Vec<Tensor<1>> {
        let (params, lens) = (self.layout.params(), self.layout.block_lens());
        // What is a block by itself is one as it comes.
        let copied = params.iter().filter(|param| param.len() < lens[param.block]).map(Param::len).sum();
        let _clock = clock("gradients into blocks", Cost::each(copied, 0, 2));
        let block = |number: usize| {
            let own = params.iter().zip(&self.tensors).filter(|(param, _)| param.block == number);
            let gradient = |(_, tensor): (&Param, &Tensor<1>)| {
                let gradient = tensor.grad_remove(gradients);
                gradient.unwrap_or_else(|| tensor.clone().inner().zeros_like())
            };
            let mut tensors: Vec<Tensor<1>> = own.map(gradient).collect();
            let is_whole = tensors.len() == 1 && tensors[0].dims()[0] == lens[number];
            if is_whole { tensors.remove(0) } else { gathered(tensors, STEP) }
        };
        (0..lens.len()).map(block).collect()
    }
}

#[cfg(test)]
mod tests;
