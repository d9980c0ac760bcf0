//! Attention from burn's own operations: what runs where there is no twin of ours.

use burn::backend::tensor::FloatTensor;
use burn::backend::{Backend, Dispatch, Scalar, Shape, TensorMetadata};
use burn::tensor::{Slice, Tensor};

use super::super::composed::{cast, in_wide, widened};

/// `softmax_k(q · k / sqrt(channels))` for `q` and `k`: `[rows, channels, pixels]`, which gives
/// `[rows, pixels of q, pixels of k]`.
pub fn attention_weights(q: Tensor<3>, k: Tensor<3>) -> Tensor<3> {
    Tensor::from_dispatch(weights::<Dispatch>(q.into_dispatch(), k.into_dispatch()))
}

fn weights<B: Backend>(q: FloatTensor<B>, k: FloatTensor<B>) -> FloatTensor<B> {
    let q = scaled::<B>(q);
    B::softmax(B::float_matmul(turned::<B>(q), k), 2)
}

/// Body of [`super::AttentionOps::self_attention`].
pub fn forward<B: Backend>(qkv: FloatTensor<B>) -> (FloatTensor<B>, FloatTensor<B>) {
    let dtype = qkv.dtype();
    let [q, k, v] = parts::<B>(widened::<B>(qkv));
    let weights = weights::<B>(q, k);
    let y = B::float_matmul(v, turned::<B>(weights.clone()));
    (cast::<B>(y, dtype), weights)
}

/// Body of [`super::AttentionOps::self_attention_slope`]; the equations stand in `rows::backward`.
pub fn slope<B: Backend>(
    qkv: FloatTensor<B>,
    weights: FloatTensor<B>,
    gradient: FloatTensor<B>,
) -> FloatTensor<B> {
    let gradient = widened::<B>(gradient);
    in_wide::<B>(qkv, |qkv| wide_slope::<B>(qkv, weights, gradient))
}

fn wide_slope<B: Backend>(
    qkv: FloatTensor<B>,
    weights: FloatTensor<B>,
    gradient: FloatTensor<B>,
) -> FloatTensor<B> {
    let [rows, channels, pixels] = [qkv.shape()[0], qkv.shape()[1], qkv.shape()[3]];
    let [q, k, v] = parts::<B>(qkv);
    let v_slope = B::float_matmul(gradient.clone(), weights.clone());
    let of_weights = B::float_matmul(turned::<B>(gradient), v);
    let along = B::float_sum_dim(B::float_mul(of_weights.clone(), weights.clone()), 2);
    let of_scores = B::float_mul(weights, B::float_sub(of_weights, along));
    let q_slope = scaled::<B>(B::float_matmul(k, turned::<B>(of_scores.clone())));
    let k_slope = B::float_matmul(scaled::<B>(q), of_scores);
    let slopes = [q_slope, k_slope, v_slope];
    let shape = Shape::new([rows, channels, 1, pixels]);
    B::float_cat(slopes.map(|slope| B::float_reshape(slope, shape.clone())).to_vec(), 2)
}

/// Queries, keys and values, `[rows, channels, pixels]`.
fn parts<B: Backend>(qkv: FloatTensor<B>) -> [FloatTensor<B>; 3] {
    let shape = qkv.shape();
    let pixels = Shape::new([shape[0], shape[1], shape[3]]);
    [0, 1, 2].map(|part| {
        let slices = [Slice::full(), Slice::full(), Slice::from(part..part + 1), Slice::full()];
        B::float_reshape(B::float_slice(qkv.clone(), &slices), pixels.clone())
    })
}

/// Times 1 / sqrt(channels).
fn scaled<B: Backend>(q: FloatTensor<B>) -> FloatTensor<B> {
    let scale = (q.shape()[1] as f64).powf(-0.5);
    B::float_mul_scalar(q, Scalar::from(scale))
}

fn turned<B: Backend>(matrices: FloatTensor<B>) -> FloatTensor<B> {
    B::float_swap_dims(matrices, 1, 2)
}
