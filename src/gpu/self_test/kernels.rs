//! Each of our kernels that training uses, alone.

use burn::tensor::{Device, FloatDType};

use super::super::kernels::check::{
    Arrival, Errors, adam, finite_norm, group_norm, half, moved, pseudo_huber_distance, random, score_losses,
    squared_error, twins, warp,
};
use super::super::kernels::{self, Activation};

/// One sum per sample in f32, against f64.
pub const TOLERANCE: f64 = 1e-5;

/// Of images in half precision.
pub use half::TOLERANCE as HALF_TOLERANCE;

/// Images of most checks: odd in every dimension.
const SHAPE: [usize; 4] = [5, 3, 9, 7];

/// A kernel's errors on a device.
pub type Measure = fn(&Device) -> Errors;

/// Against the same formula in f64, or the host's own numbers.
pub const EXACTLY: [(&str, Measure); 10] = [
    ("kernel: weighted squared error, forward and backward", |device| plain(device, squared_error)),
    ("kernel: pseudo-Huber distance, forward and backward", |device| plain(device, pseudo_huber_distance)),
    ("kernel: group norm and SiLU, forward and backward", norm_and_silu),
    ("kernel: SiD's generator loss, forward and backward", |device| {
        plain(device, score_losses::sid_generator)
    }),
    ("kernel: distribution matching, forward and backward", |device| plain(device, score_losses::matching)),
    ("kernel: finite numbers and their norm", |device| plain(device, finite_norm::finite_norm)),
    ("kernel: random numbers", |device| plain(device, random::normals)),
    ("kernel: dropout, forward and backward", |device| plain(device, random::masks)),
    ("kernel: Adam, bad steps left out and mended", |device| plain(device, adam::adam)),
    ("kernel: numbers gathered, picked and brought along", moved::moved),
];

/// Against their CPU twins.
pub const BESIDE_TWINS: [(&str, Measure); 5] = [
    ("kernel: convolution, forward and backward", |device| twins::convolutions(device, FloatDType::F32)),
    ("kernel: attention, forward and backward", |device| twins::attentions(device, FloatDType::F32)),
    ("kernel: joints of a block, forward and backward", |device| twins::joints(device, FloatDType::F32)),
    ("kernel: pairs of pixels, forward and backward", |device| twins::pairs(device, FloatDType::F32)),
    ("kernel: images flipped and warped", warp::warps),
];

/// On images in half precision, where an adapter has that: what decides whether a network may be trained so.
pub const IN_HALF: [(&str, Measure); 6] = [
    ("half precision: convolution, forward and backward", |device| {
        twins::convolutions(device, FloatDType::F16)
    }),
    ("half precision: group norm and dropout, forward and backward", half::norms),
    ("half precision: attention, forward and backward", |device| twins::attentions(device, FloatDType::F16)),
    ("half precision: joints of a block, forward and backward", |device| {
        twins::joints(device, FloatDType::F16)
    }),
    ("half precision: pairs of pixels, forward and backward", |device| twins::pairs(device, FloatDType::F16)),
    ("half precision: what is too large becomes infinite", half::overflow),
];

/// A kernel's errors on images of a shape that reach it in some way.
type OnImages = fn(&Device, [usize; 4], Arrival) -> Errors;

fn plain(device: &Device, measure: OnImages) -> Errors {
    measure(device, SHAPE, Arrival::Plain)
}

/// The group norm with all channels in one group.
fn norm_and_silu(device: &Device) -> Errors {
    let case = group_norm::Case { shape: SHAPE, groups: 1, activation: Activation::Silu };
    group_norm::measure(device, case, Arrival::Plain, kernels::group_norm)
}
