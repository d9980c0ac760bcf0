//! Preconditioning: D(x, sigma) = c_skip x + c_out F(c_in x, c_noise) (Karras et al., 2022, table 1).

mod iddpm;

use burn::tensor::Tensor;
use serde::{Deserialize, Serialize};

use super::SIGMA_DATA;
pub use iddpm::{round_sigma as iddpm_round_sigma, table as iddpm_table};

/// How a network was taught to read noise levels and what it predicts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Precond {
    #[default]
    Edm,
    /// Song et al. (2021), variance preserving.
    Vp,
    /// Song et al. (2021), variance exploding.
    Ve,
    /// Nichol and Dhariwal (2021); the network's second half of channels, a variance, is not used.
    Iddpm,
}

/// The four coefficients at one noise level.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Coefficients {
    pub c_skip: f64,
    pub c_out: f64,
    pub c_in: f64,
    pub c_noise: f64,
}

/// Slope and start of VP's noise schedule.
const VP_BETA_D: f64 = 19.9;
const VP_BETA_MIN: f64 = 0.1;
/// Smallest time that VP's schedule is used at.
const VP_SMALLEST_TIME: f64 = 1e-5;
/// VP's and iDDPM's networks count time in so many steps.
const TIMES: f64 = 1000.0;
/// Range of VE's noise levels.
const VE_SIGMA: [f64; 2] = [0.02, 100.0];

impl Precond {
    pub fn at(self, sigma: f64) -> Coefficients {
        let unit = 1.0 / (sigma * sigma + 1.0).sqrt();
        match self {
            Precond::Edm => {
                let total = sigma * sigma + SIGMA_DATA * SIGMA_DATA;
                Coefficients {
                    c_skip: SIGMA_DATA * SIGMA_DATA / total,
                    c_out: sigma * SIGMA_DATA / total.sqrt(),
                    c_in: 1.0 / total.sqrt(),
                    c_noise: sigma.ln() / 4.0,
                }
            }
            Precond::Vp => Coefficients {
                c_skip: 1.0,
                c_out: -sigma,
                c_in: unit,
                c_noise: (TIMES - 1.0) * vp_time(sigma),
            },
            Precond::Ve => Coefficients { c_skip: 1.0, c_out: sigma, c_in: 1.0, c_noise: (0.5 * sigma).ln() },
            Precond::Iddpm => {
                let (index, _) = iddpm::round_sigma(sigma);
                Coefficients { c_skip: 1.0, c_out: -sigma, c_in: unit, c_noise: TIMES - 1.0 - index as f64 }
            }
        }
    }

    /// Channels that a network gives for images of `img_channels`.
    pub fn outputs(self, img_channels: usize) -> usize {
        if self == Precond::Iddpm { 2 * img_channels } else { img_channels }
    }

    /// Smallest and largest noise level that the network knows.
    pub fn sigma_range(self) -> [f64; 2] {
        match self {
            Precond::Edm => [0.0, f64::INFINITY],
            Precond::Vp => [vp_sigma(VP_SMALLEST_TIME), vp_sigma(1.0)],
            Precond::Ve => VE_SIGMA,
            Precond::Iddpm => iddpm::range(),
        }
    }

    /// The nearest noise level that the network knows: only iDDPM's are discrete.
    pub fn round_sigma(self, sigma: f64) -> f64 {
        if self == Precond::Iddpm { iddpm::round_sigma(sigma).1 } else { sigma }
    }

    /// Weight lambda(sigma) of the squared error in the loss that such a network is published with.
    pub fn loss_weight(self, sigma: f64) -> f64 {
        match self {
            Precond::Edm => denoising_weight(sigma),
            Precond::Vp | Precond::Ve | Precond::Iddpm => 1.0 / (sigma * sigma),
        }
    }

