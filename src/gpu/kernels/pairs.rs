//! Pairs of pixels, both ways: an image of half the side from sums of 2×2, one of double the side by repeating each
//! pixel. Each is the other's transpose, and so its gradient.

use burn::backend::autodiff::Autodiff;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::ops::{InterpolateMode, InterpolateOptions};
use burn::backend::tensor::FloatTensor;
use burn::backend::wgpu::CubeBackend;
use burn::backend::{Backend, Dispatch, Flex, Scalar, Shape, TensorMetadata, backend_extension};
use burn::tensor::Tensor;
use rayon::prelude::*;

use super::cpu::{self, contiguous, slice};
use super::differentiable::{Slopes, record};
use super::fresh::{Unwritten, written};
use super::launch;
use super::shader::{DOUBLED, HALVED, Shader};
use crate::gpu::tally::{Cost, clock};
use crate::simd;

/// `gain` times the sum of each 2×2 pixels: `[batch, channels, h, w]` to `[batch, channels, h / 2, w / 2]`.
///
/// # Panics
/// If a side is odd.
pub fn halved(x: Tensor<4>, gain: f64) -> Tensor<4> {
    let [.., height, width] = x.dims();
    assert!(height % 2 + width % 2 == 0, "halved: {height}×{width} pixels are no pairs");
    Tensor::from_dispatch(<Dispatch as PairOps>::halved(x.into_dispatch(), gain))
}

/// `gain` times each pixel, four times: `[batch, channels, h, w]` to `[batch, channels, 2 h, 2 w]`.
pub fn doubled(x: Tensor<4>, gain: f64) -> Tensor<4> {
    Tensor::from_dispatch(<Dispatch as PairOps>::doubled(x.into_dispatch(), gain))
}

/// Both ways as operations of a backend; without a kernel they are burn's own.
#[backend_extension(Cube, Flex, Autodiff, Fusion: cfg(feature = "fusion"))]
pub trait PairOps: Backend {
    #[fusion(dtype = x, shape = Shape::new([x[0], x[1], x[2] / 2, x[3] / 2]))]
    fn halved(x: FloatTensor<Self>, gain: f64) -> FloatTensor<Self> {
        sums::<Self>(x, gain)
    }

    #[fusion(dtype = x, shape = Shape::new([x[0], x[1], 2 * x[2], 2 * x[3]]))]
    fn doubled(x: FloatTensor<Self>, gain: f64) -> FloatTensor<Self> {
        copies::<Self>(x, gain)
    }
}

fn sums<B: Backend>(x: FloatTensor<B>, gain: f64) -> FloatTensor<B> {
    let means = B::avg_pool2d(x, [2, 2], [2, 2], [0, 0], true, false);
    B::float_mul_scalar(means, Scalar::from(4.0 * gain))
}

fn copies<B: Backend>(x: FloatTensor<B>, gain: f64) -> FloatTensor<B> {
    let size = [2 * x.shape()[2], 2 * x.shape()[3]];
    let same = B::interpolate(x, size, InterpolateOptions::new(InterpolateMode::Nearest));
    B::float_mul_scalar(same, Scalar::from(gain))
}

impl PairOps for CubeBackend {
    fn halved(x: FloatTensor<Self>, gain: f64) -> FloatTensor<Self> {
        if !launch::takes_images(&[&x], &[]) {
            return sums::<Self>(x, gain);
        }
        let size = [x.shape()[2] / 2, x.shape()[3] / 2];
        resized(&HALVED, x, size, gain)
    }

    fn doubled(x: FloatTensor<Self>, gain: f64) -> FloatTensor<Self> {
        if !launch::takes_images(&[&x], &[]) {
            return copies::<Self>(x, gain);
        }
        let size = [2 * x.shape()[2], 2 * x.shape()[3]];
        resized(&DOUBLED, x, size, gain)
    }
}

/// Images of this height and width, with a thread for each of their pixels.
fn resized(
    shader: &'static Shader,
    x: FloatTensor<CubeBackend>,
    [height, width]: [usize; 2],
    gain: f64,
) -> FloatTensor<CubeBackend> {
    let x = launch::contiguous(x);
    let y = launch::empty_beside(&x, Shape::new([x.shape()[0], x.shape()[1], height, width]));
    let words = [width as u32, (gain as f32).to_bits()];
    launch::for_each(shader, &[&x, &y], y.shape().num_elements(), &words);
    y
}

impl PairOps for Flex {
    fn halved(x: FloatTensor<Self>, gain: f64) -> FloatTensor<Self> {
        if !cpu::takes(&[&x]) {
            return sums::<Self>(x, gain);
        }
        let shape = x.shape();
        let (width, gain) = (shape[3] / 2, gain as f32);
        let len = shape.num_elements() / 4;
        let _clock = clock("pixels halved", Cost::each(len, 4, 4 + 1));
        let x = contiguous(x);
        let sums = |y: &mut [Unwritten]| {
            each_row((y, width), (slice(&x), 4 * width), |y, pair| {
                let (upper, lower) = pair.split_at(2 * width);
                for (x, y) in y.iter_mut().enumerate() {
                    y.write((upper[2 * x] + upper[2 * x + 1] + lower[2 * x] + lower[2 * x + 1]) * gain);
                }
            });
        };
        // SAFETY: each row of the result has its two of the image, and is written from end to end.
        let y = unsafe { written(len, sums) };
        cpu::tensor(y, [shape[0], shape[1], shape[2] / 2, width])
    }

