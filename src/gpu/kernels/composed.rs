//! What the composed bodies of our operations share: burn's own operations on a backend's tensors.

use burn::backend::tensor::{BoolTensor, FloatTensor};
use burn::backend::{Backend, Scalar, Shape, TensorMetadata, get_or_init_device_settings};
use burn::tensor::{DType, TensorData};

/// Sums over all but the first dimension: `[batch, …]` to `[batch]`.
pub fn sum_per_sample<B: Backend>(terms: FloatTensor<B>) -> FloatTensor<B> {
    let shape = terms.shape();
    let (samples, elements) = (shape[0], shape.num_elements());
    let rows = B::float_reshape(terms, Shape::new([samples, elements / samples.max(1)]));
    B::float_reshape(B::float_sum_dim(rows, 1), Shape::new([samples]))
}

/// `[batch]` to `[batch, 1, 1, 1]`, which spreads over a sample's pixels.
pub fn over_pixels<B: Backend>(numbers: FloatTensor<B>) -> FloatTensor<B> {
    let samples = numbers.shape()[0];
    B::float_reshape(numbers, Shape::new([samples, 1, 1, 1]))
}

/// True where a value is NaN or infinite.
pub fn not_finite<B: Backend>(values: FloatTensor<B>) -> BoolTensor<B> {
    let dtype = get_or_init_device_settings::<B>(&values.device()).bool_dtype;
    B::bool_or(B::float_is_nan(values.clone(), dtype), B::float_is_inf(values, dtype))
}

/// The values with 0 for those that are not finite, and 1 where that was done, 0 elsewhere.
pub fn finite_or_zero<B: Backend>(values: FloatTensor<B>) -> (FloatTensor<B>, FloatTensor<B>) {
    let dtype = values.dtype();
    let mask = not_finite::<B>(values.clone());
    let zeroed = B::float_mask_fill(values, mask.clone(), Scalar::from(0.0f32));
    (zeroed, B::bool_into_float(mask, dtype.into()))
}

/// The precision that sums over a tensor's numbers are made in: at least single.
pub fn wide(dtype: DType) -> DType {
    match dtype {
        DType::F16 | DType::BF16 => DType::F32,
        other => other,
    }
}

/// A tensor of half precision in single precision; others as they are.
pub fn widened<B: Backend>(tensor: FloatTensor<B>) -> FloatTensor<B> {
    let dtype = wide(tensor.dtype());
    cast::<B>(tensor, dtype)
}

/// What `operation` makes of a [`widened`] tensor, in the tensor's own precision.
pub fn in_wide<B: Backend>(
    tensor: FloatTensor<B>,
    operation: impl FnOnce(FloatTensor<B>) -> FloatTensor<B>,
) -> FloatTensor<B> {
    let dtype = tensor.dtype();
    cast::<B>(operation(widened::<B>(tensor)), dtype)
}

/// The tensor in this precision, as it is where it has that already.
pub fn cast<B: Backend>(tensor: FloatTensor<B>, dtype: DType) -> FloatTensor<B> {
    if tensor.dtype() == dtype { tensor } else { B::float_cast(tensor, dtype.into()) }
}

/// Numbers from the host on the device of another tensor, in its precision.
pub fn from_host<B: Backend>(numbers: Vec<f32>, shape: Shape, near: &FloatTensor<B>) -> FloatTensor<B> {
    let single = B::float_from_data(TensorData::new(numbers, shape), &near.device());
    cast::<B>(single, near.dtype())
}
