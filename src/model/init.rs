//! Initial values: a distribution, its fans and a factor.

use crate::random::{Random, Stream};

/// How a parameter starts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Init {
    Zeros,
    Ones,
    /// `U(-bound, bound)`.
    Uniform {
        bound: f64,
    },
    /// `N(0, std²)`.
    Normal {
        std: f64,
    },
}

impl Init {
    /// `len` initial values of parameter (or buffer) number `index` under `seed`.
    pub fn values(self, seed: u32, index: u64, len: usize) -> Vec<f32> {
        let random = Random::new(seed, Stream::Init);
        match self {
            Init::Zeros => vec![0.0; len],
            Init::Ones => vec![1.0; len],
            Init::Uniform { bound } => {
                let draws = random.uniforms(index, 0, len);
                draws.into_iter().map(|u| (bound * (2.0 * f64::from(u) - 1.0)) as f32).collect()
            }
            Init::Normal { std } => {
                let draws = random.normals(index, 0, len);
                draws.into_iter().map(|n| (std * f64::from(n)) as f32).collect()
            }
        }
    }
}

/// How a layer starts: a rule for its spread, and factors for weight and bias.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LayerInit {
    pub spread: Spread,
    pub weight_gain: f64,
    pub bias_gain: f64,
}

/// The spread of initial values by the layer's inputs and outputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spread {
    /// `sqrt(6 / (fan_in + fan_out)) U(-1, 1)` (Glorot and Bengio, 2010).
    XavierUniform,
    /// `sqrt(3 / fan_in) U(-1, 1)` (He et al., 2015).
    KaimingUniform,
    /// `N(0, 1 / fan_in)` (He et al., 2015).
    KaimingNormal,
}

impl LayerInit {
    /// Xavier-uniform weights times `gain`, biases of zero.
    pub fn xavier(gain: f64) -> Self {
        Self { spread: Spread::XavierUniform, weight_gain: gain, bias_gain: 0.0 }
    }

    /// The starts of weight and bias of a layer with these fans.
    pub fn of(self, fan_in: usize, fan_out: usize) -> [Init; 2] {
        let (inputs, outputs) = (fan_in as f64, fan_out as f64);
        [self.weight_gain, self.bias_gain].map(|gain| match self.spread {
            _ if gain == 0.0 => Init::Zeros,
            Spread::XavierUniform => Init::Uniform { bound: gain * (6.0 / (inputs + outputs)).sqrt() },
            Spread::KaimingUniform => Init::Uniform { bound: gain * (3.0 / inputs).sqrt() },
            Spread::KaimingNormal => Init::Normal { std: gain * (1.0 / inputs).sqrt() },
        })
    }
}
