//! Noise levels as vectors of sines and cosines. Known levels are embedded on the host in f64, because
//! a device's sines may be coarse; predicted ones on the device, where gradients pass through.

use std::f64::consts::TAU;

use burn::tensor::{Device, Tensor};

use crate::gpu::kernels::from_numbers;

/// Which comes first in a row: SongUNet and its Fourier features put sines first, ADM cosines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    SinCos,
    CosSin,
}

/// Angles per unit of `c_noise` of the positional embedding, `half` of them: `10000^(-i / n)` with
/// `n = half - 1` where the row includes its `endpoint` (SongUNet), else `half` (ADM).
pub fn positional_frequencies(half: usize, endpoint: bool) -> Vec<f64> {
    let n = if endpoint { half.max(2) - 1 } else { half } as f64;
    (0..half).map(|i| 10_000f64.powf(-(i as f64) / n)).collect()
}

/// The Fourier features' angles per unit, of frequencies in turns.
pub fn fourier_frequencies(turns: &[f32]) -> Vec<f64> {
    turns.iter().map(|f| TAU * f64::from(*f)).collect()
}

/// Sines and cosines of `c_noise` times each frequency: `[batch, 2 · frequencies]`.
pub fn embed(c_noise: &[f64], frequencies: &[f64], order: Order, device: &Device) -> Tensor<2> {
    let mut rows = Vec::with_capacity(c_noise.len() * 2 * frequencies.len());
    for c in c_noise {
        let sines = frequencies.iter().map(|f| (c * f).sin() as f32);
        let cosines = frequencies.iter().map(|f| (c * f).cos() as f32);
        match order {
            Order::SinCos => rows.extend(sines.chain(cosines)),
            Order::CosSin => rows.extend(cosines.chain(sines)),
        }
    }
    from_numbers(rows, [c_noise.len(), 2 * frequencies.len()], device)
}

/// The same for noise levels that a network predicted. `c_noise`: `[batch]`.
pub fn embed_tensor(c_noise: Tensor<1>, frequencies: &[f64], order: Order) -> Tensor<2> {
    let [batch] = c_noise.dims();
    let values: Vec<f32> = frequencies.iter().map(|f| *f as f32).collect();
    let half = values.len();
    let frequencies = from_numbers(values, [1, half], &c_noise.device());
    let angles = c_noise.reshape([batch, 1]) * frequencies;
    let (sines, cosines) = (angles.clone().sin(), angles.cos());
    let parts = match order {
        Order::SinCos => vec![sines, cosines],
        Order::CosSin => vec![cosines, sines],
    };
    Tensor::cat(parts, 1)
}
