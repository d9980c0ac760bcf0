//! Why SiD projects its loss: Proposition 4 of Zhou et al. (2024) on one Gaussian, as a table and as a
//! plot of three descents.
//!
//! Data N(0, 1), generator `theta + z`, a fake score that fits it. The naive loss L1 = E (f_phi - f_psi)²
//! has no gradient in theta once the fake score is held fixed; the projected loss has half of the true one.
//!
//! `cargo run --release --example toy_gaussian`

use burn::tensor::{Device, Tensor, TensorData};
use signet::loss::sid::{self, generator_loss};
use signet::world::{GaussianToy, Line, normal_pairs};

const SIGMA: f64 = 0.8;
/// Alphas of the losses; the naive loss is the difference between two that are 1 apart.
const ALPHAS: [f64; 4] = [0.0, 0.5, 1.0, 1.2];

fn toy(theta: f64) -> GaussianToy {
    let toy = GaussianToy {
        data_mean: 0.0,
        data_variance: 1.0,
        generator_mean: theta,
        generator_std: 1.0,
        fake_mean: theta,
        fake_variance: 1.0,
        sigma: SIGMA,
    };
    toy.with_fitting_fake()
}

/// The gradient in theta that training would see: the program's own loss, differentiated by burn, its
/// expectation by a quadrature that is exact for these polynomials.
fn measured_gradient(toy: &GaussianToy, alpha: f64) -> f64 {
    let device = Device::flex().autodiff();
    let pairs = normal_pairs();
    let column = |values: Vec<f32>| -> Tensor<4> {
        Tensor::from_data(TensorData::new(values, [pairs.len(), 1, 1, 1]), &device)
    };
    let theta = column(vec![toy.generator_mean as f32; pairs.len()]).require_grad();
    let x_g = theta.clone() + column(pairs.iter().map(|([z, _], _)| *z as f32).collect());
    let x_t = x_g.clone() + column(pairs.iter().map(|([_, eps], _)| (toy.sigma * eps) as f32).collect());
    let along = |line: Line| x_t.clone() * line.slope + line.offset;
    let (real, fake) = (along(toy.teacher()), along(toy.fake()));
    let weight = sid::weight(x_g.clone(), real.clone());
    let loss = generator_loss(x_g, real, fake, alpha) * weight;
    let weights: Vec<f32> = pairs.iter().map(|(_, weight)| *weight as f32).collect();
    let weights = Tensor::<1>::from_data(TensorData::new(weights, [pairs.len()]), &device);
    let gradients = (loss * weights).sum().backward();
    theta.grad(&gradients).map_or(f64::NAN, |g| f64::from(g.sum().into_scalar::<f32>()))
}

fn main() {
    println!("gradient in theta, the fake score held fixed (sigma {SIGMA})\n");
    print!("{:>6} {:>9} {:>10}", "theta", "true", "naive L1");
    ALPHAS.iter().for_each(|alpha| print!(" {:>12}", format!("SiD a={alpha}")));
    println!();
    for theta in [-2.0, -1.0, -0.25, 0.25, 1.0, 2.0] {
        let toy = toy(theta);
        let [truth, _] = toy.true_gradient();
        // L2 - alpha L1: two alphas that are 1 apart leave L1.
        let naive = measured_gradient(&toy, 0.0) - measured_gradient(&toy, 1.0);
        print!("{theta:>6.2} {truth:>9.5} {naive:>10.5}");
        for alpha in ALPHAS {
            let got = measured_gradient(&toy, alpha);
            print!(" {:>12}", format!("{got:.5} ({:.2})", got / truth));
        }
        println!();
    }
    println!("\nIn brackets: share of the true gradient. The naive loss stands still.\n");
    plot();
}

/// theta over the steps of gradient descent on each loss, from 2.
fn plot() {
    const STEPS: usize = 60;
    const RATE: f64 = 0.25;
    const HEIGHT: usize = 16;
    let descend = |gradient: &dyn Fn(&GaussianToy) -> f64| -> Vec<f64> {
        let mut theta = 2.0;
        let step = |_| {
            let before = theta;
            theta -= RATE * gradient(&toy(theta));
            before
        };
        (0..STEPS).map(step).collect()
    };
    let paths = [
        ('n', descend(&|toy| measured_gradient(toy, 0.0) - measured_gradient(toy, 1.0))),
        ('s', descend(&|toy| measured_gradient(toy, 1.2))),
        ('t', descend(&|toy| toy.true_gradient()[0])),
    ];
    let mut canvas = vec![vec![' '; STEPS]; HEIGHT + 1];
    for (mark, path) in &paths {
        for (step, theta) in path.iter().enumerate() {
            let row = ((1.0 - theta / 2.0) * HEIGHT as f64).round().clamp(0.0, HEIGHT as f64) as usize;
            canvas[row][step] = *mark;
        }
    }
    println!("theta by step of descent: n naive, s SiD (alpha 1.2), t the true gradient");
    for (row, line) in canvas.iter().enumerate() {
        let theta = 2.0 * (1.0 - row as f64 / HEIGHT as f64);
        println!("{theta:>6.2} |{}", line.iter().collect::<String>());
    }
    println!("       +{}", "-".repeat(STEPS));
}