    /// The coefficients for predicted noise levels, as ln sigma, `[batch]`; none where levels are
    /// discrete and have no slope.
    pub fn at_tensor(self, ln_sigma: Tensor<1>) -> Option<TensorCoefficients> {
        let sigma = ln_sigma.clone().exp();
        let variance = sigma.clone() * sigma.clone();
        let unit = || (variance.clone() + 1.0).sqrt().recip();
        Some(match self {
            Precond::Edm => {
                let total = variance.clone() + SIGMA_DATA * SIGMA_DATA;
                let c_in = total.clone().sqrt().recip();
                TensorCoefficients {
                    c_skip: total.recip() * (SIGMA_DATA * SIGMA_DATA),
                    c_out: sigma * c_in.clone() * SIGMA_DATA,
                    c_in,
                    c_noise: ln_sigma * 0.25,
                }
            }
            Precond::Vp => {
                let log = variance.clone().log1p();
                let root = (log * (2.0 * VP_BETA_D) + VP_BETA_MIN * VP_BETA_MIN).sqrt();
                TensorCoefficients {
                    c_skip: sigma.ones_like(),
                    c_in: unit(),
                    c_noise: (root - VP_BETA_MIN) * ((TIMES - 1.0) / VP_BETA_D),
                    c_out: sigma.neg(),
                }
            }
            Precond::Ve => TensorCoefficients {
                c_skip: sigma.ones_like(),
                c_in: sigma.ones_like(),
                c_noise: ln_sigma + 0.5f64.ln(),
                c_out: sigma,
            },
            Precond::Iddpm => return None,
        })
    }
}

/// The four coefficients of a batch, `[batch]` each.
#[derive(Clone, Debug)]
pub struct TensorCoefficients {
    pub c_skip: Tensor<1>,
    pub c_out: Tensor<1>,
    pub c_in: Tensor<1>,
    pub c_noise: Tensor<1>,
}

/// VP's noise level at `time` in (0, 1] (Karras et al., 2022, table 1).
pub fn vp_sigma(time: f64) -> f64 {
    (0.5 * VP_BETA_D * time * time + VP_BETA_MIN * time).exp_m1().sqrt()
}

/// The time of a noise level: inverse of `vp_sigma`.
pub fn vp_time(sigma: f64) -> f64 {
    let log = (sigma * sigma).ln_1p();
    ((VP_BETA_MIN * VP_BETA_MIN + 2.0 * VP_BETA_D * log).sqrt() - VP_BETA_MIN) / VP_BETA_D
}

/// Weight of EDM's denoising loss: `lambda(sigma) = (sigma² + sigma_data²) / (sigma sigma_data)²`.
pub fn denoising_weight(sigma: f64) -> f64 {
    (sigma * sigma + SIGMA_DATA * SIGMA_DATA) / (sigma * SIGMA_DATA).powi(2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::{Device, TensorData};

    /// Worked from the table by hand: sigma, c_skip, c_out, c_in, c_noise, lambda.
    #[test]
    fn published_vectors() {
        let rows = [
            [2.5, 0.0384615, 0.4902903, 0.3922323, 0.2290727, 4.16],
            [0.5, 0.5, 0.3535534, std::f64::consts::SQRT_2, -0.1732868, 8.0],
            [80.0, 3.9061e-5, 0.4999902, 0.01249976, 1.0955066, 4.000156],
            [0.002, 0.999984, 0.0019999840, 1.9999840, -1.5536520, 250_004.0],
        ];
        for [sigma, c_skip, c_out, c_in, c_noise, lambda] in rows {
            let got = Precond::Edm.at(sigma);
            let pairs = [
                (got.c_skip, c_skip),
                (got.c_out, c_out),
                (got.c_in, c_in),
                (got.c_noise, c_noise),
                (denoising_weight(sigma), lambda),
            ];
            for (got, want) in pairs {
                assert!((got - want).abs() <= 2e-5 * want.abs(), "sigma {sigma}: {got} instead of {want}");
            }
        }
        assert!((Precond::Vp.at(2.5).c_noise - 440.763293).abs() < 1e-5);
    }

    #[test]
    fn tensors_agree_with_numbers() {
        let sigmas = [0.02, 0.5, 3.0, 70.0f64];
        let logs: Vec<f32> = sigmas.iter().map(|s| s.ln() as f32).collect();
        for precond in [Precond::Edm, Precond::Vp, Precond::Ve] {
            let logs = Tensor::<1>::from_data(TensorData::new(logs.clone(), [4]), &Device::flex());
            let got = precond.at_tensor(logs).expect("continuous levels");
            let columns: [fn(&Coefficients) -> f64; 4] =
                [|c| c.c_skip, |c| c.c_out, |c| c.c_in, |c| c.c_noise];
            for (tensor, pick) in [got.c_skip, got.c_out, got.c_in, got.c_noise].into_iter().zip(columns) {
                let values = tensor.into_data().try_to_vec::<f32>().expect("f32");
                for (value, sigma) in values.into_iter().zip(sigmas) {
                    let want = pick(&precond.at(sigma));
                    assert!(
                        (f64::from(value) - want).abs() <= 1e-4 * want.abs().max(1e-2),
                        "{precond:?} {sigma}"
                    );
                }
            }
        }
    }
}
