//! One dimension, one Gaussian each for data, generator and fake score: the losses of score
//! distillation and their gradients in closed form, as worked out from Zhou et al. (2024).
//!
//! Data N(mu, tau²); generator `x_g = theta + s z`; the fake score is exact for N(m, v); `x_t = x_g +
//! sigma eps`. Both denoisers are lines: `f(x) = slope x + offset`.

/// A state of the game.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GaussianToy {
    pub data_mean: f64,
    pub data_variance: f64,
    /// theta.
    pub generator_mean: f64,
    /// s.
    pub generator_std: f64,
    /// m, which the fake score believes to be the generator's mean.
    pub fake_mean: f64,
    /// v, its belief in the generator's variance.
    pub fake_variance: f64,
    pub sigma: f64,
}

/// Derivatives in the generator's mean and standard deviation, the fake score held fixed.
pub type Gradient = [f64; 2];

/// A denoiser `slope x + offset`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Line {
    pub slope: f64,
    pub offset: f64,
}

/// Nodes (z, eps) and weights that give the exact mean over two unit normals of any polynomial of up to
/// fifth degree in each: the losses of two lines are of second.
pub fn normal_pairs() -> [([f64; 2], f64); 9] {
    let root = 3f64.sqrt();
    let nodes = [(-root, 1.0 / 6.0), (0.0, 2.0 / 3.0), (root, 1.0 / 6.0)];
    std::array::from_fn(|i| {
        let ((z, by_z), (eps, by_eps)) = (nodes[i / 3], nodes[i % 3]);
        ([z, eps], by_z * by_eps)
    })
}

impl GaussianToy {
    /// The same state with the fake score that fits the generator.
    pub fn with_fitting_fake(self) -> Self {
        let fake_variance = self.generator_std * self.generator_std;
        Self { fake_mean: self.generator_mean, fake_variance, ..self }
    }

    fn line(&self, mean: f64, variance: f64) -> Line {
        let noise = self.sigma * self.sigma;
        Line { slope: variance / (variance + noise), offset: mean * noise / (variance + noise) }
    }

    /// f_phi, the teacher.
    pub fn teacher(&self) -> Line {
        self.line(self.data_mean, self.data_variance)
    }

    /// f_psi, the fake score.
    pub fn fake(&self) -> Line {
        self.line(self.fake_mean, self.fake_variance)
    }

    /// dA, dB: teacher minus fake.
    fn gap(&self) -> Line {
        let (p, q) = (self.teacher(), self.fake());
        Line { slope: p.slope - q.slope, offset: p.offset - q.offset }
    }

    /// E x_t² for a generator of this mean and spread.
    fn second_moment(&self) -> f64 {
        self.generator_mean.powi(2) + self.generator_std.powi(2) + self.sigma.powi(2)
    }

    /// L1 = E (f_phi - f_psi)², the naive loss.
    pub fn naive(&self) -> f64 {
        let Line { slope: a, offset: b } = self.gap();
        a * a * self.second_moment() + 2.0 * a * b * self.generator_mean + b * b
    }

    pub fn naive_gradient(&self) -> Gradient {
        let Line { slope: a, offset: b } = self.gap();
        [2.0 * a * a * self.generator_mean + 2.0 * a * b, 2.0 * a * a * self.generator_std]
    }

    /// L2 = E (f_phi - f_psi)(f_phi - x_g), the projected loss (theorem 5).
    pub fn projected(&self) -> f64 {
        let (Line { slope: a, offset: b }, p) = (self.gap(), self.teacher());
        let (theta, clean) = (self.generator_mean, self.generator_mean.powi(2) + self.generator_std.powi(2));
        a * p.slope * self.second_moment() + a * p.offset * theta - a * clean
            + b * p.slope * theta
            + b * p.offset
            - b * theta
    }

    pub fn projected_gradient(&self) -> Gradient {
        let (Line { slope: a, offset: b }, p) = (self.gap(), self.teacher());
        let by_mean = 2.0 * a * (p.slope - 1.0) * self.generator_mean + a * p.offset + b * (p.slope - 1.0);
        [by_mean, 2.0 * a * (p.slope - 1.0) * self.generator_std]
    }

    /// SiD's loss without its weight: L2 - alpha L1.
    pub fn sid(&self, alpha: f64) -> f64 {
        self.projected() - alpha * self.naive()
    }

