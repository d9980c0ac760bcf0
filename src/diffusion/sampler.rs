//! Sampling of the probability-flow ODE, with or without fresh noise on the way (EDM algorithms 1
//! and 2).

use serde::{Deserialize, Serialize};

use super::precond::Precond;
use super::schedule::{RHO, SIGMA_MAX, SIGMA_MIN, karras_sigmas_within};

/// A denoiser on the host's side of a sampler: f64 state in, f64 D(x, sigma) out, so that rounding
/// does not pile up over the steps.
pub type DenoiseFn<'a, E> = dyn FnMut(&[f64], f64) -> Result<Vec<f64>, E> + 'a;

/// How a step follows the slope.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Solver {
    /// Second order: two evaluations a step, one for the last.
    #[default]
    Heun,
    /// First order: one evaluation a step.
    Euler,
}

/// Fresh noise before each step (EDM algorithm 2); none without `amount`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Churn {
    /// S_churn: over all steps together.
    pub amount: f64,
    /// Noise levels between which it is added: S_min, S_max.
    pub within: [f64; 2],
    /// S_noise: standard deviation of the noise, slightly above 1 to make up for lost detail.
    pub noise_std: f64,
}

impl Default for Churn {
    fn default() -> Self {
        Self { amount: 0.0, within: [0.0, f64::INFINITY], noise_std: 1.0 }
    }
}

/// A sampler's settings.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sampler {
    pub steps: usize,
    pub solver: Solver,
    pub churn: Churn,
    /// Smallest and largest noise level, within what the network knows.
    pub range: [f64; 2],
    /// Exponent of the schedule.
    pub rho: f64,
    pub precond: Precond,
}

impl Sampler {
    /// Deterministic Heun.
    pub fn heun(steps: usize, precond: Precond) -> Self {
        Self {
            steps,
            solver: Solver::Heun,
            churn: Churn::default(),
            range: [SIGMA_MIN, SIGMA_MAX],
            rho: RHO,
            precond,
        }
    }

    /// Falling noise levels that the network knows, then 0: `steps + 1` numbers.
    pub fn sigmas(&self) -> Vec<f64> {
        let [low, high] = self.precond.sigma_range();
        let mut sigmas =
            karras_sigmas_within(self.range[0].max(low), self.range[1].min(high), self.rho, self.steps);
        for sigma in sigmas.iter_mut().take(self.steps) {
            *sigma = self.precond.round_sigma(*sigma);
        }
        sigmas
    }

    /// Images from unit-normal `latents`. `noise(i)` are the unit normals of step `i`, asked for only
    /// where churn adds them; `watch` sees the state after each step, and its error ends the work.
    pub fn run<E>(
        &self,
        denoise: &mut DenoiseFn<E>,
        latents: &[f32],
        mut noise: impl FnMut(usize) -> Vec<f64>,
        mut watch: impl FnMut(usize, &[f64]) -> Result<(), E>,
    ) -> Result<Vec<f64>, E> {
        let sigmas = self.sigmas();
        let mut x: Vec<f64> = latents.iter().map(|z| f64::from(*z) * sigmas[0]).collect();
        for (i, pair) in sigmas.windows(2).enumerate() {
            let [sigma, next] = [pair[0], pair[1]];
            let raised = self.precond.round_sigma(sigma * (1.0 + self.gamma(sigma)));
            if raised > sigma {
                let std = (raised * raised - sigma * sigma).sqrt() * self.churn.noise_std;
                x.iter_mut().zip(noise(i)).for_each(|(x, n)| *x += std * n);
            }
            x = self.step(denoise, &x, raised, next)?;
            watch(i, &x)?;
        }
        Ok(x)
    }

    /// Share by which churn raises a noise level.
    fn gamma(&self, sigma: f64) -> f64 {
        let [low, high] = self.churn.within;
        if !(low..=high).contains(&sigma) {
            return 0.0;
        }
        (self.churn.amount / self.steps as f64).min(std::f64::consts::SQRT_2 - 1.0)
    }

