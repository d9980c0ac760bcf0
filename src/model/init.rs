//! Initial values: a distribution, its fans and a factor.

use crate::random::{Random, Stream};

/// How a parameter starts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Init {
    Zeros,
    Ones,
    /// `gain · sqrt(6 / (fan_in + fan_out)) · U(-1, 1)` (Glorot and Bengio, 2010).
    XavierUniform {
        fan_in: usize,
        fan_out: usize,
        gain: f64,
    },
}

impl Init {
    /// `len` initial values of parameter number `index` under `seed`.
    pub fn values(self, seed: u32, index: usize, len: usize) -> Vec<f32> {
        let uniform = |bound: f64| {
            let draws = Random::new(seed, Stream::Init).uniforms(index as u64, 0, len);
            draws.into_iter().map(|u| (bound * (2.0 * f64::from(u) - 1.0)) as f32).collect()
        };
        match self {
            Init::Zeros => vec![0.0; len],
            Init::Ones => vec![1.0; len],
            Init::XavierUniform { fan_in, fan_out, gain } => {
                uniform(gain * (6.0 / (fan_in + fan_out) as f64).sqrt())
            }
        }
    }
}
