//! Batch norm (Ioffe and Szegedy, 2015): every channel normalised by its mean and variance over the batch,
//! and their running averages, which stand in for them afterwards.

use burn::tensor::Tensor;

use crate::error::Result;
use crate::gpu::read;
use crate::train::Named;

/// Added to the variance.
pub const NORM_EPS: f32 = 1e-5;
/// Share of the newest batch in the running averages.
const NEWEST: f32 = 0.1;

/// Mean and (biased) variance of each channel over a batch, `[channels]`, without gradient.
#[derive(Clone, Debug)]
pub struct Moments {
    pub mean: Tensor<1>,
    pub variance: Tensor<1>,
    /// Numbers behind each of them.
    pub count: usize,
}

/// `weight · (x - mean) / sqrt(variance + eps) + bias` of `x`: `[batch, channels, height, width]`.
pub fn batch_norm(x: Tensor<4>, weight: Tensor<1>, bias: Tensor<1>) -> (Tensor<4>, Moments) {
    let shape = x.dims();
    let [batch, channels, height, width] = shape;
    let x = x.reshape([batch, channels, height * width]);
    let mean_of = |x: Tensor<3>| x.mean_dim(2).mean_dim(0);
    let mean = mean_of(x.clone());
    let around = x - mean.clone();
    let variance = mean_of(around.clone() * around.clone());
    let scale = weight.reshape([1, channels, 1]) / (variance.clone() + NORM_EPS).sqrt();
    let y = around * scale + bias.reshape([1, channels, 1]);
    let flat = |moment: Tensor<3>| moment.inner().reshape([channels]);
    let moments = Moments { mean: flat(mean), variance: flat(variance), count: batch * height * width };
    (y.reshape(shape), moments)
}

/// The running averages of one norm.
#[derive(Clone, Debug)]
struct Average {
    mean: Tensor<1>,
    variance: Tensor<1>,
}

/// The running averages of all norms of a network, in order.
#[derive(Clone, Debug, Default)]
pub struct Running {
    averages: Vec<Average>,
    batches: u32,
}

impl Running {
    /// Adds a batch. The first ones weigh alike, so that few of them already make an average.
    pub fn update(&mut self, batch: Vec<Moments>) {
        self.batches += 1;
        let newest = NEWEST.max(1.0 / self.batches as f32);
        // What a sample's variance falls short of the population's.
        let unbiased = |m: &Moments| m.variance.clone() * (m.count as f64 / (m.count.max(2) - 1) as f64);
        if self.averages.is_empty() {
            let first = batch.iter().map(|m| Average { mean: m.mean.clone(), variance: unbiased(m) });
            self.averages = first.collect();
            return;
        }
        for (average, moments) in self.averages.iter_mut().zip(&batch) {
            let mix = |old: &Tensor<1>, new: Tensor<1>| old.clone() * (1.0 - newest) + new * newest;
            average.mean = mix(&average.mean, moments.mean.clone());
            average.variance = mix(&average.variance, unbiased(moments));
        }
    }

    /// Adds the averages to `named` behind the names of their norms.
    pub fn put<'a>(&self, norms: impl Iterator<Item = &'a str>, named: &mut Named) -> Result<()> {
        for (norm, average) in norms.zip(&self.averages) {
            named.insert(format!("{norm}.running_mean"), read(average.mean.clone())?);
            named.insert(format!("{norm}.running_var"), read(average.variance.clone())?);
        }
        Ok(())
    }
}
