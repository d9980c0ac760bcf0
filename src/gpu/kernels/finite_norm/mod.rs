//! One look at all gradients of a step: how many of their numbers are not finite, and how large the others are. The
//! verdict stays on the device, where Adam reads it; the host may read it when it likes. On a GPU chunks are summed in
//! single precision and one fixed order, six blocks a launch, and one last launch adds the chunks up.

mod backends;
mod composed;
#[cfg(test)]
mod tests;

use burn::backend::tensor::FloatTensor;
use burn::backend::{Backend, Dispatch, TensorMetadata, backend_extension};
use burn::tensor::{DType, FloatDType, Tensor};

use crate::error::Result;
use crate::gpu::read;

pub use composed::finite_and_norm_composed;

/// Elements that one workgroup sums: 64 a thread.
pub const CHUNK: usize = 1 << 14;

/// What [`gradient_verdict`] found.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct FiniteNorm {
    /// Numbers that are NaN or infinite; rounded above 2^24.
    pub non_finite: u64,
    /// Of the finite numbers. Infinite if it leaves single precision, as one number beyond 1e19 makes it.
    pub sum_of_squares: f64,
}

impl FiniteNorm {
    /// From the two numbers of [`gradient_verdict`].
    pub fn of([sum_of_squares, non_finite]: [f32; 2]) -> Self {
        Self { non_finite: non_finite as u64, sum_of_squares: f64::from(sum_of_squares) }
    }

    /// True if every number, and the sum of their squares, is finite.
    pub fn is_finite(&self) -> bool {
        self.non_finite == 0 && self.sum_of_squares.is_finite()
    }
}

/// What the gradients of a step are like, on their device: `[2]`, the sum of squares of all finite numbers of all
/// blocks, and how many numbers are not finite. The same blocks give the same bits on every run of one device.
///
/// A step is bad if the second number is above 0 or the first is not finite: then the squares of the gradients leave
/// single precision.
///
/// # Panics
/// If there are no blocks.
pub fn gradient_verdict(blocks: &[Tensor<1>]) -> Tensor<1> {
    let device = blocks.first().expect("a network has a block").device();
    let blocks: Vec<Tensor<1>> = blocks.iter().filter(|block| block.dims() != [0]).map(single).collect();
    let chunks = |block: &Tensor<1>| chunks_of(block.dims()[0]);
    let rows: usize = blocks.iter().map(chunks).sum();
    if rows == 0 {
        return Tensor::zeros([2], &device);
    }
    let mut partials = Tensor::<2>::empty([rows, 2], &device).into_dispatch();
    let mut first = 0;
    let (sixes, others) = blocks.as_chunks::<6>();
    for six in sixes {
        let [a, b, c, d, e, f] = six.clone().map(Tensor::into_dispatch);
        partials = <Dispatch as FiniteNormOps>::finite_norm_of_six(a, b, c, d, e, f, partials, first);
        first += six.iter().map(chunks).sum::<usize>();
    }
    for block in others {
        let dispatched = block.clone().into_dispatch();
        partials = <Dispatch as FiniteNormOps>::finite_norm_partials(dispatched, partials, first);
        first += chunks(block);
    }
    Tensor::from_dispatch(<Dispatch as FiniteNormOps>::finite_norm_total(partials))
}

/// The block in single precision.
fn single(block: &Tensor<1>) -> Tensor<1> {
    match block.dtype() {
        DType::F32 => block.clone(),
        _ => block.clone().cast(FloatDType::F32),
    }
}

/// The two numbers of a [`gradient_verdict`].
///
/// # Errors
/// `Kind::Device` if the device does not give its numbers back.
pub fn read_verdict(verdict: Tensor<1>) -> Result<[f32; 2]> {
    Ok(read(verdict)?.try_into().expect("a verdict is two numbers"))
}

/// [`gradient_verdict`], read back at once. Without blocks there is nothing that is not finite.
///
/// # Errors
/// As [`read_verdict`].
pub fn finite_and_norm(blocks: &[Tensor<1>]) -> Result<FiniteNorm> {
    if blocks.is_empty() {
        return Ok(FiniteNorm::default());
    }
    read_verdict(gradient_verdict(blocks)).map(FiniteNorm::of)
}

/// The reduction's stages as operations of a backend; without a kernel they are composed.
#[backend_extension(Cube, Flex, Autodiff, Fusion: cfg(feature = "fusion"))]
pub trait FiniteNormOps: Backend {
    /// `partials`, `[chunks of all blocks, 2]`, with new rows from `first` on: of each chunk of [`CHUNK`] numbers of
    /// `block` (`[elements]`, not empty) the sum of squares of the finite ones and the number of the others. The
    /// memory of `partials` may be written over if nobody else holds it.
    #[fusion(dtype = partials, shape = partials)]
    fn finite_norm_partials(
        block: FloatTensor<Self>,
        partials: FloatTensor<Self>,
        first: usize,
    ) -> FloatTensor<Self> {
        composed::placed::<Self>(block, partials, first)
    }

    /// The same for six blocks, whose rows follow each other.
    #[fusion(dtype = partials, shape = partials)]
    #[allow(clippy::too_many_arguments, reason = "operations of a backend take no lists of tensors")]
    fn finite_norm_of_six(
        a: FloatTensor<Self>,
        b: FloatTensor<Self>,
        c: FloatTensor<Self>,
        d: FloatTensor<Self>,
        e: FloatTensor<Self>,
        f: FloatTensor<Self>,
        partials: FloatTensor<Self>,
        first: usize,
    ) -> FloatTensor<Self> {
        one_by_one::<Self>([a, b, c, d, e, f], partials, first)
    }

    /// Sums of both columns of `partials`, `[2]`.
    #[fusion(dtype = partials, shape = burn::backend::Shape::new([2]))]
    fn finite_norm_total(partials: FloatTensor<Self>) -> FloatTensor<Self> {
        composed::total::<Self>(partials)
    }
}

fn one_by_one<B: FiniteNormOps>(
    blocks: [FloatTensor<B>; 6],
    partials: FloatTensor<B>,
    first: usize,
) -> FloatTensor<B> {
    let place = |(partials, first): (FloatTensor<B>, usize), block: FloatTensor<B>| {
        let behind = first + chunks_of(block.shape().num_elements());
        (B::finite_norm_partials(block, partials, first), behind)
    };
    blocks.into_iter().fold((partials, first), place).0
}

fn chunks_of(elements: usize) -> usize {
    elements.div_ceil(CHUNK)
}