    pub fn sid_gradient(&self, alpha: f64) -> Gradient {
        let (naive, projected) = (self.naive_gradient(), self.projected_gradient());
        [0, 1].map(|i| projected[i] - alpha * naive[i])
    }

    /// Gradient of the loss that all this is about: L1 with a fake score that follows the generator.
    pub fn true_gradient(&self) -> Gradient {
        let noise = self.sigma * self.sigma;
        let (theta, s, tau2) = (self.generator_mean, self.generator_std, self.data_variance);
        let k = noise / (tau2 + noise);
        let total = s * s + noise;
        let by_std = -2.0 * s * noise.powi(2) * (tau2 - s * s) * (s * s + 2.0 * noise + tau2)
            / ((tau2 + noise).powi(2) * total.powi(2));
        [2.0 * k * k * (theta - self.data_mean), by_std]
    }

    /// Gradient of distribution matching without its weight: that of the Kullback–Leibler divergence
    /// between the noisy distributions, with a fitting fake score.
    pub fn matching_gradient(&self) -> Gradient {
        let noise = self.sigma * self.sigma;
        let (s, tau2) = (self.generator_std, self.data_variance);
        let by_mean = (self.generator_mean - self.data_mean) / (tau2 + noise);
        [by_mean, s * (1.0 / (tau2 + noise) - 1.0 / (s * s + noise))]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::loss::sid::{self, generator_loss};
    use crate::loss::sign::distribution_matching;
    use burn::tensor::{Device, Tensor, TensorData};

    const TOY: GaussianToy = GaussianToy {
        data_mean: 0.3,
        data_variance: 0.8,
        generator_mean: 1.1,
        generator_std: 0.6,
        fake_mean: 0.9,
        fake_variance: 0.5,
        sigma: 0.7,
    };

    fn close(got: f64, want: f64) {
        assert!((got - want).abs() < 1e-4, "{got} instead of {want}");
    }

    fn close_gradients(got: Gradient, want: Gradient) {
        got.into_iter().zip(want).for_each(|(g, w)| close(g, w));
    }

    /// The state at the nodes of an exact mean.
    struct Nodes {
        mean: Tensor<4>,
        std: Tensor<4>,
        x_g: Tensor<4>,
        x_t: Tensor<4>,
        weights: Tensor<1>,
    }

    impl Nodes {
        fn of(toy: &GaussianToy, device: &Device) -> Self {
            let pairs = normal_pairs();
            let column = |values: Vec<f32>| -> Tensor<4> {
                Tensor::from_data(TensorData::new(values, [pairs.len(), 1, 1, 1]), device)
            };
            let mean = column(vec![toy.generator_mean as f32; pairs.len()]).require_grad();
            let std = column(vec![toy.generator_std as f32; pairs.len()]).require_grad();
            let z = column(pairs.iter().map(|([z, _], _)| *z as f32).collect());
            let eps = column(pairs.iter().map(|([_, eps], _)| *eps as f32).collect());
            let weights: Vec<f32> = pairs.iter().map(|(_, weight)| *weight as f32).collect();
            let weights = Tensor::from_data(TensorData::new(weights, [pairs.len()]), device);
            let x_g = mean.clone() + std.clone() * z;
            let x_t = x_g.clone() + eps * toy.sigma;
            Self { mean, std, x_g, x_t, weights }
        }

        /// The mean of a loss, and its gradient by backpropagation.
        fn measure(self, loss: Tensor<1>) -> (f64, Gradient) {
            let total = (loss * self.weights).sum();
            let value: f32 = total.clone().into_scalar();
            let gradients = total.backward();
            let slope = |leaf: &Tensor<4>| -> f64 {
                let sum: f32 = leaf.grad(&gradients).expect("a gradient").sum().into_scalar();
                f64::from(sum)
            };
            (f64::from(value), [slope(&self.mean), slope(&self.std)])
        }
    }

    fn along(line: Line, x: &Tensor<4>) -> Tensor<4> {
        x.clone() * line.slope + line.offset
    }

    /// SiD's loss as the program computes it, its weight taken out again.
    fn measured_sid(toy: &GaussianToy, alpha: f64) -> (f64, Gradient) {
        let nodes = Nodes::of(toy, &Device::flex().autodiff());
        let (real, fake) = (along(toy.teacher(), &nodes.x_t), along(toy.fake(), &nodes.x_t));
        let weight = sid::weight(nodes.x_g.clone(), real.clone());
        let loss = generator_loss(nodes.x_g.clone(), real, fake, alpha) * weight;
        nodes.measure(loss)
    }

    #[test]
    fn worked_numbers() {
        close(TOY.naive(), 0.0532400);
        close(TOY.projected(), 0.0814976);
        close_gradients(TOY.naive_gradient(), [-0.0471666, 0.0158989]);
        close_gradients(TOY.projected_gradient(), [0.0428474, -0.0524663]);
        let fitting = TOY.with_fitting_fake();
        close_gradients(fitting.true_gradient(), [0.230852, -0.225643]);
        close_gradients(fitting.matching_gradient(), [0.620155, -0.240766]);
        for (alpha, want) in [
            (0.0, [0.055676, -0.089625]),
            (0.5, [0.115426, -0.112822]),
            (1.0, [0.175176, -0.136019]),
            (1.2, [0.199075, -0.145297]),
        ] {
            close_gradients(fitting.sid_gradient(alpha), want);
        }
    }

    #[test]
    fn the_programs_loss_is_the_closed_form() {
        for toy in [TOY, TOY.with_fitting_fake(), GaussianToy { sigma: 2.5, generator_std: 1.4, ..TOY }] {
            for alpha in [0.0, 0.5, 1.0, 1.2] {
                let (loss, gradient) = measured_sid(&toy, alpha);
                close(loss, toy.sid(alpha));
                close_gradients(gradient, toy.sid_gradient(alpha));
            }
        }
    }

    /// At alpha 1/2 SiD's gradient is half of the true one, whatever the generator.
    #[test]
    fn one_half_gives_half() {
        for (mean, std) in [(1.1, 0.6), (-2.0, 0.3), (0.0, 1.7)] {
            let toy = GaussianToy { generator_mean: mean, generator_std: std, ..TOY }.with_fitting_fake();
            let want = toy.true_gradient().map(|g| g / 2.0);
            close_gradients(measured_sid(&toy, 0.5).1, want);
        }
    }

    /// Proposition 4: the naive loss shows the generator's mean no way at all, the projected one half of
    /// it, for every alpha.
    #[test]
    fn proposition_4() {
        let toy = GaussianToy {
            data_mean: 0.0,
            data_variance: 1.0,
            generator_mean: 0.7,
            generator_std: 1.0,
            ..TOY
        }
        .with_fitting_fake();
        let [truth, _] = toy.true_gradient();
        assert!(truth > 0.1);
        let naive = |alpha: f64| measured_sid(&toy, alpha).1[0] - measured_sid(&toy, alpha + 1.0).1[0];
        for alpha in [0.0, 0.5, 1.0, 1.2] {
            close(naive(alpha), 0.0);
            close(measured_sid(&toy, alpha).1[0], truth / 2.0);
        }
    }

    /// Distribution matching's gradient in the images leads to that of the divergence.
    #[test]
    fn matching_is_the_divergences_gradient() {
        let toy = TOY.with_fitting_fake();
        let nodes = Nodes::of(&toy, &Device::flex().autodiff());
        let y = nodes.x_g.clone().detach().require_grad();
        let x_t = nodes.x_t.clone().detach();
        let (real, fake) = (along(toy.teacher(), &x_t), along(toy.fake(), &x_t));
        let weight = sid::weight(y.clone(), real.clone()).inner().reshape([9, 1, 1, 1]);
        let gradients = distribution_matching(y.clone(), real, fake).backward();
        // Its own weight taken out, the quadrature's put in, and the mean over nine samples made a sum.
        let by_image = y.grad(&gradients).expect("a gradient") * weight * 9.0;
        let by_image = by_image * nodes.weights.inner().reshape([9, 1, 1, 1]);
        // x_g = mean + std z.
        let z = (nodes.x_g.inner() - toy.generator_mean) / toy.generator_std;
        let sum = |t: Tensor<4>| f64::from(t.sum().into_scalar::<f32>()) / (toy.sigma * toy.sigma);
        close_gradients([sum(by_image.clone()), sum(by_image * z)], toy.matching_gradient());
    }
}
