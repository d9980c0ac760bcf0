//! Self-attention (Vaswani et al., 2017) over the pixels of an image as one operation. On a CPU the weights of some
//! rows at a time stay in a core's cache, forward and backward; on a GPU they are one of a few products' results.

mod backends;
mod backward;
mod composed;
mod gpu;
mod rows;
#[cfg(test)]
mod tests;

use burn::backend::tensor::FloatTensor;
use burn::backend::{Backend, Dispatch, backend_extension};
use burn::tensor::Tensor;

pub use composed::attention_weights;

/// `y = v softmax_k(q · k / sqrt(channels))` for `qkv`: `[rows, channels, 3, pixels]`, where a row is a head of a
/// sample, and the three are queries, keys and values: `[rows, channels, pixels]`.
///
/// They may be in half precision, and the result is what they are. Gradients reach all three.
///
/// # Panics
/// If the third dimension is not 3.
pub fn attention(qkv: Tensor<4>) -> Tensor<3> {
    assert_eq!(qkv.dims()[2], 3, "attention: queries, keys and values");
    let (y, _kept) = <Dispatch as AttentionOps>::self_attention(qkv.into_dispatch());
    Tensor::from_dispatch(y)
}

/// Attention and its slope as operations of a backend; without a twin they are composed.
#[backend_extension(Cube, Flex, Autodiff, Fusion: cfg(feature = "fusion"))]
pub trait AttentionOps: Backend {
    /// `[rows, channels, pixels]`, and what the backward pass starts from, a constant to autodiff: the weights,
    /// `[rows, pixels of q, pixels of k]`, or on a CPU the logarithm of each query's sum, `[rows, pixels]`.
    #[fusion(meta = |qkv| specs(qkv))]
    fn self_attention(qkv: FloatTensor<Self>) -> (FloatTensor<Self>, FloatTensor<Self>) {
        composed::forward::<Self>(qkv)
    }

    /// Gradient in `qkv` from that in the result.
    #[fusion(dtype = qkv, shape = qkv)]
    fn self_attention_slope(
        qkv: FloatTensor<Self>,
        kept: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
    ) -> FloatTensor<Self> {
        composed::slope::<Self>(qkv, kept, gradient)
    }
}

#[cfg(feature = "fusion")]
fn specs(
    qkv: &burn::backend::fusion::custom::TensorSpec,
) -> (burn::backend::fusion::custom::TensorSpec, burn::backend::fusion::custom::TensorSpec) {
    use burn::backend::Shape;
    use burn::backend::fusion::custom::TensorSpec;

    let [rows, channels, pixels] = [qkv.shape[0], qkv.shape[1], qkv.shape[3]];
    let spec = |shape: [usize; 3], dtype| TensorSpec::new(Shape::new(shape), dtype);
    (
        spec([rows, channels, pixels], qkv.dtype),
        spec([rows, pixels, pixels], super::composed::wide(qkv.dtype)),
    )
}
