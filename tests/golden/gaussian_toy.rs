//! The Gaussian toy, in double precision: SiD's loss and its gradient in the generator's mean, where the
//! fake score is held fixed.

use burn::tensor::{DType, Device, Tensor, TensorData};
use serde_json::Value;
use signet::loss::sid::{self, generator_loss};
use signet::world::GaussianToy;

use crate::case::Case;
use crate::report::Report;

/// What a sum in double precision may be off, as a share of the sum of magnitudes.
const DOUBLE: f64 = 1e-12;

pub fn run(case: &Case) -> Report {
    let config = case.config();
    let number = |key: &str| config[key].as_f64().unwrap_or_else(|| panic!("{key} is a number"));
    let state = [number("s"), number("theta"), number("psi")];
    let mut report = Report::default();
    for (prefix, is_weighted) in [("out.", false), ("out.weighted.", true)] {
        // The case's own spelling of alpha, which may leave out a zero.
        let losses = format!("{prefix}loss.a");
        for alpha in case.names().filter_map(|name| name.strip_prefix(&losses)) {
            toy(case, &mut report, state, (prefix, is_weighted), alpha);
        }
    }
    for (alpha, want) in case.json["scalars"]["closed_form"].as_object().into_iter().flatten() {
        closed_form(&mut report, state, alpha, want);
    }
    descent(case, &mut report, state);
    report
}

/// The loss of every sample's pixels, and its gradient in a theta of their own.
fn toy(
    case: &Case,
    report: &mut Report,
    [s, theta, psi]: [f64; 3],
    (prefix, is_weighted): (&str, bool),
    alpha: &str,
) {
    let device = Device::flex().autodiff();
    let count = case.shape("in.z")[0];
    let pixels = case.numbers("in.z").len() / count;
    let tensor = |values: Vec<f64>| -> Tensor<4> {
        let data = TensorData::new(values, [count, pixels, 1, 1]);
        Tensor::from_data(data, (&device, DType::F64))
    };
    let input = |key: &str| case.numbers(key).to_vec();
    let sigmas = case.numbers("in.sigma");
    // One level a pixel, or one for all of a sample's.
    let sigmas: Vec<f64> = (0..count * pixels).map(|i| sigmas[i * sigmas.len() / (count * pixels)]).collect();

    let theta = tensor(vec![theta; count * pixels]).require_grad();
    let x_g = theta.clone() + tensor(input("in.z")) * s;
    let w = tensor(sigmas.iter().map(|sigma| s * s / (s * s + sigma * sigma)).collect());
    let x_t = x_g.clone() + tensor(input("in.eps")) * tensor(sigmas);
    let real = x_t.clone() * w.clone();
    let fake = (x_t - psi) * w + psi;
    let weighted = generator_loss(x_g.clone(), real.clone(), fake, alpha.parse().expect("an alpha"));
    let loss = if is_weighted { weighted } else { weighted * sid::weight(x_g, real) };
    let losses = loss.clone().inner().into_data().iter::<f64>().collect::<Vec<_>>();
    case.compare_sums(report, &format!("{prefix}loss.a{alpha}"), &losses, DOUBLE);
    let gradient = theta.grad(&loss.sum().backward()).expect("a gradient");
    let gradient = gradient.into_data().iter::<f64>().collect::<Vec<_>>();
    case.compare(report, &format!("{prefix}dtheta.a{alpha}"), &gradient);
}

/// What the loss of a pixel is on average, and its slope in theta.
fn closed_form(report: &mut Report, [s, theta, psi]: [f64; 3], key: &str, want: &Value) {
    let number = |key: &str| want[key].as_f64().unwrap_or_else(|| panic!("{key} is a number"));
    let alpha: f64 = key.trim_start_matches('a').parse().expect("an alpha");
    let toy = state([s, theta, psi], number("sigma"));
    for (name, got) in [("expected_loss", toy.sid(alpha)), ("dloss_dtheta", toy.sid_gradient(alpha)[0])] {
        report.within(&format!("{name} of {key}"), got, number(name), 1e-12);
    }
}

/// Data about 0; generator and fake score of the data's spread, about theta and psi.
fn state([s, theta, psi]: [f64; 3], sigma: f64) -> GaussianToy {
    GaussianToy {
        data_mean: 0.0,
        data_variance: s * s,
        generator_mean: theta,
        generator_std: s,
        fake_mean: psi,
        fake_variance: s * s,
        sigma,
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
        // The same for every alpha: the fake score is off by its mean alone.
        theta -= eta_g * state([s, theta, psi], sigma).sid_gradient(1.0)[0];
        path.extend([theta, psi]);
    }
    case.compare(report, "out.gd.theta_psi", &path);
}
