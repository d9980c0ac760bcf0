//! The operations that training stands on, on inputs that are the same on every device.

use burn::nn::GroupNormConfig;
use burn::tensor::activation::{silu, softmax};
use burn::tensor::module::conv2d;
use burn::tensor::ops::ConvOptions;
use burn::tensor::{Device, Tensor, TensorData};

use super::super::kernels::weighted_squared_error;
use crate::random::{Random, Stream};

/// Something calculated on a device, as numbers to compare.
pub type Operation = fn(&Device) -> Vec<f32>;

/// Every operation with its name.
pub const ALL: [(&str, Operation); 7] = [
    ("matrix product", matrix_product),
    ("convolution 3x3", |device| convolution(device, 1)),
    ("convolution 3x3, stride 2", |device| convolution(device, 2)),
    ("group norm and SiLU", group_norm),
    ("attention", attention),
    ("gradient through frozen weights", frozen_weights),
    ("training step", training_step),
];

/// Seed of the inputs.
const SEED: u32 = 0;

/// Channels inside the small networks.
const CHANNELS: usize = 8;

/// Standard normals times `scale`; `number` tells the inputs of one operation apart.
fn normals<const D: usize>(number: u64, shape: [usize; D], scale: f32, device: &Device) -> Tensor<D> {
    let values = Random::new(SEED, Stream::SelfTest).normals(number, 0, shape.iter().product());
    let data = TensorData::new(values.into_iter().map(|value| value * scale).collect::<Vec<_>>(), shape);
    Tensor::from_data(data, device)
}

/// The numbers of a tensor; none if they cannot be read, which no comparison passes.
fn floats<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    tensor.into_data().try_to_vec().unwrap_or_default()
}

fn same_padding(stride: usize) -> ConvOptions<2> {
    ConvOptions::new([stride, stride], [1, 1], [1, 1], 1)
}

fn matrix_product(device: &Device) -> Vec<f32> {
    floats(normals(0, [33, 65], 1.0, device).matmul(normals(1, [65, 17], 1.0, device)))
}

fn convolution(device: &Device, stride: usize) -> Vec<f32> {
    let images = normals(0, [2, CHANNELS, 8, 8], 1.0, device);
    let weight = normals(1, [CHANNELS, CHANNELS, 3, 3], 0.1, device);
    floats(conv2d(images, weight, Some(normals(2, [CHANNELS], 0.1, device)), same_padding(stride)))
}

fn group_norm(device: &Device) -> Vec<f32> {
    let norm = GroupNormConfig::new(4, CHANNELS).init(device);
    floats(silu(norm.forward(normals(0, [2, CHANNELS, 8, 8], 1.0, device) + 0.5)))
}

fn attention(device: &Device) -> Vec<f32> {
    let [query, key, value] = [0, 1, 2].map(|number| normals::<4>(number, [2, 2, 16, 8], 1.0, device));
    let scores = query.matmul(key.swap_dims(2, 3)) * 8f32.sqrt().recip();
    floats(softmax(scores, 3).matmul(value))
}

/// Gradient in the images of a network whose weights are constants: what a frozen teacher gives. It
/// is the last layer of the training step below, whose kernels are then ready.
fn frozen_weights(device: &Device) -> Vec<f32> {
    let device = &device.clone().autodiff();
    let images = normals(0, [2, CHANNELS, 8, 8], 1.0, device).require_grad();
    let output = conv2d(images.clone(), normals(1, [3, CHANNELS, 3, 3], 0.2, device), None, same_padding(1));
    let target = normals(2, [2, 3, 8, 8], 1.0, device);
    let loss = weighted_squared_error(silu(output), target, normals(3, [2], 1.0, device));
    images.grad(&loss.sum().backward()).map(floats).unwrap_or_default()
}

/// Forward, weighted loss, backward and one SGD update of a small network; gives its new weights.
fn training_step(device: &Device) -> Vec<f32> {
    const LEARNING_RATE: f32 = 1e-2;
    let device = &device.clone().autodiff();
    let weights =
        [normals(0, [CHANNELS, 3, 3, 3], 0.2, device), normals(1, [3, CHANNELS, 3, 3], 0.1, device)]
            .map(Tensor::require_grad);
    let [first, last] = weights.clone();
    let hidden = conv2d(normals(2, [2, 3, 8, 8], 1.0, device), first, None, same_padding(1));
    let hidden = silu(GroupNormConfig::new(4, CHANNELS).init(device).forward(hidden));
    let output = conv2d(hidden, last, None, same_padding(1));
    let target = normals(3, [2, 3, 8, 8], 1.0, device);
    let weight = normals(4, [2], 0.5, device).abs();
    let gradients = weighted_squared_error(output, target, weight).mean().backward();
    let update = |weight: Tensor<4>| {
        let slope = weight.grad(&gradients)?;
        Some(floats(weight.inner() - slope * LEARNING_RATE))
    };
    // Without its gradient a weight is missing from the numbers, which no comparison passes.
    weights.into_iter().filter_map(update).flatten().collect()
}
