//! The pseudo-Huber distance of each sample: quadratic near zero, linear far away (Song and
//! Dhariwal, "Improved techniques for training consistency models", section 3.3).

use burn::backend::autodiff::Autodiff;
use burn::backend::autodiff::checkpoint::strategy::CheckpointStrategy;
use burn::backend::tensor::FloatTensor;
use burn::backend::wgpu::CubeBackend;
use burn::backend::{Backend, Dispatch, Flex, Scalar, Shape, TensorMetadata, backend_extension};
use burn::tensor::Tensor;

use super::differentiable::{Slopes, opposite, record};
use super::shader::{PSEUDO_HUBER, PSEUDO_HUBER_BACKWARD};
use super::{assert_same_shape, at_least_single, composed, cpu, launch, sum_per_sample};

/// `d[i] = (sqrt(sum_k (a[i, k] - b[i, k])^2 + c^2) - c) / sqrt(n)`, shape `[batch]`, for images of one
/// shape `[batch, channels, height, width]` with `n` values each. Gradients reach `a` and `b`.
/// Half precision is calculated, and the distance given, in single precision.
///
/// # Panics
/// If the shapes do not match, or if `c` is not above 0: there the gradient at `a = b` has no value.
pub fn pseudo_huber(a: Tensor<4>, b: Tensor<4>, c: f32) -> Tensor<1> {
    assert_same_shape("pseudo_huber", &a, &b);
    assert!(c > 0.0, "pseudo_huber: c must be above 0, not {c}");
    let [a, b] = [a, b].map(|images| at_least_single(images).into_dispatch());
    Tensor::from_dispatch(<Dispatch as PseudoHuberOps>::pseudo_huber(a, b, c))
}

/// The same distance from burn's own operations: what the kernel is measured against.
pub fn pseudo_huber_composed(a: Tensor<4>, b: Tensor<4>, c: f32) -> Tensor<1> {
    let [_, channels, height, width] = a.dims();
    let difference = a - b;
    let sum = sum_per_sample(difference.clone() * difference);
    ((sum + c * c).sqrt() - c) / ((channels * height * width) as f32).sqrt()
}

/// The distance and its slope as operations of a backend; without a kernel they are composed.
#[backend_extension(Cube, Flex, Autodiff, Fusion: cfg(feature = "fusion"))]
pub trait PseudoHuberOps: Backend {
    /// The distance, `[batch]`.
    #[fusion(dtype = a, shape = Shape::new([a[0]]))]
    fn pseudo_huber(a: FloatTensor<Self>, b: FloatTensor<Self>, c: f32) -> FloatTensor<Self> {
        composed_distance::<Self>(a, b, c)
    }

    /// Gradient in `a` from the distance and the distance's `gradient`, both `[batch]`; `b`'s is its
    /// negative.
    #[fusion(dtype = a, shape = a)]
    fn pseudo_huber_slope(
        a: FloatTensor<Self>,
        b: FloatTensor<Self>,
        distance: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        c: f32,
    ) -> FloatTensor<Self> {
        composed_slope::<Self>(a, b, distance, gradient, c)
    }
}

/// sqrt(n) of images `[batch, …]` with n values each.
fn root_of_length(images: &Shape) -> f32 {
    ((images.num_elements() / images[0].max(1)) as f32).sqrt()
}

fn composed_distance<B: Backend>(a: FloatTensor<B>, b: FloatTensor<B>, c: f32) -> FloatTensor<B> {
    let root_n = root_of_length(&a.shape());
    let difference = B::float_sub(a, b);
    let sum = composed::sum_per_sample::<B>(B::float_mul(difference.clone(), difference));
    let root = B::float_sqrt(B::float_add_scalar(sum.clone(), Scalar::from(c * c)));
    let below = B::float_mul_scalar(B::float_add_scalar(root, Scalar::from(c)), Scalar::from(root_n));
    B::float_div(sum, below)
}

fn composed_slope<B: Backend>(
    a: FloatTensor<B>,
    b: FloatTensor<B>,
    distance: FloatTensor<B>,
    gradient: FloatTensor<B>,
    c: f32,
) -> FloatTensor<B> {
    let root_n = root_of_length(&a.shape());
    let root = B::float_add_scalar(B::float_mul_scalar(distance, Scalar::from(root_n)), Scalar::from(c));
    let scale = B::float_div(gradient, B::float_mul_scalar(root, Scalar::from(root_n)));
    B::float_mul(B::float_sub(a, b), composed::over_pixels::<B>(scale))
}

