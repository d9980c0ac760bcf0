//! What a convolution has to do, by the formula: Winograd's way does less arithmetic and may do better than that.

use burn::backend::Shape;

use crate::gpu::tally::{Clock, Cost, clock};

/// Which of a convolution's operations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    Forward,
    /// Gradient in the images.
    Slope,
    /// Gradients in weights and bias.
    SlopesAffine,
}

/// A clock on one part of the convolution of images `x` with `weight`.
pub fn timed(part: Part, x: &Shape, weight: &Shape) -> Clock {
    clock(name(part, [weight[2], weight[3]]), cost(part, x, weight))
}

/// Each part has one multiplication and one addition a tap, input, output and pixel.
fn cost(part: Part, x: &Shape, weight: &Shape) -> Cost {
    let outputs = weight[0];
    let result = x[0] * outputs * x[2] * x[3];
    let products = result * weight[1] * weight[2] * weight[3];
    let images = x.num_elements() + weight.num_elements() + result;
    match part {
        Part::Slope => Cost::new(2 * products, images),
        // The bias is added once a pixel, or its gradient summed.
        Part::Forward | Part::SlopesAffine => Cost::new(2 * products + result, images + outputs),
    }
}

fn name(part: Part, kernel: [usize; 2]) -> &'static str {
    match (kernel, part) {
        ([3, 3], Part::Forward) => "convolution 3×3",
        ([3, 3], Part::Slope) => "convolution 3×3 data gradient",
        ([3, 3], Part::SlopesAffine) => "convolution 3×3 weight gradient",
        ([1, 1], Part::Forward) => "convolution 1×1",
        ([1, 1], Part::Slope) => "convolution 1×1 data gradient",
        ([1, 1], Part::SlopesAffine) => "convolution 1×1 weight gradient",
        (_, Part::Forward) => "other convolution",
        (_, Part::Slope) => "other convolution data gradient",
        (_, Part::SlopesAffine) => "other convolution weight gradient",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_a_small_convolution_by_hand() {
        // 2 images of 3 channels and 4×5 pixels, to 7 channels.
        let (x, weight) = (Shape::new([2, 3, 4, 5]), Shape::new([7, 3, 3, 3]));
        let (pixels, products) = (2 * 7 * 20, 2 * 7 * 20 * 27);
        let numbers = 120 + 280 + 189;
        assert_eq!(cost(Part::Slope, &x, &weight), Cost::new(2 * products, numbers));
        for part in [Part::Forward, Part::SlopesAffine] {
            assert_eq!(cost(part, &x, &weight), Cost::new(2 * products + pixels, numbers + 7));
        }
    }
}
