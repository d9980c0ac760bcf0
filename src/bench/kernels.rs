//! Our kernels, forward and backward, in turn with the same formula from burn's own operations.

use burn::tensor::module::conv2d;
use burn::tensor::ops::ConvOptions;
use burn::tensor::{Device, Tensor, TensorData};

use super::benchmark::{Benchmark, Member};
use super::clock::{Build, Pass};
use crate::error::Result;
use crate::gpu::kernels as ours;
use crate::gpu::kernels::{
    Activation, AdamNumbers, BadStep, adam_step_averaged, adam_step_averaged_composed, finite_and_norm,
    finite_and_norm_composed, gradient_verdict,
};
use crate::gpu::read;
use crate::gpu::tally::Cost;
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

/// Half the side and twice the channels of the large one: where most of a network's work is.
const DEEP: Scale =
    Scale { name: "deep", images: [64, 3, 32, 32], activations: [16, 128, 16, 16], block: 1 << 22, times: 2 };

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
pub fn benchmarks() -> impl Iterator<Item = Benchmark> {
    SCALES.iter().flat_map(pointwise).chain(SCALES.iter().chain([&DEEP]).flat_map(convolutions))
}

fn pointwise(scale: &Scale) -> Vec<Benchmark> {
    let Scale { images, activations, .. } = scale;
    let (channels, batch) = (activations[1], images[0]);
    let norm = vec![learns(activations), learns(&[channels]), learns(&[channels])];
    let image = || learns(images);
    let kernel = |name, inputs: Vec<Input>, bodies| differentiated(name, scale, inputs, bodies);
    vec![
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
        adam(scale),
    ]
}

/// 3×3 from as many channels to as many, with gradients and without.
fn convolutions(scale: &Scale) -> [Benchmark; 2] {
    let channels = scale.activations[1];
    let inputs = vec![learns(&scale.activations), learns(&[channels, channels, 3, 3]), learns(&[channels])];
    let bodies: [Operation; 2] = [|x| x.conv(ours::same_conv), |x| x.conv(burns_conv)];
    [
        forward("convolution-forward", scale, &inputs, bodies),
        differentiated("convolution", scale, inputs, bodies),
    ]
}

/// The inputs of an operation.
struct Shaped {
    shapes: Vec<Vec<usize>>,
    leaves: Vec<Tensor<1>>,
}

impl Shaped {
    /// `inputs` with made-up numbers, each as `leaf` would have it.
    fn new(inputs: &[Input], device: &Device, leaf: impl Fn(Tensor<1>, &Input) -> Tensor<1>) -> Self {
        let made =
            |(i, input): (usize, &Input)| leaf(normals(i, input.shape.iter().product(), device), input);
        Self {
            shapes: inputs.iter().map(|input| input.shape.clone()).collect(),
            leaves: inputs.iter().enumerate().map(made).collect(),
        }
    }

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

    fn conv(&self, body: fn(Tensor<4>, Tensor<4>, Tensor<1>) -> Tensor<4>) -> Tensor<1> {
        body(self.images(0), self.images(1), self.flat(2)).flatten(0, 3)
    }
}

/// burn's own 3×3 convolution.
fn burns_conv(x: Tensor<4>, weight: Tensor<4>, bias: Tensor<1>) -> Tensor<4> {
    conv2d(x, weight, Some(bias), ConvOptions::new([1, 1], [1, 1], [1, 1], 1))
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

/// Without gradients.
fn forward(name: &str, scale: &Scale, inputs: &[Input], bodies: [Operation; 2]) -> Benchmark {
    let times = scale.times;
    let build = |operation: Operation| -> Build {
        let inputs = inputs.to_vec();
        Box::new(move |device| {
            let shaped = Shaped::new(&inputs, device, |numbers, _| numbers);
            Ok(Box::new(move || {
                let mut last = None;
                for _ in 0..times {
                    last = Some(operation(&shaped));
                }
                last.map_or(Ok(()), |y| read(y.narrow(0, 0, 1)).map(drop))
            }))
        })
    };
    let (images, shape) = (scale.activations[0], format!("{:?}", scale.activations));
    // Inputs read and as many results written as there are images.
    let numbers = |input: &Input| input.shape.iter().product::<usize>();
    let moved: usize = inputs.iter().chain(inputs.first()).map(numbers).sum();
    let moved_bytes = Some(Cost::new(0, moved).bytes);
    Benchmark { moved_bytes, ..pair(name, scale, Some(images), shape, bodies.map(build)) }
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
    let track =
        |numbers: Tensor<1>, input: &Input| if input.learns { numbers.require_grad() } else { numbers };
    let shaped = Shaped::new(inputs, &device.clone().autodiff(), track);
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

/// A step of Adam and of the average with the verdict on its gradients, on one block of its own.
fn adam(scale: &Scale) -> Benchmark {
    type Body = fn([Tensor<1>; 4], Tensor<1>, Tensor<1>, AdamNumbers, f64) -> [Tensor<1>; 4];
    let numbers =
        AdamNumbers { beta1: 0.9, beta2: 0.999, eps: 1e-8, rate: 1e-3, correction2: 0.5, bad: BadStep::Keep };
    let (block, times) = (scale.block, scale.times);
    let build = |body: Body| -> Build {
        Box::new(move |device| {
            let gradient = normals(0, block, device);
            let zeros = || Tensor::zeros([block], device);
            let mut blocks = Some([normals(1, block, device), zeros(), zeros(), normals(2, block, device)]);
            Ok(Box::new(move || {
                for _ in 0..times {
                    let verdict = gradient_verdict(std::slice::from_ref(&gradient));
                    // Given away, so that their memory may be used again.
                    blocks = blocks.take().map(|all| body(all, gradient.clone(), verdict, numbers, 0.999));
                }
                let weights = blocks.iter().flatten().next();
                weights.map_or(Ok(()), |weights| read(weights.clone().narrow(0, 0, 1)).map(drop))
            }))
        })
    };
    let bodies: [Body; 2] = [adam_step_averaged, adam_step_averaged_composed];
    // The gradient read twice, once for the verdict; four blocks read and written.
    let moved_bytes = Some(Cost::new(0, 10 * block).bytes);
    Benchmark { moved_bytes, ..pair("adam", scale, None, format!("a block of {block}"), bodies.map(build)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_those_of_the_formula() {
        let bytes = |name: &str| {
            let found = benchmarks().find(|benchmark| benchmark.name == name);
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
