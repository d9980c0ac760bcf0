//! One operation of a graph with its weights.

use burn::tensor::Tensor;

use super::conv::Conv;
use super::file::{Fc, Op};
use super::shape::Shape;
use super::source::Source;

pub enum Layer {
    Conv(Conv),
    Add,
    Mean,
    /// Weights `[inputs, outputs]` and biases `[1, outputs]`.
    Fc(Tensor<2>, Tensor<2>),
}

impl Layer {
    /// The layer of `op` for inputs of these shapes, and the shape of what it gives.
    ///
    /// # Errors
    /// What does not fit, in words.
    pub fn new(op: &Op, inputs: &[Shape], source: &Source<'_>) -> Result<(Self, Shape), String> {
        match (op, inputs) {
            (Op::Conv(op), [from]) => {
                Conv::new(op, false, *from, source).map(|(conv, to)| (Layer::Conv(conv), to))
            }
            (Op::Dwconv(op), [from]) => {
                Conv::new(op, true, *from, source).map(|(conv, to)| (Layer::Conv(conv), to))
            }
            (Op::Add(_), [a, b]) if a == b => Ok((Layer::Add, *a)),
            (Op::Mean(_), [from]) => Ok((Layer::Mean, Shape { side: 1, ..*from })),
            (Op::Fc(op), [Shape { channels, side: 1 }]) => fc(op, *channels, source),
            _ => {
                let inputs: Vec<String> = inputs.iter().map(Shape::to_string).collect();
                Err(format!("it cannot take {}", inputs.join(" and ")))
            }
        }
    }

    /// What it makes of as many inputs as `new` was given shapes.
    pub fn forward(&self, inputs: Vec<Tensor<4>>) -> Option<Tensor<4>> {
        let mut inputs = inputs.into_iter();
        let x = inputs.next()?;
        let [batch, channels, height, width] = x.dims();
        Some(match self {
            Layer::Conv(conv) => conv.forward(x),
            Layer::Add => x + inputs.next()?,
            Layer::Mean => {
                let pixels = x.reshape([batch, channels, height * width]);
                pixels.mean_dim(2).reshape([batch, channels, 1, 1])
            }
            Layer::Fc(weight, bias) => {
                let y = x.reshape([batch, channels]).matmul(weight.clone()) + bias.clone();
                let outputs = y.dims()[1];
                y.reshape([batch, outputs, 1, 1])
            }
        })
    }
}

fn fc(op: &Fc, inputs: usize, source: &Source<'_>) -> Result<(Layer, Shape), String> {
    let [weight, bias] = [source.tensor(&op.w)?, source.tensor(&op.b)?];
    let outputs = bias.len();
    if outputs == 0 || outputs.checked_mul(inputs) != Some(weight.len()) {
        return Err(format!("{} has {} numbers, not {outputs} × {inputs}", op.w, weight.len()));
    }
    let weight = source.upload(weight, [outputs, inputs]).transpose();
    Ok((Layer::Fc(weight, source.upload(bias, [1, outputs])), Shape { channels: outputs, side: 1 }))
}
