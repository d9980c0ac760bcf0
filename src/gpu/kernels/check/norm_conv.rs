//! A convolution of normalised images beside the operations that it stands for, one after another.

use burn::tensor::{Device, Tensor};

use super::super::{Activation, Mask, Norm, dropout, group_norm, norm_conv, same_conv};
use super::{SEED, floats, upload};
use crate::random::{Random, Stream};

/// One use of the operation.
#[derive(Clone, Copy, Debug)]
pub struct Case {
    pub activation: Activation,
    /// Dropout stands between norm and convolution.
    pub drops: bool,
    /// Which gradients are asked for: those in the images, in the norm's weight and bias, in the convolution's.
    pub asked: [bool; 5],
}

const SHAPE: [usize; 4] = [2, 8, 3, 5];
const GROUPS: usize = 2;
const OUTPUTS: usize = 6;
/// Side of the convolution's kernel.
const SIDE: usize = 3;

/// From an odd place on.
const MASK: Mask =
    Mask { random: Random::new(SEED, Stream::SelfTest), step: 5, number: 1, first: 121, keep: 0.75 };

/// With and without activation and mask: all learn, nothing but images is asked for, the convolution is frozen, it alone
/// learns.
pub fn cases() -> impl Iterator<Item = Case> {
    let all_asked = [
        [true; 5],
        [true, false, false, false, false],
        [true, true, true, false, false],
        [false, false, false, true, true],
    ];
    let uses = [Activation::None, Activation::Silu].map(|a| [(a, false), (a, true)]);
    uses.into_iter()
        .flatten()
        .flat_map(move |(activation, drops)| all_asked.map(|asked| Case { activation, drops, asked }))
}

/// Result and gradients; those that nobody asks for are empty.
pub fn together(device: &Device, case: Case) -> Vec<Vec<f32>> {
    run(device, case, norm_conv)
}

/// The same of the three operations.
pub fn apart(device: &Device, case: Case) -> Vec<Vec<f32>> {
    run(device, case, |x, [norm_weight, norm_bias], norm, mask, weight, bias| {
        let Norm { groups, eps, activation } = norm;
        let y = group_norm(x, norm_weight, norm_bias, groups, eps, activation);
        let y = match mask {
            Some(mask) => dropout(y, mask),
            None => y,
        };
        same_conv(y, weight, bias)
    })
}

type Work = fn(Tensor<4>, [Tensor<1>; 2], Norm, Option<Mask>, Tensor<4>, Tensor<1>) -> Tensor<4>;

fn run(device: &Device, case: Case, work: Work) -> Vec<Vec<f32>> {
    let Case { activation, drops, asked } = case;
    let device = device.clone().autodiff();
    let random = Random::new(SEED, Stream::SelfTest);
    let normals = |number: usize, len: usize| upload(&random.normals(number as u64, 0, len), &device);
    let channels = SHAPE[1];
    let kernels = [OUTPUTS, channels, SIDE, SIDE];
    let lengths: [usize; 5] = [SHAPE.iter().product(), channels, channels, kernels.iter().product(), OUTPUTS];
    let leaves: [Tensor<1>; 5] = std::array::from_fn(|i| {
        let leaf = normals(i, lengths[i]);
        if asked[i] { leaf.require_grad() } else { leaf }
    });
    let [x, norm_weight, norm_bias, weight, bias] = leaves.clone();
    let norm = Norm { groups: GROUPS, eps: 1e-5, activation };
    let (affine, mask) = ([norm_weight, norm_bias], drops.then_some(MASK));
    let y = work(x.reshape(SHAPE), affine, norm, mask, weight.reshape(kernels), bias).flatten::<1>(0, 3);
    let upstream = normals(leaves.len(), y.dims()[0]);
    let gradients = (y.clone() * upstream).sum().backward();
    let slopes = leaves.map(|leaf| leaf.grad(&gradients).map(floats).unwrap_or_default());
    [floats(y)].into_iter().chain(slopes).collect()
}
