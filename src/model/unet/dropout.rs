//! Dropout masks drawn from the stateless generator, one after another through a forward pass.

use burn::tensor::{Tensor, TensorData};

use crate::gpu::tally::{Cost, clock};

pub struct Dropout<'a> {
    draw: Option<&'a mut dyn FnMut(usize) -> Vec<f32>>,
    rate: f64,
}

impl<'a> Dropout<'a> {
    /// No dropout: sampling, frozen networks.
    pub fn off() -> Self {
        Self { draw: None, rate: 0.0 }
    }

    /// `draw(len)` gives `len` uniforms in [0, 1) for the next mask.
    pub fn on(rate: f64, draw: &'a mut dyn FnMut(usize) -> Vec<f32>) -> Self {
        Self { draw: (rate > 0.0).then_some(draw), rate }
    }

    pub(super) fn apply(&mut self, x: Tensor<4>) -> Tensor<4> {
        let Some(draw) = &mut self.draw else { return x };
        let shape = x.shape();
        let _clock = clock("dropout", Cost::each(shape.num_elements(), 1, 2));
        let keep = 1.0 - self.rate;
        let mask = draw(shape.num_elements());
        let mask: Vec<f32> =
            mask.into_iter().map(|u| if f64::from(u) < keep { (1.0 / keep) as f32 } else { 0.0 }).collect();
        let mask = Tensor::from_data(TensorData::new(mask, shape), &x.device());
        x * mask
    }
}
