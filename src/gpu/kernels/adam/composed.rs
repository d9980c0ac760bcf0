//! The steps from burn's own operations.

use burn::backend::tensor::FloatTensor;
use burn::backend::{Backend, Scalar};

use super::AdamNumbers;

/// Weights, mean and square after one step of Adam.
pub fn step<B: Backend>(
    weights: FloatTensor<B>,
    mean: FloatTensor<B>,
    square: FloatTensor<B>,
    gradient: FloatTensor<B>,
    numbers: AdamNumbers,
) -> (FloatTensor<B>, FloatTensor<B>, FloatTensor<B>) {
    let AdamNumbers { beta1, beta2, eps, rate, correction2 } = numbers;
    let mean = B::float_add(times::<B>(mean, beta1), times::<B>(gradient.clone(), 1.0 - beta1));
    let squared = times::<B>(B::float_mul(gradient.clone(), gradient), 1.0 - beta2);
    let square = B::float_add(times::<B>(square, beta2), squared);
    let root = B::float_sqrt(B::float_div_scalar(square.clone(), Scalar::from(correction2)));
    let scale = B::float_add_scalar(root, Scalar::from(eps));
    let change = times::<B>(B::float_div(mean.clone(), scale), rate);
    (B::float_sub(weights, change), mean, square)
}

/// Weights, mean, square and average after one step of Adam and one of the average.
pub fn averaged<B: Backend>(
    weights: FloatTensor<B>,
    mean: FloatTensor<B>,
    square: FloatTensor<B>,
    average: FloatTensor<B>,
    gradient: FloatTensor<B>,
    numbers: AdamNumbers,
    keep: f64,
) -> (FloatTensor<B>, FloatTensor<B>, FloatTensor<B>, FloatTensor<B>) {
    let (weights, mean, square) = step::<B>(weights, mean, square, gradient, numbers);
    let average = B::float_add(times::<B>(average, keep), times::<B>(weights.clone(), 1.0 - keep));
    (weights, mean, square, average)
}

fn times<B: Backend>(tensor: FloatTensor<B>, number: f64) -> FloatTensor<B> {
    B::float_mul_scalar(tensor, Scalar::from(number))
}
