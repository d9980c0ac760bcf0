//! Gaussians of one width with equal weights.

use burn::tensor::activation::softmax;
use burn::tensor::{Device, Tensor, TensorData};

use crate::random::{Random, Stream};

/// `sum_k N(mean_k, std² I) / K`.
#[derive(Clone, Debug, PartialEq)]
pub struct Mixture {
    /// Numbers of one sample.
    pub dim: usize,
    /// One row a component.
    pub means: Vec<Vec<f64>>,
    /// Of every component, in every direction.
    pub std: f64,
}

impl Mixture {
    pub fn components(&self) -> usize {
        self.means.len()
    }

    /// Sample `index` under `seed`, and the component that it comes from.
    pub fn sample(&self, seed: u32, index: u64) -> (Vec<f32>, usize) {
        let random = Random::new(seed, Stream::World);
        let u = f64::from(random.uniform(index, 0));
        let component = ((u * self.components() as f64) as usize).min(self.components() - 1);
        let noise = random.normals(index, 1, self.dim);
        let at = self.means[component].iter().zip(noise);
        (at.map(|(mean, n)| (mean + self.std * f64::from(n)) as f32).collect(), component)
    }

    /// E[x0 | x] for `x = x0 + sigma eps` (Tweedie's formula on a mixture): with `v = std² + sigma²`, the
    /// responsibilities `r = softmax_k(-|x - mean_k|² / 2v)` and `m = sum_k r_k mean_k`, it is
    /// `m + std² / v (x - m)`.
    pub fn denoise(&self, x: &[f64], sigma: f64) -> Vec<f64> {
        let v = self.std * self.std + sigma * sigma;
        let mut out = Vec::with_capacity(x.len());
        for x in x.chunks_exact(self.dim) {
            let logits: Vec<f64> = self
                .means
                .iter()
                .map(|mean| -mean.iter().zip(x).map(|(m, x)| (x - m).powi(2)).sum::<f64>() / (2.0 * v))
                .collect();
            let top = logits.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let weights: Vec<f64> = logits.iter().map(|l| (l - top).exp()).collect();
            let total: f64 = weights.iter().sum();
            let mut mean = vec![0.0; self.dim];
            for (weight, component) in weights.iter().zip(&self.means) {
                mean.iter_mut().zip(component).for_each(|(m, c)| *m += weight / total * c);
            }
            out.extend(mean.iter().zip(x).map(|(m, x)| m + self.std * self.std / v * (x - m)));
        }
        out
    }

    /// The same on a device, `[batch, dim]` with one noise level a sample; gradients pass to `x`.
    pub fn denoise_tensor(&self, x: Tensor<2>, sigmas: &[f64]) -> Tensor<2> {
        let device = x.device();
        let column = |of: &dyn Fn(f64) -> f64| -> Tensor<2> {
            let values: Vec<f32> = sigmas.iter().map(|s| of(*s) as f32).collect();
            Tensor::from_data(TensorData::new(values, [sigmas.len(), 1]), &device)
        };
        let data_variance = self.std * self.std;
        let means = self.means_tensor(&device);
        // |x - mean|² = |x|² - 2 x·mean + |mean|²; the first term is the same for all components.
        let squares = (means.clone() * means.clone()).sum_dim(1).transpose();
        let distances = squares - x.clone().matmul(means.clone().transpose()) * 2.0;
        let weights = softmax(distances * column(&|s| -0.5 / (data_variance + s * s)), 1);
        let mean = weights.matmul(means);
        mean.clone() + (x - mean) * column(&|s| data_variance / (data_variance + s * s))
    }

    fn means_tensor(&self, device: &Device) -> Tensor<2> {
        let values: Vec<f32> = self.means.iter().flatten().map(|v| *v as f32).collect();
        Tensor::from_data(TensorData::new(values, [self.components(), self.dim]), device)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::World;

    /// Every world has mean 0 and standard deviation 1/2, which EDM's preconditioning assumes.
    #[test]
    fn worlds_are_centred_and_scaled() {
        for world in World::ALL {
            let mixture = world.mixture();
            let count = mixture.means.len() * mixture.dim;
            let mean: f64 = mixture.means.iter().flatten().sum::<f64>() / count as f64;
            let square: f64 = mixture.means.iter().flatten().map(|m| m * m).sum::<f64>() / count as f64;
            let std = (square + mixture.std * mixture.std).sqrt();
            assert!(mean.abs() < 1e-9 && (std - 0.5).abs() < 1e-9, "{}: {mean} {std}", world.name());
            let (sample, component) = mixture.sample(3, 17);
            assert_eq!((sample.clone(), component), mixture.sample(3, 17));
            assert_ne!(sample, mixture.sample(4, 17).0);
            let far = sample.iter().zip(&mixture.means[component]).map(|(x, m)| (f64::from(*x) - m).abs());
            assert!(far.fold(0.0, f64::max) < 5.0 * mixture.std);
        }
    }

    #[test]
    fn the_denoiser_is_the_gradient_of_the_density() {
        let mixture = World::Ring8.mixture();
        let sigma = 0.4;
        let v = mixture.std * mixture.std + sigma * sigma;
        let ln_density = |x: [f64; 2]| {
            let terms = mixture
                .means
                .iter()
                .map(|m| (-((x[0] - m[0]).powi(2) + (x[1] - m[1]).powi(2)) / (2.0 * v)).exp());
            terms.sum::<f64>().ln()
        };
        for x in [[0.1, 0.2], [0.7, -0.1], [-1.0, 1.0]] {
            let d = mixture.denoise(&x, sigma);
            let step = 1e-5;
            for i in 0..2 {
                let moved = |by: f64| {
                    let mut x = x;
                    x[i] += by;
                    ln_density(x)
                };
                // Tweedie: D = x + sigma² grad ln p.
                let want = x[i] + sigma * sigma * (moved(step) - moved(-step)) / (2.0 * step);
                assert!((d[i] - want).abs() < 1e-6, "{} instead of {want}", d[i]);
            }
        }
    }

    #[test]
    fn device_and_host_agree() {
        let mixture = World::Img64.mixture();
        let (x, sigmas): (Vec<f32>, _) =
            (Random::new(0, Stream::SelfTest).normals(0, 0, 3 * 64), [0.01, 0.5, 40.0]);
        let tensor = Tensor::<2>::from_data(TensorData::new(x.clone(), [3, 64]), &Device::flex());
        let got = mixture.denoise_tensor(tensor, &sigmas).into_data().try_to_vec::<f32>().expect("f32");
        for (i, sigma) in sigmas.iter().enumerate() {
            let wide: Vec<f64> = x[i * 64..(i + 1) * 64].iter().map(|v| f64::from(*v)).collect();
            for (got, want) in got[i * 64..].iter().zip(mixture.denoise(&wide, *sigma)) {
                assert!((f64::from(*got) - want).abs() < 1e-4, "sigma {sigma}: {got} instead of {want}");
            }
        }
    }
}
