//! SiD's generator loss on given images: value per sample and gradients to all three.

use burn::tensor::Device;
use signet::loss::sid::generator_loss;

use crate::case::{Case, Report};

/// Where a case has a NaN it does not say its alpha: it was made with the default of SiD's own code.
const ALPHA_BESIDE_NAN: f64 = 1.0;

pub fn run(case: &Case, device: &Device) -> Report {
    let device = device.clone().autodiff();
    let mut report = Report::default();
    let alphas: Vec<String> =
        case.names().filter_map(|n| n.strip_prefix("out.loss.a")).map(str::to_string).collect();
    assert!(!alphas.is_empty(), "the case has no losses");
    for alpha in alphas {
        let input = |key: &str| case.tensor::<4>(key, &device).require_grad();
        let (y, real, fake) = (input("in.y"), input("in.y_real"), input("in.y_fake"));
        let value: f64 = alpha.parse().expect("an alpha");
        let loss = generator_loss(y.clone(), real.clone(), fake.clone(), value);
        let got = loss.clone().into_data().try_to_vec::<f32>().expect("f32");
        case.compare_sums(&mut report, &format!("out.loss.a{alpha}"), &got);
        let gradients = loss.sum().backward();
        for (name, tensor) in [("dy", &y), ("dy_real", &real), ("dy_fake", &fake)] {
            let gradient = tensor.grad(&gradients).expect("a gradient");
            case.compare_tensor(&mut report, &format!("out.{name}.a{alpha}"), gradient);
        }
    }
    if case.has("in.nan.y_real") {
        beside_nan(case, &device, &mut report);
    }
    report
}

/// Samples with a NaN in the teacher's image are left out of the case; ours give 0 and no gradient.
fn beside_nan(case: &Case, device: &Device, report: &mut Report) {
    let input = |key: &str| case.tensor::<4>(key, device).require_grad();
    let (y, real, fake) = (input("in.y"), input("in.nan.y_real"), input("in.y_fake"));
    let loss = generator_loss(y.clone(), real.clone(), fake.clone(), ALPHA_BESIDE_NAN);
    let losses = loss.clone().into_data().try_to_vec::<f32>().expect("f32");
    let pixels = case.numbers("in.y").len() / losses.len();
    let whole: Vec<bool> = case
        .numbers("in.nan.y_real")
        .chunks(pixels)
        .map(|sample| sample.iter().all(|v| !v.is_nan()))
        .collect();
    let of = |wanted: bool| losses.iter().zip(&whole).filter(move |(_, w)| **w == wanted).map(|(l, _)| *l);
    case.compare_sums(report, "out.nan.loss", &of(true).collect::<Vec<_>>());
    report.check(of(false).all(|loss| loss == 0.0), || "a sample with a NaN has a loss".into());
    let gradients = loss.sum().backward();
    for (name, tensor) in [("y", y), ("y_real", real), ("y_fake", fake)] {
        let slopes =
            tensor.grad(&gradients).expect("a gradient").into_data().try_to_vec::<f32>().expect("f32");
        for (sample, whole) in slopes.chunks(pixels).zip(&whole) {
            let right = sample.iter().all(|v| v.is_finite()) && (*whole || sample.iter().all(|v| *v == 0.0));
            report.check(right, || format!("the gradient in {name} does not leave out what has a NaN"));
        }
    }
}
