//! Our kernels together, as a small network: a step of its training, and the gradient that gets through it to its images
//! while its weights rest, as those of a frozen teacher do.

use burn::tensor::{Device, Tensor};

use super::super::kernels::{
    Activation, AdamNumbers, BadStep, Mask, Norm, adam_step, attention, cut, doubled, dropout, gathered,
    gradient_verdict, group_norm, halved, joined, norm_conv, same_conv, scaled_sum, shifted,
    weighted_squared_error,
};
use super::operations::{Operation, floats, normals};
use crate::random::{Random, Stream};

pub const ALL: [(&str, Operation); 2] =
    [("training step", training_step), ("gradient through frozen weights", frozen_weights)];

const BATCH: usize = 2;
/// Of the images, and inside the network.
const COLOURS: usize = 3;
const CHANNELS: usize = 8;
const SIDE: usize = 8;
const IMAGES: [usize; 4] = [BATCH, COLOURS, SIDE, SIDE];
/// What a linear layer makes shifts of the channels of.
const LABELS: usize = 4;

/// Numbers of the weights and the bias of each layer, in the order that `forward` has them.
const LENGTHS: [[usize; 2]; 6] = [
    [CHANNELS * COLOURS * 9, CHANNELS],
    [CHANNELS, CHANNELS],
    [CHANNELS * LABELS, CHANNELS],
    [3 * CHANNELS * CHANNELS, 3 * CHANNELS],
    [2 * CHANNELS, 2 * CHANNELS],
    [COLOURS * 2 * CHANNELS * 9, COLOURS],
];

/// Weights and bias of a layer, flat.
type Layer = [Tensor<1>; 2];

/// Each begins at a multiple of so many places of its block, as in other networks.
const STEP: usize = 64;

const MASK: Mask =
    Mask { random: Random::new(0, Stream::SelfTest), step: 9, number: 0, first: 0, keep: 0.75 };

/// The first step: `w -= 10 g / (|g| + 10)`, which moves small gradients and large ones about as far as they are.
const NUMBERS: AdamNumbers =
    AdamNumbers { beta1: 0.9, beta2: 0.999, eps: 10.0, rate: 100.0, correction2: 1e-3, bad: BadStep::Keep };

/// All parameters in one block.
fn block(device: &Device) -> Tensor<1> {
    let places = LENGTHS.as_flattened().iter().map(|len| len.next_multiple_of(STEP));
    normals(0, [places.sum()], 0.5, device)
}

/// The layers in a block, each tensor passed through `wrap`.
fn layers(block: &Tensor<1>, wrap: impl Fn(Tensor<1>) -> Tensor<1>) -> [Layer; 6] {
    let mut end = 0;
    let mut next = |len: usize| {
        let first = end;
        end += len.next_multiple_of(STEP);
        wrap(cut(block.clone(), first, len))
    };
    LENGTHS.map(|lengths| lengths.map(&mut next))
}

/// A convolution, a level of half the side with a label, dropout and attention, and a way around it.
fn forward(x: Tensor<4>, layers: [Layer; 6]) -> Tensor<4> {
    let device = x.device();
    let [first, norm, label, qkv, last_norm, [weight, bias]] = layers;
    let high = normed(convolved(x, first, CHANNELS, 3), norm, 2);
    let low = halved(high.clone(), 0.25);

    let labels = normals(1, [BATCH, LABELS, 1, 1], 1.0, &device);
    let shift = convolved(labels, label, CHANNELS, 1).reshape([BATCH, CHANNELS]);
    let low = dropout(shifted(low, shift), MASK);
    let qkv = convolved(low.clone(), qkv, 3 * CHANNELS, 1);
    let mixed = attention(qkv.reshape([BATCH, CHANNELS, 3, SIDE * SIDE / 4]));
    let low = scaled_sum(mixed.reshape(low.dims()), low, 0.5f64.sqrt());

    let weight = weight.reshape([COLOURS, 2 * CHANNELS, 3, 3]);
    norm_conv(joined(doubled(low, 1.0), high), last_norm, silu_norm(4), None, weight, bias)
}

