//! EDM's preconditioning: D(x, sigma) = c_skip x + c_out F(c_in x, c_noise) (Karras et
//! al., 2022, table 1).

use super::SIGMA_DATA;

/// The four coefficients at one noise level.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EdmPrecond {
    pub c_skip: f64,
    pub c_out: f64,
    pub c_in: f64,
    pub c_noise: f64,
}

impl EdmPrecond {
    pub fn at(sigma: f64) -> Self {
        let total = sigma * sigma + SIGMA_DATA * SIGMA_DATA;
        Self {
            c_skip: SIGMA_DATA * SIGMA_DATA / total,
            c_out: sigma * SIGMA_DATA / total.sqrt(),
            c_in: 1.0 / total.sqrt(),
            c_noise: sigma.ln() / 4.0,
        }
    }
}

/// Weight of the denoising loss: `lambda(sigma) = (sigma² + sigma_data²) / (sigma sigma_data)²`.
pub fn denoising_weight(sigma: f64) -> f64 {
    (sigma * sigma + SIGMA_DATA * SIGMA_DATA) / (sigma * SIGMA_DATA).powi(2)
}

#[cfg(test)]
mod tests {
    use super::*;

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
            let got = EdmPrecond::at(sigma);
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
    }
}
