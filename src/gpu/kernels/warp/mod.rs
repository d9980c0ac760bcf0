//! Images flipped, and warped without aliasing, as Karras et al. (2020, appendix B) do it: an image is reflected beyond
//! its borders, brought to twice its resolution by an orthogonal wavelet's low-pass, sampled bilinearly there, and
//! brought back by the same filter. Where nothing is warped the two filters cancel. (Four kernels and their twin on the
//! CPU; there is no composition: images are on one of wgpu's devices, opened by [`open`](crate::gpu::open), or the CPU.)

mod affine;
mod cube;
mod margins;
mod plane;
#[cfg(test)]
mod tests;

use burn::backend::autodiff::Autodiff;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::tensor::FloatTensor;
use burn::backend::{AutodiffBackend, Backend, Dispatch, Flex, backend_extension};
use burn::tensor::{DType, Tensor};
use rayon::prelude::*;

pub use affine::Affine;

use super::cpu;
use margins::Margins;

/// The low-pass of Daubechies' sym6 wavelet; its squares sum to 1.
const LOW_PASS: [f64; 12] = [
    0.015404109327027373,
    0.0034907120842174702,
    -0.11799011114819057,
    -0.048311742585633,
    0.4910559419267466,
    0.787641141030194,
    0.3379294217276218,
    -0.07263752278646252,
    -0.021060292512300564,
    0.04472490177066578,
    0.0017677118642428036,
    -0.007800708325034148,
];
/// The filter's tap that meets a pixel's own place, when the resolution doubles.
const CENTRE: usize = LOW_PASS.len() / 2 - 1;
/// Pixels around the transformed image that the filter looks at on its way back.
const RIM: usize = LOW_PASS.len() / 4;

/// Side of the transformed image with its rim, at twice the resolution.
fn side(size: usize) -> usize {
    2 * (size + 2 * RIM)
}

/// What becomes of an image.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Warp {
    /// Mirrored left to right.
    pub x_flip: bool,
    /// Mirrored top to bottom.
    pub y_flip: bool,
    /// Where a point of the result is found in the flipped image.
    pub map: Affine,
}

impl Warp {
    /// The image stays as it is.
    pub const NONE: Self = Self { x_flip: false, y_flip: false, map: Affine::IDENTITY };

    /// Whether more than flips is to be done: two filters that cancel would only add rounding.
    fn is_warped(&self) -> bool {
        self.map != Affine::IDENTITY
    }
}

/// What becomes of the images of a batch, or of some of them.
#[derive(Clone, Debug, PartialEq)]
pub struct Warps {
    each: Vec<Warp>,
    /// Side of the images, pixels.
    size: usize,
    /// Those of the whole batch.
    margins: Margins,
}

impl Warps {
    /// Of all images of a batch, `size`×`size` pixels each.
    pub fn new(each: Vec<Warp>, size: usize) -> Self {
        let margins = Margins::of(each.iter().map(|warp| &warp.map), size);
        Self { each, size, margins }
    }

    /// How many images they are for.
    pub fn count(&self) -> usize {
        self.each.len()
    }

    /// Those of `count` images from number `first` on, which come out as they do in the whole batch.
    ///
    /// # Panics
    /// If there are fewer.
    pub fn part(&self, first: usize, count: usize) -> Self {
        Self { each: self.each[first..first + count].to_vec(), ..*self }
    }
}

/// The images, `[batch, channels, size, size]` in single precision, each flipped and then warped as `warps` says. A
/// batch that nothing happens to is given back as it is. No gradient passes through.
///
/// # Panics
/// If `warps` are for another number of images, for images of another size, or the images are not in single precision.
pub fn warped(images: Tensor<4>, warps: Warps) -> Tensor<4> {
    let [batch, _, height, width] = images.dims();
    let (count, size) = (warps.count(), warps.size);
    assert_eq!([batch, height, width], [count, size, size], "warped: images that the warps are for");
    assert_eq!(images.dtype(), DType::F32, "warped: images in single precision");
    if warps.each.iter().all(|warp| *warp == Warp::NONE) {
        return images.detach();
    }
    Tensor::from_dispatch(<Dispatch as WarpOps>::warped(images.into_dispatch(), warps))
}

/// The warp as an operation of a backend.
#[backend_extension(Cube, Flex, Autodiff, Fusion: cfg(feature = "fusion"))]
pub trait WarpOps: Backend {
    #[fusion(dtype = images, shape = images)]
    fn warped(images: FloatTensor<Self>, warps: Warps) -> FloatTensor<Self>;
}

impl WarpOps for Flex {
    fn warped(images: FloatTensor<Self>, warps: Warps) -> FloatTensor<Self> {
        let _clock = cpu::clock("images warped", &images, 0, 2);
        let shape = images.layout().shape().clone();
        let images = cpu::contiguous(images);
        let Warps { each, size, margins } = warps;
        let planes = |(image, warp): (&[f32], &Warp)| -> Vec<f32> {
            image
                .chunks_exact(size * size)
                .flat_map(|pixels| plane::warped(pixels, size, warp, margins))
                .collect()
        };
        let pairs = cpu::slice(&images).par_chunks_exact(shape[1] * size * size).zip(&each);
        let images: Vec<Vec<f32>> = pairs.map(planes).collect();
        cpu::tensor(images.concat(), shape)
    }
}

/// What is trained on such images does not learn from how they were warped.
impl<B: WarpOps, C: CheckpointStrategy> WarpOps for Autodiff<B, C> {
    fn warped(images: FloatTensor<Self>, warps: Warps) -> FloatTensor<Self> {
        <Self as AutodiffBackend>::from_inner(B::warped(images.into_primitive(), warps))
    }
}