    fn doubled(x: FloatTensor<Self>, gain: f64) -> FloatTensor<Self> {
        if !cpu::takes(&[&x]) {
            return copies::<Self>(x, gain);
        }
        let shape = x.shape();
        let (width, gain) = (shape[3], gain as f32);
        let len = shape.num_elements();
        let _clock = clock("pixels doubled", Cost::each(len, 1, 4 + 1));
        let x = contiguous(x);
        let copies = |y: &mut [Unwritten]| {
            each_row((y, 4 * width), (slice(&x), width), |pair, x| {
                let (upper, lower) = pair.split_at_mut(2 * width);
                for (i, x) in x.iter().enumerate() {
                    let value = *x * gain;
                    for row in [&mut *upper, &mut *lower] {
                        row[2 * i].write(value);
                        row[2 * i + 1].write(value);
                    }
                }
            });
        };
        // SAFETY: each row of the image has its two of the result, and those are written from end to end.
        let y = unsafe { written(4 * len, copies) };
        cpu::tensor(y, [shape[0], shape[1], 2 * shape[2], 2 * width])
    }
}

/// Calls `fill` with each stretch of `to` and the one of `from` that belongs to it, of so many numbers each.
fn each_row(
    (to, to_len): (&mut [Unwritten], usize),
    (from, from_len): (&[f32], usize),
    fill: impl Fn(&mut [Unwritten], &[f32]) + Sync + Send,
) {
    let rows = to.par_chunks_exact_mut(to_len).zip(from.par_chunks_exact(from_len));
    rows.with_min_len(MIN_ROWS).for_each(|(to, from)| {
        simd::dispatch(
            #[inline(always)]
            || fill(to, from),
        );
    });
}

/// Rows that are worth a thread.
const MIN_ROWS: usize = 256;

impl<B: PairOps, C: CheckpointStrategy> PairOps for Autodiff<B, C> {
    fn halved(x: FloatTensor<Self>, gain: f64) -> FloatTensor<Self> {
        let (x, node) = x.into_parts();
        record::<B, C, _, 1>([node], B::halved(x, gain), Halved { gain })
    }

    fn doubled(x: FloatTensor<Self>, gain: f64) -> FloatTensor<Self> {
        let (x, node) = x.into_parts();
        record::<B, C, _, 1>([node], B::doubled(x, gain), Doubled { gain })
    }
}

#[derive(Clone, Debug)]
struct Halved {
    gain: f64,
}

impl<B: PairOps> Slopes<B, 1> for Halved {
    fn slopes(self, gradient: FloatTensor<B>, _wanted: [bool; 1]) -> [Option<FloatTensor<B>>; 1] {
        [Some(B::doubled(gradient, self.gain))]
    }
}

#[derive(Clone, Debug)]
struct Doubled {
    gain: f64,
}

impl<B: PairOps> Slopes<B, 1> for Doubled {
    fn slopes(self, gradient: FloatTensor<B>, _wanted: [bool; 1]) -> [Option<FloatTensor<B>>; 1] {
        [Some(B::halved(gradient, self.gain))]
    }
}

#[cfg(test)]
mod tests {
    use burn::tensor::{Device, FloatDType, TensorData};

    use super::*;
    use crate::gpu::read;

    fn images(shape: [usize; 4], device: &Device) -> Tensor<4> {
        let len = shape.iter().product::<usize>();
        let values: Vec<f32> = (0..len).map(|i| ((i * 37) % 101) as f32 / 16.0).collect();
        Tensor::from_data(TensorData::new(values, shape), device)
    }

    #[test]
    fn worked_by_hand() {
        let device = Device::flex();
        let x = Tensor::<4>::from_data([[[[1.0, 2.0, 5.0, 6.0], [3.0, 4.0, 7.0, 9.0]]]], &device);
        assert_eq!(read(halved(x.clone(), 0.25)).expect("numbers"), [2.5, 6.75]);
        let large = read(doubled(x, 2.0)).expect("numbers");
        assert_eq!(large[..8], [2.0, 2.0, 4.0, 4.0, 10.0, 10.0, 12.0, 12.0]);
        assert_eq!((large[..8] == large[8..16], large.len()), (true, 32));
    }

    /// What has no twin gives the same, forward and backward; so do shapes for one thread and for several.
    #[test]
    fn the_cpu_twin_agrees_with_burns_own() {
        let device = Device::flex().autodiff();
        for shape in [[1, 1, 2, 2], [2, 3, 6, 10], [4, 24, 32, 16]] {
            let run = |dtype: FloatDType, work: fn(Tensor<4>, f64) -> Tensor<4>| {
                let x = images(shape, &device).cast(dtype).require_grad();
                let y = work(x.clone(), 0.25);
                let slope = (y.clone() * y.clone()).sum().backward();
                [y.inner(), x.grad(&slope).expect("it asked")]
                    .map(|all| all.into_data().iter::<f32>().collect::<Vec<_>>())
            };
            for work in [halved, doubled] {
                assert_eq!(run(FloatDType::F32, work), run(FloatDType::F64, work), "{shape:?}");
            }
        }
    }

    #[test]
    #[should_panic(expected = "no pairs")]
    fn an_odd_side_is_a_mistake() {
        halved(Tensor::zeros([1, 1, 3, 2], &Device::flex()), 1.0);
    }
}
