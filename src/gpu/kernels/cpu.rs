//! Loops of the CPU twins, over the slices of burn's CPU tensors.

use burn::backend::flex::FlexTensor;
use burn::backend::{DType, Shape};
use burn::tensor::TensorData;
use rayon::prelude::*;

use crate::gpu::tally::{self, Clock, Cost};

/// Partial sums of one reduction, as many as a workgroup has threads: the same order of additions
/// as in the shader, and a loop that the compiler turns into vector instructions.
const LANES: usize = super::shader::THREADS as usize;

/// Elements from which threads are worth waking (about ten microseconds of arithmetic).
pub const PARALLEL_ELEMENTS: usize = 1 << 15;

/// Elements that one thread changes at a time in [`in_place`]: 64 KiB of every tensor.
pub const CHUNK: usize = 1 << 14;

/// True if the twins can take these tensors, the images first: single precision, not empty.
pub fn takes(tensors: &[&FlexTensor]) -> bool {
    tensors.iter().all(|tensor| tensor.dtype() == DType::F32 && tensor.layout().num_elements() > 0)
}

/// The same tensor with its elements in row-major order, without a copy if they are already.
pub fn contiguous(tensor: FlexTensor) -> FlexTensor {
    if tensor.as_slice::<f32>().is_some() { tensor } else { tensor.to_contiguous() }
}

/// All elements of a tensor from [`contiguous`].
pub fn slice(tensor: &FlexTensor) -> &[f32] {
    tensor.as_slice().expect("`takes` and `contiguous` were asked first")
}

/// A CPU tensor of these numbers, row-major.
pub fn tensor(values: Vec<f32>, shape: impl Into<Shape>) -> FlexTensor {
    FlexTensor::from_data(TensorData::new(values, shape.into()))
}

/// Changes tensors of one length beside another that is only read, in one pass of chunks: in place where
/// nobody else holds a tensor's memory, in a copy where somebody does. `change` must treat every element
/// by itself, so that chunks and threads do not show in the result.
pub fn in_place<const N: usize>(
    tensors: [FlexTensor; N],
    beside: FlexTensor,
    change: impl Fn([&mut [f32]; N], &[f32]) + Sync + Send,
) -> [FlexTensor; N] {
    let (mut tensors, beside) = (tensors.map(owned), contiguous(beside));
    let beside = slice(&beside);
    let mut chunks = tensors.each_mut().map(|tensor| slice_mut(tensor).chunks_mut(CHUNK));
    // Every tensor has a chunk for each of `beside`.
    let rows: Vec<([&mut [f32]; N], &[f32])> = beside
        .chunks(CHUNK)
        .map(|beside| (chunks.each_mut().map(|chunks| chunks.next().unwrap_or_default()), beside))
        .collect();
    if beside.len() >= PARALLEL_ELEMENTS {
        rows.into_par_iter().for_each(|(rows, beside)| change(rows, beside));
    } else {
        rows.into_iter().for_each(|(rows, beside)| change(rows, beside));
    }
    tensors
}

/// Changes rows of so many elements, numbered from 0, in one pass: in place where nobody else holds the memory.
pub fn each_row(
    tensor: FlexTensor,
    len: usize,
    change: impl Fn(usize, &mut [f32]) + Sync + Send,
) -> FlexTensor {
    let mut tensor = owned(tensor);
    let values = slice_mut(&mut tensor);
    let change = |(number, row): (usize, &mut [f32])| change(number, row);
    if values.len() >= PARALLEL_ELEMENTS {
        // Rows may be short.
        values.par_chunks_mut(len).enumerate().with_min_len(CHUNK.div_ceil(len)).for_each(change);
    } else {
        values.chunks_mut(len).enumerate().for_each(change);
    }
    tensor
}

/// The same elements, row-major, in memory that nobody else holds: without a copy if they lie so already.
fn owned(shared: FlexTensor) -> FlexTensor {
    if shared.is_unique() && shared.as_slice::<f32>().is_some() {
        return shared;
    }
    let shape = shared.layout().shape().clone();
    tensor(slice(&contiguous(shared)).to_vec(), shape)
}

