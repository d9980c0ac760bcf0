//! Our kernels, forward and backward, in turn with the same formula from burn's own operations.

use burn::tensor::module::conv2d;
use burn::tensor::ops::ConvOptions;
use burn::tensor::{Device, Tensor, TensorData};

use super::benchmark::{Benchmark, Member};
use super::clock::{Build, Pass};
use crate::error::Result;
use crate::gpu::kernels as ours;
use crate::gpu::kernels::{Activation, finite_and_norm, finite_and_norm_composed};
use crate::gpu::tally::Cost;
use crate::gpu::{Backend, read};
use crate::random::{Random, Stream};

/// Where kernels are measured: as the demo has them, and where memory is what limits them.
struct Scale {
    name: &'static str,
    /// `[batch, channels, height, width]`.
    images: [usize; 4],
    activations: [usize; 4],
    /// Numbers in each of the four blocks of gradients.
    block: usize,
    /// Passes that one reading of the clock covers.
    times: usize,
}

const SCALES: [Scale; 2] = [
    Scale { name: "tiny", images: [32, 3, 16, 16], activations: [32, 24, 16, 16], block: 1 << 16, times: 16 },
    Scale { name: "large", images: [64, 3, 64, 64], activations: [16, 64, 32, 32], block: 1 << 22, times: 2 },
];

/// Channels of a group of the measured norm, as the networks have them.
const GROUP_CHANNELS: usize = 4;
const NORM_EPS: f32 = 1e-6;
const BLOCKS: usize = 4;
const ALPHA: f64 = 1.2;

/// A tensor that operations are given, and whether a gradient reaches it in training.
#[derive(Clone, Debug)]
struct Input {
    shape: Vec<usize>,
    learns: bool,
}

fn learns(shape: &[usize]) -> Input {
    Input { shape: shape.to_vec(), learns: true }
}

fn fixed(shape: &[usize]) -> Input {
    Input { shape: shape.to_vec(), learns: false }
}

/// From flat inputs to anything, flat, whose sum is differentiated.
type Operation = fn(&Shaped) -> Tensor<1>;

/// Both bodies of every kernel.
pub fn benchmarks(backend: Backend) -> impl Iterator<Item = Benchmark> {
    SCALES.iter().flat_map(move |scale| {
        let Scale { images, activations, .. } = scale;
        let (channels, batch) = (activations[1], images[0]);
        let norm = vec![learns(activations), learns(&[channels]), learns(&[channels])];
        let conv = vec![learns(activations), learns(&[channels, channels, 3, 3]), learns(&[channels])];
        let image = || learns(images);
        let kernel = |name, inputs: Vec<Input>, bodies| differentiated(name, scale, inputs, bodies);
        let mut all = vec![
            kernel(
                "squared-error",
                vec![image(), fixed(images), fixed(&[batch])],
                [
                    |x| ours::weighted_squared_error(x.images(0), x.images(1), x.flat(2)),
                    |x| ours::weighted_squared_error_composed(x.images(0), x.images(1), x.flat(2)),
                ],
            ),
            kernel(
                "pseudo-huber",
                vec![image(), fixed(images)],
                [
                    |x| ours::pseudo_huber(x.images(0), x.images(1), 0.03),
                    |x| ours::pseudo_huber_composed(x.images(0), x.images(1), 0.03),
                ],
            ),
            kernel(
                "sid-generator",
                vec![image(), image(), image()],
                [
                    |x| ours::sid_generator_loss(x.images(0), x.images(1), x.images(2), ALPHA),
                    |x| ours::sid_generator_loss_composed(x.images(0), x.images(1), x.images(2), ALPHA),
                ],
            ),
            kernel(
                "distribution-matching",
                vec![image(), fixed(images), fixed(images)],
                [
                    |x| ours::distribution_matching(x.images(0), x.images(1), x.images(2)),
                    |x| ours::distribution_matching_composed(x.images(0), x.images(1), x.images(2)),
                ],
            ),
            kernel(
                "group-norm",
                norm,
                [|x| x.group_norm(ours::group_norm), |x| x.group_norm(ours::group_norm_composed)],
            ),
            finite_norm(scale),
        ];
        // On a GPU the convolution is burn's own.
        if backend == Backend::Cpu {
            all.push(kernel(
                "convolution",
                conv,
                [
                    |x| ours::same_conv(x.images(0), x.images(1), x.flat(2)).flatten(0, 3),
                    |x| {
                        let options = ConvOptions::new([1, 1], [1, 1], [1, 1], 1);
                        conv2d(x.images(0), x.images(1), Some(x.flat(2)), options).flatten(0, 3)
                    },
                ],
            ));
        }
        all
    })
}

/// The inputs of an operation.
struct Shaped {
    shapes: Vec<Vec<usize>>,
    leaves: Vec<Tensor<1>>,
}

impl Shaped {
    fn flat(&self, input: usize) -> Tensor<1> {
        self.leaves[input].clone()
    }

    /// An input of four dimensions.
    fn images(&self, input: usize) -> Tensor<4> {
        let shape = &self.shapes[input];
        self.flat(input).reshape([shape[0], shape[1], shape[2], shape[3]])
    }

