//! A linear layer.

use burn::tensor::Tensor;

use crate::gpu::kernels::same_conv;
use crate::gpu::queues;
use crate::gpu::tally::{Cost, clock};
use crate::model::init::LayerInit;
use crate::model::layout::{LayoutBuilder, ParamId};
use crate::model::weights::Leaves;

/// `y = x W^T + b`, weight `[out, in]`.
#[derive(Clone, Debug)]
pub struct Linear {
    weight: ParamId,
    bias: Option<ParamId>,
    outputs: usize,
}

impl Linear {
    pub fn new(
        b: &mut LayoutBuilder,
        name: &str,
        [inputs, outputs]: [usize; 2],
        bias: bool,
        init: LayerInit,
    ) -> Self {
        let [weight_init, bias_init] = init.of(inputs, outputs);
        Self {
            weight: b.add(format!("{name}.weight"), &[outputs, inputs], weight_init),
            bias: bias.then(|| b.add(format!("{name}.bias"), &[outputs], bias_init)),
            outputs,
        }
    }

    /// `[batch, in] -> [batch, out]`.
    pub fn forward(&self, w: &Leaves, x: Tensor<2>) -> Tensor<2> {
        let [batch, inputs] = x.dims();
        let weights = inputs * self.outputs;
        let numbers = batch * (inputs + self.outputs) + weights;
        let _clock = clock("linear layer", Cost::new(2 * batch * weights, numbers));
        let bias = self.bias.map(|bias| w.get::<1>(bias));
        match bias {
            // A GPU does in one kernel what burn does in two, or three with the weights in another order.
            Some(bias) if queues(&x.device()) => {
                let x = x.reshape([batch, inputs, 1, 1]);
                let weight = w.get::<2>(self.weight).reshape([self.outputs, inputs, 1, 1]);
                same_conv(x, weight, bias).reshape([batch, self.outputs])
            }
            Some(bias) => self.product(w, x) + bias.reshape([1, self.outputs]),
            None => self.product(w, x),
        }
    }

    fn product(&self, w: &Leaves, x: Tensor<2>) -> Tensor<2> {
        x.matmul(w.get::<2>(self.weight).transpose())
    }
}