/// All elements of a tensor from [`owned`], to be changed.
fn slice_mut(tensor: &mut FlexTensor) -> &mut [f32] {
    let (start, end) = tensor.layout().contiguous_offsets().expect("`owned` was asked first");
    &mut tensor.storage_mut()[start..end]
}

/// A clock on an operation that has, for each element of `images`, so many additions and multiplications and so
/// many numbers to read and write.
pub fn clock(name: &'static str, images: &FlexTensor, flops: usize, numbers: usize) -> Clock {
    tally::clock(name, Cost::each(images.layout().num_elements(), flops, numbers))
}

/// A batch of images as rows of equal length.
pub struct Samples {
    shape: Shape,
    length: usize,
}

impl Samples {
    /// The rows of `images`, `[batch, …]`, not empty.
    pub fn of(images: &FlexTensor) -> Self {
        let shape = images.layout().shape().clone();
        let length = shape.num_elements() / shape[0];
        Self { shape, length }
    }

    /// Row `sample` of a tensor of this shape, from [`contiguous`].
    pub fn get<'a>(&self, images: &'a FlexTensor, sample: usize) -> &'a [f32] {
        &slice(images)[sample * self.length..][..self.length]
    }

    /// Tensors `[batch]` of the numbers in `values(sample)`.
    pub fn per_sample<const OUTPUTS: usize>(
        &self,
        values: impl Fn(usize) -> [f32; OUTPUTS] + Sync + Send,
    ) -> [FlexTensor; OUTPUTS] {
        let samples = self.shape[0];
        let rows: Vec<[f32; OUTPUTS]> = if self.is_large() {
            (0..samples).into_par_iter().map(values).collect()
        } else {
            (0..samples).map(values).collect()
        };
        std::array::from_fn(|output| tensor(rows.iter().map(|row| row[output]).collect(), [samples]))
    }

    /// Images of this shape; `fill(sample, rows)` writes each sample's row in all of them, from zeros.
    pub fn per_element<const OUTPUTS: usize>(
        &self,
        fill: impl Fn(usize, [&mut [f32]; OUTPUTS]) + Sync + Send,
    ) -> [FlexTensor; OUTPUTS] {
        let mut pixels = [(); OUTPUTS].map(|()| vec![0.0; self.shape.num_elements()]);
        let mut images = pixels.each_mut().map(|pixels| pixels.chunks_mut(self.length));
        // Every image has a row for each sample.
        let rows: Vec<[&mut [f32]; OUTPUTS]> = (0..self.shape[0])
            .map(|_| images.each_mut().map(|rows| rows.next().unwrap_or_default()))
            .collect();
        if self.is_large() {
            rows.into_par_iter().enumerate().for_each(|(sample, rows)| fill(sample, rows));
        } else {
            rows.into_iter().enumerate().for_each(|(sample, rows)| fill(sample, rows));
        }
        pixels.map(|pixels| tensor(pixels, self.shape.clone()))
    }

    fn is_large(&self) -> bool {
        self.shape.num_elements() >= PARALLEL_ELEMENTS
    }
}

/// sum_k (a_k - b_k)^2, added up as the shader's workgroup does it.
pub fn squared_distance(a: &[f32], b: &[f32]) -> f32 {
    let mut lanes = [0.0f32; LANES];
    for (a, b) in a.chunks(LANES).zip(b.chunks(LANES)) {
        for ((lane, a), b) in lanes.iter_mut().zip(a).zip(b) {
            let residual = a - b;
            *lane += residual * residual;
        }
    }
    let mut stride = LANES / 2;
    while stride > 0 {
        let (low, high) = lanes.split_at_mut(stride);
        low.iter_mut().zip(high).for_each(|(low, high)| *low += *high);
        stride /= 2;
    }
    lanes[0]
}

/// `out = scale * (a - b)`.
pub fn scaled_difference(scale: f32, a: &[f32], b: &[f32], out: &mut [f32]) {
    for ((out, a), b) in out.iter_mut().zip(a).zip(b) {
        *out = scale * (a - b);
    }
}