    /// The norm with SiLU, as most of a network's are.
    fn group_norm(
        &self,
        body: fn(Tensor<4>, Tensor<1>, Tensor<1>, usize, f32, Activation) -> Tensor<4>,
    ) -> Tensor<1> {
        let groups = self.shapes[0][1] / GROUP_CHANNELS;
        body(self.images(0), self.flat(1), self.flat(2), groups, NORM_EPS, Activation::Silu).flatten(0, 3)
    }
}

fn differentiated(name: &str, scale: &Scale, inputs: Vec<Input>, bodies: [Operation; 2]) -> Benchmark {
    let times = scale.times;
    let build = |operation: Operation| -> Build {
        let inputs = inputs.clone();
        Box::new(move |device| Ok(passes(&inputs, operation, times, device)))
    };
    let shape = inputs.first().map_or_else(String::new, |input| format!("{:?}", input.shape));
    let images = inputs.first().and_then(|input| input.shape.first().copied());
    let moved_bytes = Some(bytes_of(&inputs));
    Benchmark { moved_bytes, ..pair(name, scale, images, shape, bodies.map(build)) }
}

/// What an operation and its gradients move: forward inputs in and the result out; backward inputs and the result's
/// gradient in, gradients of what learns out.
fn bytes_of(inputs: &[Input]) -> u64 {
    let numbers = |input: &Input| input.shape.iter().product::<usize>();
    let all: usize = inputs.iter().map(numbers).sum();
    let learned: usize = inputs.iter().filter(|input| input.learns).map(numbers).sum();
    // A layer has weights beside its images and gives as many numbers as it is given; a loss gives one an image.
    let is_layer = inputs.iter().any(|input| input.learns && input.shape.len() == 1);
    let result = inputs.first().map_or(0, |input| if is_layer { numbers(input) } else { input.shape[0] });
    Cost::new(0, 2 * (all + result) + learned).bytes
}

fn pair(name: &str, scale: &Scale, images: Option<usize>, shape: String, builds: [Build; 2]) -> Benchmark {
    let variants = [Some("fused"), Some("composed")];
    let members = variants.into_iter().zip(builds).map(|(variant, build)| Member { variant, build });
    Benchmark {
        name: format!("kernels/{name}/{}", scale.name),
        images,
        shape,
        large: false,
        torch: None,
        moved_bytes: None,
        times_a_pass: scale.times,
        members: members.collect(),
    }
}

fn normals(step: usize, len: usize, device: &Device) -> Tensor<1> {
    let numbers = Random::new(0, Stream::SelfTest).normals(step as u64, 0, len);
    Tensor::from_data(TensorData::new(numbers, [len]), device)
}

/// Forward and backward, so many times, then one number of each of the last gradients back.
fn passes(inputs: &[Input], operation: Operation, times: usize, device: &Device) -> Pass {
    let device = device.clone().autodiff();
    let leaf = |(i, input): (usize, &Input)| {
        let numbers = normals(i, input.shape.iter().product(), &device);
        if input.learns { numbers.require_grad() } else { numbers }
    };
    let leaves: Vec<Tensor<1>> = inputs.iter().enumerate().map(leaf).collect();
    let shaped = Shaped { shapes: inputs.iter().map(|input| input.shape.clone()).collect(), leaves };
    Box::new(move || {
        let mut last = Vec::new();
        for _ in 0..times {
            let gradients = operation(&shaped).sum().backward();
            last = shaped.leaves.iter().filter_map(|leaf| leaf.grad(&gradients)).collect();
        }
        let firsts: Vec<Tensor<1>> = last.into_iter().map(|gradient| gradient.narrow(0, 0, 1)).collect();
        read(Tensor::cat(firsts, 0)).map(drop)
    })
}

/// The look at all gradients of a step; its answer comes back to the host by itself.
fn finite_norm(scale: &Scale) -> Benchmark {
    type Body = fn(&[Tensor<1>]) -> Result<ours::FiniteNorm>;
    let (block, times) = (scale.block, scale.times);
    let build = |body: Body| -> Build {
        Box::new(move |device| {
            let blocks: Vec<Tensor<1>> = (0..BLOCKS).map(|i| normals(i, block, device)).collect();
            Ok(Box::new(move || (0..times).try_for_each(|_| body(&blocks).map(drop))))
        })
    };
    let bodies: [Body; 2] = [finite_and_norm, finite_and_norm_composed];
    let shape = format!("{BLOCKS} blocks of {block}");
    let moved_bytes = Some(Cost::new(0, BLOCKS * block).bytes);
    Benchmark { moved_bytes, ..pair("finite-and-norm", scale, None, shape, bodies.map(build)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_those_of_the_formula() {
        let bytes = |name: &str| {
            let found = benchmarks(Backend::Cpu).find(|benchmark| benchmark.name == name);
            found.and_then(|benchmark| benchmark.moved_bytes).expect("it is counted")
        };
        let (images, activations, batch) = (32 * 3 * 16 * 16, 32 * 24 * 16 * 16, 32);
        // Both images, weights and the loss, forward and backward; one image learns.
        assert_eq!(bytes("kernels/squared-error/tiny"), 4 * (2 * (2 * images + 2 * batch) + images));
        // Forward read and written; backward with the gradient read and the slopes written.
        assert_eq!(bytes("kernels/group-norm/tiny"), 4 * (5 * activations + 6 * 24));
        assert_eq!(bytes("kernels/finite-and-norm/tiny"), 4 * 4 * (1 << 16));
    }
}
