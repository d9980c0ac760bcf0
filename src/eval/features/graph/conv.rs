//! Convolutions of a graph, plain and depthwise.

use burn::tensor::Tensor;
use burn::tensor::module::conv2d;
use burn::tensor::ops::ConvOptions;

use super::file::Convolution;
use super::shape::Shape;
use super::source::Source;
use crate::gpu::kernels::same_conv;

/// Most numbers of an unfolded image, 256 MiB: VGG's largest layer has half of it.
const MOST_UNFOLDED: usize = 1 << 26;

/// A square convolution with its biases.
pub struct Conv {
    weight: Tensor<4>,
    bias: Tensor<1>,
    stride: usize,
    /// Zeros before and behind each row and column.
    padding: (usize, usize),
    groups: usize,
    relu6: bool,
}

impl Conv {
    /// The layer for values of shape `from`, and what it makes of them. Its kernel's side follows from the
    /// number of weights.
    ///
    /// # Errors
    /// What does not fit, in words.
    pub fn new(
        op: &Convolution,
        is_depthwise: bool,
        from: Shape,
        source: &Source<'_>,
    ) -> Result<(Self, Shape), String> {
        let [weight, bias] = [source.tensor(&op.w)?, source.tensor(&op.b)?];
        let Shape { channels, side } = from;
        let outputs = bias.len();
        if is_depthwise && outputs != channels {
            return Err(format!("{} has {outputs} numbers for {channels} channels", op.b));
        }
        let (inputs, groups) = if is_depthwise { (1, channels) } else { (channels, 1) };
        let pairs = outputs.checked_mul(inputs).filter(|pairs| *pairs > 0);
        let area = pairs.filter(|pairs| weight.len().is_multiple_of(*pairs)).map(|p| weight.len() / p);
        let kernel = area.map_or(0, usize::isqrt);
        if kernel == 0 || area != Some(kernel * kernel) {
            let count = weight.len();
            return Err(format!("{} has {count} numbers, no {outputs} × {inputs} square kernels", op.w));
        }
        let (to, padding) = span(side, kernel, op.stride, op.same)
            .ok_or_else(|| format!("a {kernel}×{kernel} kernel, stride {}, on side {side}", op.stride))?;
        let unfolded = [kernel * kernel, inputs, to, to].iter().try_fold(1usize, |n, m| n.checked_mul(*m));
        if unfolded.is_none_or(|numbers| numbers > MOST_UNFOLDED) {
            return Err(format!("a {kernel}×{kernel} kernel on {inputs}×{side}×{side} is too large"));
        }
        let conv = Self {
            weight: source.upload(weight, [outputs, inputs, kernel, kernel]),
            bias: source.upload(bias, [outputs]),
            stride: op.stride,
            padding,
            groups,
            relu6: op.relu6,
        };
        Ok((conv, Shape { channels: outputs, side: to }))
    }

    pub fn forward(&self, x: Tensor<4>) -> Tensor<4> {
        let (weight, bias) = (self.weight.clone(), self.bias.clone());
        let half = weight.dims()[2] / 2;
        let keeps_side = weight.dims()[2] % 2 == 1 && self.padding == (half, half);
        let y = if keeps_side && self.stride == 1 && self.groups == 1 {
            same_conv(x, weight, bias)
        } else {
            let mut options = ConvOptions::new([self.stride; 2], [0, 0], [1, 1], self.groups);
            options.padding = [self.padding; 2];
            conv2d(x, weight, Some(bias), options)
        };
        if self.relu6 { y.clamp(0.0, 6.0) } else { y }
    }
}

/// The side that a convolution gives, and the zeros before and behind; `None` where there is none.
fn span(side: usize, kernel: usize, stride: usize, same: bool) -> Option<(usize, (usize, usize))> {
    if stride == 0 {
        return None;
    }
    if !same {
        return Some((side.checked_sub(kernel)? / stride + 1, (0, 0)));
    }
    let to = side.div_ceil(stride);
    let needed = to.checked_sub(1)?.checked_mul(stride)?.checked_add(kernel)?;
    let zeros = needed.saturating_sub(side);
    Some((to, (zeros / 2, zeros - zeros / 2)))
}

#[cfg(test)]
mod tests {
    use super::span;

    #[test]
    fn zeros_are_fewer_before_than_behind() {
        assert_eq!(span(224, 3, 2, true), Some((112, (0, 1))));
        assert_eq!(span(5, 3, 2, true), Some((3, (1, 1))));
        assert_eq!(span(7, 3, 1, true), Some((7, (1, 1))));
        assert_eq!(span(7, 1, 3, true), Some((3, (0, 0))));
        assert_eq!(span(7, 3, 2, false), Some((3, (0, 0))));
        assert_eq!(span(2, 3, 1, false), None);
        assert_eq!(span(2, 3, 0, true), None);
        assert_eq!(span(2, 3, usize::MAX, true), Some((1, (0, 1))));
    }
}