    /// One step from `sigma` down to `next`: Euler, corrected by the slope at its end unless that is 0.
    fn step<E>(&self, denoise: &mut DenoiseFn<E>, x: &[f64], sigma: f64, next: f64) -> Result<Vec<f64>, E> {
        let slope = |x: &[f64], d: &[f64], sigma: f64| -> Vec<f64> {
            x.iter().zip(d).map(|(x, d)| (x - d) / sigma).collect()
        };
        let along = |x: &[f64], s: &[f64]| -> Vec<f64> {
            x.iter().zip(s).map(|(x, s)| x + (next - sigma) * s).collect()
        };
        let first = slope(x, &denoise(x, sigma)?, sigma);
        let euler = along(x, &first);
        if next == 0.0 || self.solver == Solver::Euler {
            return Ok(euler);
        }
        let second = slope(&euler, &denoise(&euler, next)?, next);
        let mean: Vec<f64> = first.iter().zip(&second).map(|(a, b)| 0.5 * (a + b)).collect();
        Ok(along(x, &mean))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::convert::Infallible;

    /// On one Gaussian N(mu, tau²) the ODE has a closed solution; the error falls as 1 / steps² with
    /// Heun and as 1 / steps with Euler.
    #[test]
    fn orders_on_a_gaussian() {
        let (mu, tau) = (0.3, 0.4);
        let mut denoise = |x: &[f64], sigma: f64| -> Result<Vec<f64>, Infallible> {
            let gain = tau * tau / (tau * tau + sigma * sigma);
            Ok(x.iter().map(|x| mu + gain * (x - mu)).collect())
        };
        let mut error = |solver, steps: usize| {
            let latents = [0.7f32, -1.1];
            let sampler = Sampler { solver, ..Sampler::heun(steps, Precond::Edm) };
            let Ok(got) = sampler.run(&mut denoise, &latents, |_| Vec::new(), |_, _| Ok(()));
            let shrink = tau / (tau * tau + SIGMA_MAX * SIGMA_MAX).sqrt();
            let exact = latents.map(|z| mu + (f64::from(z) * SIGMA_MAX - mu) * shrink);
            got.iter().zip(exact).map(|(g, e)| (g - e).abs()).fold(0.0, f64::max)
        };
        let (coarse, fine) = (error(Solver::Heun, 32), error(Solver::Heun, 64));
        assert!(coarse < 1e-2, "{coarse}");
        assert!((3.0..5.0).contains(&(coarse / fine)), "{coarse} / {fine}");
        let (coarse, fine) = (error(Solver::Euler, 64), error(Solver::Euler, 128));
        assert!((1.7..2.3).contains(&(coarse / fine)), "{coarse} / {fine}");
    }

    /// With churn the samples of a Gaussian keep its spread.
    #[test]
    fn churn_keeps_the_distribution() {
        use crate::random::{Random, Stream};
        let tau = 0.4;
        let mut denoise = |x: &[f64], sigma: f64| -> Result<Vec<f64>, Infallible> {
            let gain = tau * tau / (tau * tau + sigma * sigma);
            Ok(x.iter().map(|x| gain * x).collect())
        };
        let random = Random::new(5, Stream::SelfTest);
        let latents = random.normals(0, 0, 20_000);
        let churn = Churn { amount: 40.0, ..Churn::default() };
        let sampler = Sampler { churn, ..Sampler::heun(64, Precond::Edm) };
        let draw = |i: usize| random.normals(1 + i as u64, 0, 20_000).into_iter().map(f64::from).collect();
        let Ok(got) = sampler.run(&mut denoise, &latents, draw, |_, _| Ok(()));
        let std = (got.iter().map(|x| x * x).sum::<f64>() / got.len() as f64).sqrt();
        assert!((std - tau).abs() < 0.02, "{std} instead of {tau}");
        let unmoved = got.iter().zip(&latents).filter(|(g, z)| (*g * f64::from(**z)) > 0.0).count();
        assert!((8_000..12_000).contains(&unmoved), "the noise did not mix: {unmoved} kept their sign");
    }
}
