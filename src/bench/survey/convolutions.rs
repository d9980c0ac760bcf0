//! How fast a network's 3×3 convolutions are, forward and for each gradient.

use burn::backend::Dispatch;
use burn::tensor::{Device, Tensor};

use super::items::Item;
use super::job::Extent;
use super::rows::ConvolutionRow;
use super::timing::{Repeats, Timing, numbers, timed};
use super::word::Finding;
use crate::bench::clock::settle;
use crate::error::Result;
use crate::gpu::Opened;
use crate::gpu::kernels::SameConvOps;

const REPEATS: Repeats = Repeats { most: 10, secs: 1.5 };
/// Convolutions of one reading of the clock.
const TIMES: usize = 4;
/// Pixels of a kernel.
const TAPS: usize = 9;

/// The shapes where most of a network's work is; smaller ones where software computes.
fn shapes(opened: &Opened, extent: Extent) -> &'static [[usize; 4]] {
    match extent {
        Extent::Quick => &[[2, 8, 8, 8]],
        Extent::Full if opened.software => &[[2, 16, 16, 16], [2, 32, 8, 8]],
        Extent::Full => &[[16, 64, 32, 32], [16, 128, 16, 16]],
    }
}

/// Images, weights and bias; a gradient has the images' shape.
struct Inputs {
    images: Tensor<4>,
    weight: Tensor<4>,
    bias: Tensor<1>,
}

impl Inputs {
    fn new(shape: [usize; 4], device: &Device) -> Self {
        let channels = shape[1];
        let weight = numbers([channels, channels, 3, 3], device);
        Self { images: numbers(shape, device), weight, bias: numbers([channels], device) }
    }
}

/// What is to be held until it was made.
type Made = (Tensor<4>, Option<Tensor<1>>);

/// A name and what it stands for.
type Operation = (&'static str, fn(&Inputs) -> Made);

/// Without autodiff, each by itself.
const OPERATIONS: [Operation; 3] = [
    ("forward", |Inputs { images, weight, bias }| {
        let [images, weight] = [images, weight].map(|tensor| tensor.clone().into_dispatch());
        let made = <Dispatch as SameConvOps>::same_conv(images, weight, bias.clone().into_dispatch());
        (Tensor::from_dispatch(made), None)
    }),
    ("data_gradient", |Inputs { images, weight, .. }| {
        let [gradient, weight] = [images, weight].map(|tensor| tensor.clone().into_dispatch());
        (Tensor::from_dispatch(<Dispatch as SameConvOps>::same_conv_slope(weight, gradient)), None)
    }),
    ("weight_gradient", |Inputs { images, weight, bias }| {
        let [x, weight, gradient] = [images, weight, images].map(|tensor| tensor.clone().into_dispatch());
        let bias = bias.clone().into_dispatch();
        let (weight, bias) = <Dispatch as SameConvOps>::same_conv_slopes_affine(x, weight, bias, gradient);
        (Tensor::from_dispatch(weight), Some(Tensor::from_dispatch(bias)))
    }),
];

/// Each shape with each operation, an item each.
pub fn items(opened: &Opened, extent: Extent) -> Vec<Item> {
    let item = |shape: [usize; 4], (name, operation): Operation| {
        let device = opened.device.clone();
        Item::new(format!("{name} {shape:?}"), move |take| {
            let timing = measure(shape, operation, &device)?;
            let [batch, channels, height, width] = shape;
            let flops = 2 * TAPS * channels * channels * batch * height * width;
            take(Finding::Convolution(ConvolutionRow {
                operation: name.into(),
                input_shape: shape,
                timing,
                gigaflops_per_second: timing.rate(flops as f64) / 1e9,
            }));
            Ok(())
        })
    };
    let shapes = shapes(opened, extent).iter();
    shapes.flat_map(|shape| OPERATIONS.map(|operation| item(*shape, operation))).collect()
}

fn measure(shape: [usize; 4], operation: fn(&Inputs) -> Made, device: &Device) -> Result<Timing> {
    let inputs = Inputs::new(shape, device);
    timed(
        REPEATS,
        TIMES,
        || Ok(()),
        |()| {
            let made: Vec<Made> = (0..TIMES).map(|_| operation(&inputs)).collect();
            settle(device)?;
            drop(made);
            Ok(())
        },
    )
}
