//! Attention on burn's GPU tensors: products of matrices that lie among the queries, keys and values, and a softmax
//! between them. The weights are kept for the backward pass, in single precision whatever the images are in: scores may be
//! large, and a softmax adds up many small numbers.

use burn::backend::wgpu::CubeTensor;
use burn::backend::{Shape, TensorMetadata};

use super::super::launch;
use super::super::shader::{MATRIX_PRODUCTS, SOFTMAX, SOFTMAX_BACKWARD, Shader, Stage};
use super::rows::Plan;

/// Rows and columns of a product's tiles, as `matrix_products.wgsl` has them.
const TILE: [usize; 2] = [64, 128];

/// Where the numbers of a matrix lie in a tensor, for each row of the batch.
#[derive(Clone, Copy)]
struct Place {
    /// Of the first number.
    offset: usize,
    /// From a row of the batch to the next.
    batch: usize,
    /// From a row of the matrix to the next, and from column to column.
    strides: [usize; 2],
}

impl Place {
    /// The matrix on its side.
    fn turned(self) -> Self {
        let [row, column] = self.strides;
        Self { strides: [column, row], ..self }
    }
}

impl Plan {
    /// Queries (0), keys (1) or values (2), `[channels, pixels]`, in `[rows, channels, 3, pixels]`.
    fn part(&self, part: usize) -> Place {
        let all = 3 * self.pixels;
        Place { offset: part * self.pixels, batch: self.channels * all, strides: [all, 1] }
    }

    /// A result or its gradient, `[channels, pixels]`.
    fn images(&self) -> Place {
        Place { offset: 0, batch: self.channels * self.pixels, strides: [self.pixels, 1] }
    }

    /// `[pixels of q, pixels of k]`.
    fn weights(&self) -> Place {
        Place { offset: 0, batch: self.pixels * self.pixels, strides: [self.pixels, 1] }
    }

    fn weights_shape(&self) -> Shape {
        Shape::new([self.rows, self.pixels, self.pixels])
    }
}

/// The result, `[rows, channels, pixels]`, and the weights, `[rows, pixels of q, pixels of k]`, for contiguous `qkv`.
pub fn forward(plan: &Plan, qkv: &CubeTensor) -> (CubeTensor, CubeTensor) {
    let weights = launch::single_beside(qkv, plan.weights_shape());
    let [q, k, v] = [0, 1, 2].map(|part| plan.part(part));
    let scores = (&weights, plan.weights());
    product(
        plan,
        [plan.pixels, plan.channels, plan.pixels],
        (qkv, q.turned()),
        (qkv, k),
        scores,
        plan.scale(),
    );
    launch::start(softmax(&SOFTMAX, plan), &[&weights], &[all_rows(plan)], plan.rows * plan.pixels);
    let y = launch::empty_beside(qkv, Shape::new([plan.rows, plan.channels, plan.pixels]));
    let turned = (&weights, plan.weights().turned());
    product(plan, [plan.channels, plan.pixels, plan.pixels], (qkv, v), turned, (&y, plan.images()), 1.0);
    (y, weights)
}

/// Gradient in `qkv` from that in the result, all contiguous.
pub fn slope(plan: &Plan, qkv: &CubeTensor, weights: &CubeTensor, gradient: &CubeTensor) -> CubeTensor {
    let [q, k, v] = [0, 1, 2].map(|part| plan.part(part));
    let (images, pairs) = (plan.images(), plan.weights());
    let of_scores = launch::single_beside(qkv, plan.weights_shape());
    let to_scores = (&of_scores, pairs);
    let [channels, pixels] = [plan.channels, plan.pixels];
    product(plan, [pixels, channels, pixels], (gradient, images.turned()), (qkv, v), to_scores, 1.0);
    let mut stage = softmax(&SOFTMAX_BACKWARD, plan);
    stage.constants.push(("scale_bits", plan.scale().to_bits()));
    launch::start(stage, &[weights, &of_scores], &[all_rows(plan)], plan.rows * pixels);

    let slope = launch::empty_beside(qkv, qkv.shape());
    let by_pixels = [channels, pixels, pixels];
    product(plan, by_pixels, (qkv, k), (&of_scores, pairs.turned()), (&slope, q), 1.0);
    product(plan, by_pixels, (qkv, q), (&of_scores, pairs), (&slope, k), 1.0);
    product(plan, by_pixels, (gradient, images), (weights, pairs), (&slope, v), 1.0);
    slope
}

/// `c = scale a b` for each row of the batch, with `a`: `[m, k]`, `b`: `[k, n]` and `c`: `[m, n]`.
fn product(
    plan: &Plan,
    [m, k, n]: [usize; 3],
    (a, of_a): (&CubeTensor, Place),
    (b, of_b): (&CubeTensor, Place),
    (c, of_c): (&CubeTensor, Place),
    scale: f32,
) {
    let numbers = [
        ("m", m),
        ("k", k),
        ("n", n),
        ("a_offset", of_a.offset),
        ("a_batch", of_a.batch),
        ("a_m", of_a.strides[0]),
        ("a_k", of_a.strides[1]),
        ("b_offset", of_b.offset),
        ("b_batch", of_b.batch),
        ("b_k", of_b.strides[0]),
        ("b_n", of_b.strides[1]),
        ("c_offset", of_c.offset),
        ("c_batch", of_c.batch),
        ("c_m", of_c.strides[0]),
    ];
    let mut constants: Vec<_> = numbers.into_iter().map(|(name, number)| (name, number as u32)).collect();
    constants.push(("scale_bits", scale.to_bits()));
    let tiles = m.div_ceil(TILE[0]) * n.div_ceil(TILE[1]);
    let multiply_adds = [plan.rows, m, k, n].into_iter().map(|number| number as u64).product();
    launch::start_heavy(
        Stage::new(&MATRIX_PRODUCTS, constants),
        &[a, b, c],
        &[plan.rows as u32],
        tiles * plan.rows,
        multiply_adds,
    );
}

fn softmax(shader: &'static Shader, plan: &Plan) -> Stage {
    Stage::new(shader, vec![("length", plan.pixels as u32)])
}

/// Rows of all weights.
fn all_rows(plan: &Plan) -> u32 {
    (plan.rows * plan.pixels) as u32
}