fn convolved(x: Tensor<4>, [weight, bias]: Layer, outputs: usize, side: usize) -> Tensor<4> {
    let inputs = x.dims()[1];
    same_conv(x, weight.reshape([outputs, inputs, side, side]), bias)
}

fn normed(x: Tensor<4>, [weight, bias]: Layer, groups: usize) -> Tensor<4> {
    let Norm { groups, eps, activation } = silu_norm(groups);
    group_norm(x, weight, bias, groups, eps, activation)
}

fn silu_norm(groups: usize) -> Norm {
    Norm { groups, eps: 1e-5, activation: Activation::Silu }
}

/// Mean over the batch and the numbers of an image, weighted.
fn loss(y: Tensor<4>) -> Tensor<1> {
    let device = y.device();
    let (target, weight) = (normals(2, IMAGES, 1.0, &device), normals(3, [BATCH], 1.0, &device).abs());
    weighted_squared_error(y, target, weight).mean() / (COLOURS * SIDE * SIDE) as f32
}

/// Forward, loss, backward, one step of Adam; gives the gradients and the new weights.
fn training_step(device: &Device) -> Vec<Vec<f32>> {
    let block = block(device);
    let leaves = layers(&block, |t| Tensor::from_inner(t).require_grad());
    let images = normals(4, IMAGES, 1.0, &device.clone().autodiff());
    let mut gradients = loss(forward(images, leaves.clone())).backward();
    // Where one has no gradient there are too few numbers for the step, and the check breaks off.
    let slopes = leaves.iter().flatten().filter_map(|leaf| leaf.grad_remove(&mut gradients)).collect();
    let gradient = gathered(slopes, STEP);
    let verdict = gradient_verdict(std::slice::from_ref(&gradient));
    let zeros = || Tensor::zeros(block.dims(), device);
    let [weights, ..] = adam_step([block.clone(), zeros(), zeros()], gradient.clone(), verdict, NUMBERS);
    vec![floats(gradient), floats(weights)]
}

/// The gradient in the images alone.
fn frozen_weights(device: &Device) -> Vec<Vec<f32>> {
    let resting = layers(&block(device), Tensor::from_inner);
    let images = normals(4, IMAGES, 1.0, &device.clone().autodiff()).require_grad();
    let gradients = loss(forward(images.clone(), resting)).backward();
    vec![images.grad(&gradients).map(floats).unwrap_or_default()]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every parameter gets a gradient that counts, and none is so large that its error would go unnoticed.
    #[test]
    fn every_parameter_learns() {
        let device = Device::flex();
        let parts = training_step(&device);
        let (gradient, weights) = (&parts[0], &parts[1]);
        let start = floats(block(&device));
        let mut first = 0;
        for len in LENGTHS.as_flattened() {
            let places = first..first + len;
            let largest = gradient[places.clone()].iter().fold(0f32, |most, g| most.max(g.abs()));
            assert!((1e-3..1e3).contains(&largest), "{len} numbers from {first} on: {largest}");
            for place in places {
                let (g, moved) = (gradient[place], start[place] - weights[place]);
                let want = 10.0 * g / (g.abs() + 10.0);
                assert!((moved - want).abs() <= 1e-4 * (1.0 + want.abs()), "{moved} instead of {want}");
            }
            first += len.next_multiple_of(STEP);
        }
    }

    /// The gradient in the images is the loss's slope.
    #[test]
    fn the_frozen_network_has_the_slope_of_its_loss() {
        let device = Device::flex();
        let slope = &frozen_weights(&device)[0];
        let images = normals(4, IMAGES, 1.0, &device);
        let at = |by: f32| {
            let way = normals::<4>(6, IMAGES, by, &device);
            let network = layers(&block(&device), |t| t);
            f64::from(floats(loss(forward(images.clone() + way, network)))[0])
        };
        let way = floats(normals(6, IMAGES, 1.0, &device));
        let want: f64 = slope.iter().zip(&way).map(|(g, d)| f64::from(g * d)).sum();
        let got = (at(3e-2) - at(-3e-2)) / 6e-2;
        assert!((got - want).abs() <= 0.01 * want.abs(), "{got} instead of {want}");
    }
}
