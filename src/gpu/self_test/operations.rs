//! burn's own operations, on inputs that are the same on every device.

use burn::nn::GroupNormConfig;
use burn::tensor::activation::{silu, softmax};
use burn::tensor::module::{conv_transpose2d, conv2d};
use burn::tensor::ops::{ConvOptions, ConvTransposeOptions};
use burn::tensor::{Device, Tensor, TensorData};

use crate::random::{Random, Stream};

/// Something calculated on a device, in parts that are compared one by one: values, gradients.
pub type Operation = fn(&Device) -> Vec<Vec<f32>>;

/// What linear layers without a bias stand on.
pub const PRODUCTS: (&str, Operation) = ("matrix product, forward and backward", matrix_product);

/// What halves and doubles images in networks whose filter is longer than a pair.
pub const FILTERS: (&str, Operation) = ("resampling through a filter, forward and backward", filters);

/// Those that a network does not need, for all that our kernels do in their place.
pub const OTHERS: [(&str, Operation); 4] = [
    ("convolution 3x3", convolution),
    ("convolution 3x3, stride 2, forward and backward", strided_convolution),
    ("group norm and SiLU", group_norm),
    ("attention", attention),
];

/// Seed of the inputs.
const SEED: u32 = 0;

/// Channels of the images.
const CHANNELS: usize = 8;

/// Standard normals times `scale`; `number` tells the inputs of one operation apart.
pub fn normals<const D: usize>(number: u64, shape: [usize; D], scale: f32, device: &Device) -> Tensor<D> {
    let values = Random::new(SEED, Stream::SelfTest).normals(number, 0, shape.iter().product());
    let data = TensorData::new(values.into_iter().map(|value| value * scale).collect::<Vec<_>>(), shape);
    Tensor::from_data(data, device)
}

/// The numbers of a tensor; none if they cannot be read, which no comparison passes.
pub fn floats<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().try_to_vec().unwrap_or_default()
}

fn same_padding(stride: usize) -> ConvOptions<2> {
    ConvOptions::new([stride, stride], [1, 1], [1, 1], 1)
}

fn matrix_product(device: &Device) -> Vec<Vec<f32>> {
    let device = &device.clone().autodiff();
    let x = normals(0, [33, 65], 1.0, device).require_grad();
    let weight = normals(1, [17, 65], 1.0, device).require_grad();
    let y = x.clone().matmul(weight.clone().transpose());
    let gradients = (y.clone() * normals(2, [33, 17], 1.0, device)).sum().backward();
    // A gradient that is missing is empty, which no comparison passes.
    let slopes = [x, weight].map(|leaf| leaf.grad(&gradients).map(floats).unwrap_or_default());
    [floats(y)].into_iter().chain(slopes).collect()
}

fn convolution(device: &Device) -> Vec<Vec<f32>> {
    let images = normals(0, [2, CHANNELS, 8, 8], 1.0, device);
    let weight = normals(1, [CHANNELS, CHANNELS, 3, 3], 0.1, device);
    vec![floats(conv2d(images, weight, Some(normals(2, [CHANNELS], 0.1, device)), same_padding(1)))]
}

fn strided_convolution(device: &Device) -> Vec<Vec<f32>> {
    let device = &device.clone().autodiff();
    let images = normals(0, [2, CHANNELS, 8, 8], 1.0, device).require_grad();
    let weight = normals(1, [CHANNELS, CHANNELS, 3, 3], 0.1, device).require_grad();
    let y = conv2d(images.clone(), weight.clone(), None, same_padding(2));
    let gradients = (y.clone() * normals(2, [2, CHANNELS, 4, 4], 1.0, device)).sum().backward();
    let slopes = [images, weight].map(|leaf| leaf.grad(&gradients).map(floats).unwrap_or_default());
    [floats(y)].into_iter().chain(slopes).collect()
}

fn group_norm(device: &Device) -> Vec<Vec<f32>> {
    let norm = GroupNormConfig::new(4, CHANNELS).init(device);
    vec![floats(silu(norm.forward(normals(0, [2, CHANNELS, 8, 8], 1.0, device) + 0.5)))]
}

fn attention(device: &Device) -> Vec<Vec<f32>> {
    let [query, key, value] = [0, 1, 2].map(|number| normals::<4>(number, [2, 2, 16, 8], 1.0, device));
    let scores = query.matmul(key.swap_dims(2, 3)) * 8f32.sqrt().recip();
    vec![floats(softmax(scores, 3).matmul(value))]
}

/// Images halved and doubled again by a filter of four taps a side, each channel alone.
fn filters(device: &Device) -> Vec<Vec<f32>> {
    let device = &device.clone().autodiff();
    let x = normals(0, [2 * CHANNELS, 1, 8, 8], 1.0, device).require_grad();
    let kernel = normals(1, [1, 1, 4, 4], 0.5, device);
    let low = conv2d(x.clone(), kernel.clone(), None, ConvOptions::new([2, 2], [1, 1], [1, 1], 1));
    let options = ConvTransposeOptions::new([2, 2], [1, 1], [0, 0], [1, 1], 1);
    let y = conv_transpose2d(low.clone(), kernel, None, options);
    let gradients = (y.clone() * normals(2, [2 * CHANNELS, 1, 8, 8], 1.0, device)).sum().backward();
    let slope = x.grad(&gradients).map(floats).unwrap_or_default();
    vec![floats(low), floats(y), slope]
}
