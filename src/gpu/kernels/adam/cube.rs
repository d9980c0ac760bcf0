//! The steps on burn's GPU tensors: one launch a block, over the block itself unless somebody else holds its memory.

use burn::backend::TensorMetadata;
use burn::backend::tensor::FloatTensor;
use burn::backend::wgpu::{CubeBackend, CubeTensor};

use super::super::launch;
use super::super::shader::{ADAM, ADAM_AVERAGED, Shader, THREADS};
use super::rule::Rule;
use super::{AdamNumbers, AdamOps, BadStep, composed};

impl AdamOps for CubeBackend {
    fn adam_step(
        weights: FloatTensor<Self>,
        mean: FloatTensor<Self>,
        square: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        verdict: FloatTensor<Self>,
        numbers: AdamNumbers,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>) {
        let takes = launch::takes(&[&weights, &mean, &square, &gradient, &verdict]);
        let blocks = [weights, mean, square];
        if !takes {
            return composed::step::<Self>(blocks, gradient, verdict, numbers).into();
        }
        step(&ADAM, blocks, [gradient, verdict], numbers, 0.0).into()
    }

    fn adam_step_averaged(
        weights: FloatTensor<Self>,
        mean: FloatTensor<Self>,
        square: FloatTensor<Self>,
        average: FloatTensor<Self>,
        gradient: FloatTensor<Self>,
        verdict: FloatTensor<Self>,
        numbers: AdamNumbers,
        keep: f64,
    ) -> (FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>, FloatTensor<Self>) {
        let takes = launch::takes(&[&weights, &mean, &square, &average, &gradient, &verdict]);
        let blocks = [weights, mean, square, average];
        if !takes {
            return composed::averaged::<Self>(blocks, gradient, verdict, numbers, keep).into();
        }
        step(&ADAM_AVERAGED, blocks, [gradient, verdict], numbers, keep).into()
    }
}

fn step<const N: usize>(
    shader: &'static Shader,
    blocks: [CubeTensor; N],
    read: [CubeTensor; 2],
    numbers: AdamNumbers,
    keep: f64,
) -> [CubeTensor; N] {
    let (blocks, read) = (blocks.map(launch::owned), read.map(launch::contiguous));
    let elements = blocks[0].shape().num_elements();
    let tensors: Vec<&CubeTensor> = read.iter().chain(&blocks).collect();
    let words = words(elements, numbers, keep);
    launch::start_once(shader, &tensors, &words, elements.div_ceil(THREADS as usize));
    blocks
}

/// The shaders' `Plan`, member by member. Rate, correction and the average's shares are others at every step.
fn words(elements: usize, numbers: AdamNumbers, keep: f64) -> [u32; 11] {
    let Rule { beta1, rest1, beta2, rest2, eps, rate, correction2 } = Rule::of(numbers);
    let mend = u32::from(numbers.bad == BadStep::Mend);
    let [beta1, rest1, beta2, rest2] = [beta1, rest1, beta2, rest2].map(f32::to_bits);
    let [eps, rate, correction2] = [eps, rate, correction2].map(f32::to_bits);
    let [keep, rest] = [keep, 1.0 - keep].map(|share| (share as f32).to_bits());
    [elements as u32, mend, beta1, rest1, beta2, rest2, eps, rate, correction2, keep, rest]
}
