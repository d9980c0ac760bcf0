//! The one-dimensional Gaussian toy, in double precision: SiD's loss and its gradient in the generator's
//! only parameter, where the fake score is held fixed.

use burn::tensor::{DType, Device, Tensor, TensorData};
use signet::loss::sid::{self, generator_loss};
use signet::world::GaussianToy;

use crate::case::{Case, Report};

pub fn run(case: &Case) -> Report {
    let config = case.config();
    let number = |key: &str| config[key].as_f64().unwrap_or_else(|| panic!("{key} is a number"));
    let (s, theta, psi) = (number("s"), number("theta"), number("psi"));
    let mut report = Report::default();
    for alpha in config["alphas"].as_array().expect("alphas") {
        let alpha = alpha.as_f64().expect("an alpha");
        toy(case, &mut report, [s, theta, psi], alpha);
    }
    descent(case, &mut report, [s, theta, psi]);
    report
}

fn toy(case: &Case, report: &mut Report, [s, theta, psi]: [f64; 3], alpha: f64) {
    let device = Device::flex().autodiff();
    let count = case.numbers("in.z").len();
    let tensor = |values: Vec<f64>| -> Tensor<4> {
        let data = TensorData::new(values, [count, 1, 1, 1]);
        Tensor::from_data(data, (&device, DType::F64))
    };
    let read = |t: Tensor<1>| t.into_data().iter::<f64>().collect::<Vec<_>>();
    let input = |key: &str| case.numbers(key).to_vec();
    for (name, is_weighted) in [("weighted.", true), ("", false)] {
        // One theta a sample: the gradient is then the sample's own.
        let theta = tensor(vec![theta; count]).require_grad();
        let x_g = theta.clone() + tensor(input("in.z")) * s;
        let w = tensor(input("in.sigma").iter().map(|sigma| s * s / (s * s + sigma * sigma)).collect());
        let x_t = x_g.clone() + tensor(input("in.eps")) * tensor(input("in.sigma"));
        let real = x_t.clone() * w.clone();
        let fake = (x_t - psi) * w + psi;
        let weighted = generator_loss(x_g.clone(), real.clone(), fake, alpha);
        let loss = if is_weighted { weighted } else { weighted * sid::weight(x_g, real) };
        case.compare(report, &format!("out.{name}loss.a{alpha:?}"), &read(loss.clone()));
        let gradient = theta.grad(&loss.sum().backward()).expect("a gradient");
        case.compare(report, &format!("out.{name}dtheta.a{alpha:?}"), &read(gradient.reshape([count])));
    }
}

/// Both players' gradient descent on the closed forms.
fn descent(case: &Case, report: &mut Report, [s, mut theta, mut psi]: [f64; 3]) {
    let gd = &case.config()["gd"];
    let number = |key: &str| gd[key].as_f64().unwrap_or_else(|| panic!("gd.{key} is a number"));
    let (eta_f, eta_g, sigma) = (number("eta_f"), number("eta_g"), number("sigma"));
    let k = (1.0 - s * s / (s * s + sigma * sigma)).powi(2);
    let mut path = vec![theta, psi];
    for _ in 0..number("steps") as usize {
        psi += eta_f * k * (theta - psi) * 2.0;
        let toy = GaussianToy {
            data_mean: 0.0,
            data_variance: s * s,
            generator_mean: theta,
            generator_std: s,
            fake_mean: psi,
            fake_variance: s * s,
            sigma,
        };
        // The same for every alpha: the fake score is off by its mean alone.
        theta -= eta_g * toy.sid_gradient(1.0)[0];
        path.extend([theta, psi]);
    }
    case.compare(report, "out.gd.theta_psi", &path);
}
