//! Deterministic Heun sampling of the probability-flow ODE (EDM algorithm 1).

use super::schedule::karras_sigmas;

/// A denoiser on the host's side of a sampler: f64 state in, f64 D(x, sigma) out, so that rounding
/// does not pile up over the steps.
pub type DenoiseFn<'a, E> = dyn FnMut(&[f64], f64) -> Result<Vec<f64>, E> + 'a;

/// Images from unit-normal `latents` in `steps` steps (`2 steps - 1` evaluations). `watch` sees the
/// state after each step.
pub fn heun<E>(
    denoise: &mut DenoiseFn<E>,
    latents: &[f32],
    steps: usize,
    mut watch: impl FnMut(usize, &[f64]),
) -> Result<Vec<f64>, E> {
    let sigmas = karras_sigmas(steps);
    let mut x: Vec<f64> = latents.iter().map(|z| f64::from(*z) * sigmas[0]).collect();
    for (i, pair) in sigmas.windows(2).enumerate() {
        x = heun_step(denoise, &x, pair[0], pair[1])?;
        watch(i, &x);
    }
    Ok(x)
}

/// One step from `sigma` down to `next`: Euler, corrected by the slope at its end unless that is 0.
fn heun_step<E>(denoise: &mut DenoiseFn<E>, x: &[f64], sigma: f64, next: f64) -> Result<Vec<f64>, E> {
    let slope = |x: &[f64], d: &[f64], sigma: f64| -> Vec<f64> {
        x.iter().zip(d).map(|(x, d)| (x - d) / sigma).collect()
    };
    let along =
        |x: &[f64], s: &[f64]| -> Vec<f64> { x.iter().zip(s).map(|(x, s)| x + (next - sigma) * s).collect() };
    let first = slope(x, &denoise(x, sigma)?, sigma);
    let euler = along(x, &first);
    if next == 0.0 {
        return Ok(euler);
    }
    let second = slope(&euler, &denoise(&euler, next)?, next);
    let mean: Vec<f64> = first.iter().zip(&second).map(|(a, b)| 0.5 * (a + b)).collect();
    Ok(along(x, &mean))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diffusion::SIGMA_MAX;
    use std::convert::Infallible;

    /// On one Gaussian N(mu, tau²) the ODE has a closed solution; Heun's error falls as 1 / steps².
    #[test]
    fn second_order_on_a_gaussian() {
        let (mu, tau) = (0.3, 0.4);
        let mut denoise = |x: &[f64], sigma: f64| -> Result<Vec<f64>, Infallible> {
            let gain = tau * tau / (tau * tau + sigma * sigma);
            Ok(x.iter().map(|x| mu + gain * (x - mu)).collect())
        };
        let mut error = |steps: usize| {
            let latents = [0.7f32, -1.1];
            let Ok(got) = heun(&mut denoise, &latents, steps, |_, _| {});
            let shrink = tau / (tau * tau + SIGMA_MAX * SIGMA_MAX).sqrt();
            let exact = latents.map(|z| mu + (f64::from(z) * SIGMA_MAX - mu) * shrink);
            got.iter().zip(exact).map(|(g, e)| (g - e).abs()).fold(0.0, f64::max)
        };
        let (coarse, fine) = (error(32), error(64));
        assert!(coarse < 1e-2, "{coarse}");
        assert!((3.0..5.0).contains(&(coarse / fine)), "{coarse} / {fine}");
    }
}
