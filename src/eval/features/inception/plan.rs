//! What the network is made of, without numbers: convolutions and pools, one after another or side by side.

use super::pool::Pool;
use crate::error::Result;

/// A part of the network whose convolutions are `C`: their sizes ([`Window`]), or themselves.
pub enum Part<C> {
    Conv(C),
    Pool(Pool),
    Chain(Vec<Self>),
    /// All see the same input; their results are joined as channels, in this order.
    Fork(Vec<Self>),
}

pub type Plan = Part<Window>;

/// Name and sizes of a convolution without bias; a batch norm and a ReLU are behind it.
pub struct Window {
    /// As torchvision calls it, with the block's name in front.
    pub name: String,
    pub outputs: usize,
    /// Rows and columns.
    pub kernel: [usize; 2],
    pub stride: usize,
    /// Zeros above and below, left and right.
    pub padding: [usize; 2],
    /// What it sees are means over the 3×3 pixels around each.
    pub averaged: bool,
}

impl Part<Window> {
    /// Keeps the image's size.
    pub fn same(name: &str, outputs: usize, kernel: [usize; 2]) -> Self {
        let padding = kernel.map(|side| side / 2);
        Self::Conv(Window { name: name.into(), outputs, kernel, stride: 1, padding, averaged: false })
    }

    /// 3×3 where the image is, every pixel or every other.
    pub fn inside(name: &str, outputs: usize, stride: usize) -> Self {
        let (kernel, padding) = ([3, 3], [0, 0]);
        Self::Conv(Window { name: name.into(), outputs, kernel, stride, padding, averaged: false })
    }

    /// 1×1 over means of 3×3 pixels.
    pub fn averaged(name: &str, outputs: usize) -> Self {
        let (kernel, padding) = ([1, 1], [0, 0]);
        Self::Conv(Window { name: name.into(), outputs, kernel, stride: 1, padding, averaged: true })
    }

    /// Puts a block's name before those of its convolutions.
    pub fn of(self, block: &str) -> Self {
        let all = |parts: Vec<Self>| parts.into_iter().map(|part| part.of(block)).collect();
        match self {
            Self::Conv(window) => Self::Conv(Window { name: format!("{block}.{}", window.name), ..window }),
            Self::Pool(pool) => Self::Pool(pool),
            Self::Chain(parts) => Self::Chain(all(parts)),
            Self::Fork(parts) => Self::Fork(all(parts)),
        }
    }

    /// The same part with a convolution for each of its windows; `convolution` is given the window and its
    /// input channels. Also how many channels come out of `inputs`.
    pub fn built<C>(
        &self,
        inputs: usize,
        convolution: &mut impl FnMut(&Window, usize) -> Result<C>,
    ) -> Result<(Part<C>, usize)> {
        Ok(match self {
            Self::Conv(window) => (Part::Conv(convolution(window, inputs)?), window.outputs),
            Self::Pool(pool) => (Part::Pool(*pool), inputs),
            Self::Chain(parts) => {
                let (mut built, mut channels) = (Vec::new(), inputs);
                for part in parts {
                    let (part, outputs) = part.built(channels, convolution)?;
                    built.push(part);
                    channels = outputs;
                }
                (Part::Chain(built), channels)
            }
            Self::Fork(parts) => {
                let (mut built, mut channels) = (Vec::new(), 0);
                for part in parts {
                    let (part, outputs) = part.built(inputs, convolution)?;
                    built.push(part);
                    channels += outputs;
                }
                (Part::Fork(built), channels)
            }
        })
    }
}
