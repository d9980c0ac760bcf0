//! Images of random numbers, made on the device that they are for.

use burn::backend::autodiff::Autodiff;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::tensor::FloatTensor;
use burn::backend::wgpu::CubeBackend;
use burn::backend::{AutodiffBackend, Backend, Dispatch, Flex, Shape, backend_extension};
use burn::tensor::{Device, Tensor};

use super::shader::{DRAW, THREADS};
use super::{composed, launch};
use crate::gpu::tally::{Cost, clock};
use crate::random::Random;

/// Numbers of some neighbouring samples of one step.
#[derive(Clone, Copy, Debug)]
pub struct Draw {
    pub random: Random,
    pub step: u64,
    /// The first of the samples.
    pub first: u32,
}

/// How the numbers are spread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Distribution {
    /// In [0, 1), multiples of 2^-24: [`Random::uniforms`], the same bits on every device.
    Uniform,
    /// [`Random::normals`], on the CPU the same bits. A GPU makes them from the same integers in single
    /// precision and is off by at most 1e-6 (1 + |x|): with roots and divisions no better than WGSL asks for,
    /// the errors of a logarithm's half, a root, a cosine and two products add up to 8 units in the last
    /// place. Where roots and divisions are rounded well, it is 2e-7 (1 + |x|).
    Normal,
}

/// One image, `[samples, …]`, for each sample of a draw.
pub fn drawn_images(draw: Draw, of: Distribution, shape: [usize; 4], device: &Device) -> Tensor<4> {
    let near = Tensor::<1>::empty([1], device).into_dispatch();
    Tensor::from_dispatch(<Dispatch as DrawOps>::drawn(near, draw, of, shape))
}

/// The draw as an operation of a backend; without a kernel the host draws.
#[backend_extension(Cube, Flex, Autodiff, Fusion: cfg(feature = "fusion"))]
pub trait DrawOps: Backend {
    /// Images of that shape on the device of `near`, whose numbers are not looked at, and in its precision.
    #[fusion(dtype = near, shape = Shape::new(*shape))]
    fn drawn(near: FloatTensor<Self>, draw: Draw, of: Distribution, shape: [usize; 4]) -> FloatTensor<Self> {
        by_the_host::<Self>(near, draw, of, shape)
    }
}

fn by_the_host<B: Backend>(
    near: FloatTensor<B>,
    draw: Draw,
    of: Distribution,
    shape: [usize; 4],
) -> FloatTensor<B> {
    let Draw { random, step, first } = draw;
    let [samples, ..] = shape;
    let per_sample: usize = shape[1..].iter().product();
    let numbers = match of {
        Distribution::Uniform => random.uniform_batch(step, first, samples, per_sample),
        Distribution::Normal => random.normal_batch(step, first, samples, per_sample),
    };
    composed::from_host::<B>(numbers, Shape::new(shape), &near)
}

impl DrawOps for CubeBackend {
    fn drawn(near: FloatTensor<Self>, draw: Draw, of: Distribution, shape: [usize; 4]) -> FloatTensor<Self> {
        let [samples, ..] = shape;
        let per_sample: usize = shape[1..].iter().product();
        if samples * per_sample == 0 || !launch::takes(&[&near]) {
            return by_the_host::<Self>(near, draw, of, shape);
        }
        let numbers = launch::empty_beside(&near, Shape::new(shape));
        let [seed, stream] = draw.random.key();
        let step = [draw.step as u32, (draw.step >> 32) as u32];
        let size = [samples, per_sample].map(|n| n as u32);
        let normal = u32::from(of == Distribution::Normal);
        let words = [seed, stream, step[0], step[1], draw.first, size[0], size[1], normal];
        let blocks = samples * per_sample.div_ceil(4);
        launch::start_once(&DRAW, &[&numbers], &words, blocks.div_ceil(THREADS as usize));
        numbers
    }
}

impl DrawOps for Flex {
    fn drawn(near: FloatTensor<Self>, draw: Draw, of: Distribution, shape: [usize; 4]) -> FloatTensor<Self> {
        let _clock = clock("noise drawn", Cost::each(shape.iter().product(), 0, 1));
        by_the_host::<Self>(near, draw, of, shape)
    }
}

/// Random numbers have no gradient.
impl<B: DrawOps, C: CheckpointStrategy> DrawOps for Autodiff<B, C> {
    fn drawn(near: FloatTensor<Self>, draw: Draw, of: Distribution, shape: [usize; 4]) -> FloatTensor<Self> {
        <Self as AutodiffBackend>::from_inner(B::drawn(near.into_primitive(), draw, of, shape))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gpu::read;
    use crate::random::Stream;

    const FROM: Draw = Draw { random: Random::new(7, Stream::SelfTest), step: (1 << 33) | 5, first: 3 };

    #[test]
    fn the_cpu_has_the_hosts_own_numbers() {
        for device in [Device::flex(), Device::flex().autodiff()] {
            let shape = [4, 3, 5, 7];
            let drawn = |of| read(drawn_images(FROM, of, shape, &device)).expect("numbers");
            let normals = FROM.random.normal_batch(FROM.step, 3, 4, 105);
            assert_eq!(drawn(Distribution::Normal), normals);
            let uniforms = drawn(Distribution::Uniform);
            assert_eq!(uniforms[105..210], FROM.random.uniforms(FROM.step, 4, 105));
        }
    }

    #[test]
    fn no_images_are_no_numbers() {
        let none = drawn_images(FROM, Distribution::Normal, [0, 3, 2, 2], &Device::flex());
        assert_eq!(none.dims(), [0, 3, 2, 2]);
    }
}
