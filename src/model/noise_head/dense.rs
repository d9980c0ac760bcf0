//! One number of a sample that is no picture, for toy worlds.

use burn::tensor::Tensor;
use burn::tensor::activation::silu;

use crate::model::init::LayerInit;
use crate::model::layers::Linear;
use crate::model::layout::LayoutBuilder;
use crate::model::weights::Leaves;

const WIDTH: usize = 128;
/// Keeps the logarithm of an empty sample finite.
const FLOOR: f64 = 1e-6;

/// Three dense layers over the numbers and the logarithm of their root mean square.
#[derive(Clone, Debug)]
pub struct DenseHead {
    first: Linear,
    second: Linear,
    out: Linear,
}

impl DenseHead {
    pub fn new(b: &mut LayoutBuilder, prefix: &str, inputs: usize) -> Self {
        let mut layer = |part: &str, sizes: [usize; 2]| {
            Linear::new(b, &format!("{prefix}.{part}"), sizes, true, LayerInit::xavier(1.0))
        };
        Self {
            first: layer("first", [inputs + 1, WIDTH]),
            second: layer("second", [WIDTH, WIDTH]),
            out: layer("out", [WIDTH, 1]),
        }
    }

    /// `[batch, channels, h, w] -> [batch]`.
    pub fn forward(&self, w: &Leaves, u: Tensor<4>) -> Tensor<1> {
        let [batch, channels, height, width] = u.dims();
        let u = u.reshape([batch, channels * height * width]);
        let ln_rms = ((u.clone() * u.clone()).mean_dim(1) + FLOOR).log() * 0.5;
        let h = silu(self.first.forward(w, Tensor::cat(vec![u, ln_rms], 1)));
        let h = h.clone() + silu(self.second.forward(w, h));
        self.out.forward(w, h).reshape([batch])
    }
}