impl PseudoHuberOps for CubeBackend {
    fn pseudo_huber(a: FloatTensor<Self>, b: FloatTensor<Self>, c: f32) -> FloatTensor<Self> {
        if !launch::takes(&[&a, &b]) {
            return composed_distance::<Self>(a, b, c);
        }
        let [distance] = launch::per_sample(&PSEUDO_HUBER, vec![a, b], c);
        distance
    }

    fn pseudo_huber_slope(
        a: FloatTensor<Self>,
        b: FloatTensor<Self>,
        distance: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        c: f32,
    ) -> FloatTensor<Self> {
        if !launch::takes(&[&a, &b, &distance, &gradient]) {
            return composed_slope::<Self>(a, b, distance, gradient, c);
        }
        let inputs = vec![a, b, distance, gradient];
        let [slope] = launch::per_element(&PSEUDO_HUBER_BACKWARD, inputs, c);
        slope
    }
}

impl PseudoHuberOps for Flex {
    fn pseudo_huber(a: FloatTensor<Self>, b: FloatTensor<Self>, c: f32) -> FloatTensor<Self> {
        if !cpu::takes(&[&a, &b]) {
            return composed_distance::<Self>(a, b, c);
        }
        let _clock = cpu::clock("pseudo-Huber", &a, 3, 2);
        let root_n = root_of_length(&a.shape());
        let [a, b] = [a, b].map(cpu::contiguous);
        let images = cpu::Samples::of(&a);
        let [distance] = images.per_sample(|i| {
            let sum = cpu::squared_distance(images.get(&a, i), images.get(&b, i));
            // sqrt(sum + c^2) - c without its cancellation at small sums.
            [sum / (((sum + c * c).sqrt() + c) * root_n)]
        });
        distance
    }

    fn pseudo_huber_slope(
        a: FloatTensor<Self>,
        b: FloatTensor<Self>,
        distance: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        c: f32,
    ) -> FloatTensor<Self> {
        if !cpu::takes(&[&a, &b, &distance, &gradient]) {
            return composed_slope::<Self>(a, b, distance, gradient, c);
        }
        let _clock = cpu::clock("pseudo-Huber gradient", &a, 2, 3);
        let root_n = root_of_length(&a.shape());
        let [a, b, distance, gradient] = [a, b, distance, gradient].map(cpu::contiguous);
        let images = cpu::Samples::of(&a);
        let [slope] = images.per_element(|i, [slope]| {
            let root = cpu::slice(&distance)[i] * root_n + c;
            let scale = cpu::slice(&gradient)[i] / (root_n * root);
            cpu::scaled_difference(scale, images.get(&a, i), images.get(&b, i), slope);
        });
        slope
    }
}

#[derive(Clone, Debug)]
struct Kept<B: Backend> {
    a: FloatTensor<B>,
    b: FloatTensor<B>,
    distance: FloatTensor<B>,
    c: f32,
}

impl<B: PseudoHuberOps> Slopes<B, 2> for Kept<B> {
    fn slopes(self, gradient: FloatTensor<B>, wanted: [bool; 2]) -> [Option<FloatTensor<B>>; 2] {
        let slope = B::pseudo_huber_slope(self.a, self.b, self.distance, gradient, self.c);
        opposite::<B>(slope, wanted)
    }
}

impl<B: PseudoHuberOps, C: CheckpointStrategy> PseudoHuberOps for Autodiff<B, C> {
    fn pseudo_huber(a: FloatTensor<Self>, b: FloatTensor<Self>, c: f32) -> FloatTensor<Self> {
        let (a, a_node) = a.into_parts();
        let (b, b_node) = b.into_parts();
        let distance = B::pseudo_huber(a.clone(), b.clone(), c);
        let kept = Kept::<B> { a, b, distance: distance.clone(), c };
        record::<B, C, _, 2>([a_node, b_node], distance, kept)
    }

    // The slope itself stays differentiable, composed: autodiff's default body above.
}
