//! SiD's generator loss on given images: value per sample and gradients to all three.

use burn::tensor::Device;
use signet::loss::sid::generator_loss;

use crate::case::Case;
use crate::compare::SINGLE;
use crate::net::wide;
use crate::report::Report;

/// Where a case with a NaN does not say its alpha, it was made with the default of SiD's own code.
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
        case.compare_sums(&mut report, &format!("out.loss.a{alpha}"), &wide(loss.clone().inner()), SINGLE);
        let gradients = loss.sum().backward();
        for (name, tensor) in [("dy", &y), ("dy_real", &real), ("dy_fake", &fake)] {
            let gradient = tensor.grad(&gradients).expect("a gradient");
            case.compare_tensor(&mut report, &format!("out.{name}.a{alpha}"), gradient);
        }
    }
    if case.names().any(|name| name.starts_with("in.nan.")) {
        beside_nan(case, &device, &mut report);
    }
    report
}

/// Samples with a NaN in one of their images are left out of the case; ours give 0 and no gradient.
fn beside_nan(case: &Case, device: &Device, report: &mut Report) {
    // An image that has a NaN stands in for the one without.
    let keys = ["y", "y_real", "y_fake"].map(|name| {
        let spoilt = format!("in.nan.{name}");
        if case.has(&spoilt) { spoilt } else { format!("in.{name}") }
    });
    let [y, real, fake] = keys.each_ref().map(|key| case.tensor::<4>(key, device).require_grad());
    let alpha = case.config()["alpha"].as_f64().unwrap_or(ALPHA_BESIDE_NAN);
    let loss = generator_loss(y.clone(), real.clone(), fake.clone(), alpha);
    let losses = wide(loss.clone().inner());
    let pixels = case.numbers("in.y").len() / losses.len();
    let is_whole = |i: usize| {
        keys.iter().all(|key| !case.numbers(key)[i * pixels..][..pixels].iter().any(|v| v.is_nan()))
    };
    let whole: Vec<bool> = (0..losses.len()).map(is_whole).collect();
    let of = |wanted: bool| losses.iter().zip(&whole).filter(move |(_, w)| **w == wanted).map(|(l, _)| *l);
    case.compare_sums(report, "out.nan.loss", &of(true).collect::<Vec<_>>(), SINGLE);
    report.check(of(false).count() > 0 && of(false).all(|loss| loss == 0.0), || {
        "a sample with a NaN has a loss, or there is none".into()
    });
    let gradients = loss.sum().backward();
    for (name, tensor) in [("y", y), ("y_real", real), ("y_fake", fake)] {
        let gradient = tensor.grad(&gradients).expect("a gradient");
        let slopes: Vec<f64> = gradient.into_data().iter::<f64>().collect();
        for (sample, whole) in slopes.chunks(pixels).zip(&whole) {
            let right = sample.iter().all(|v| v.is_finite()) && (*whole || sample.iter().all(|v| *v == 0.0));
            report.check(right, || format!("the gradient in {name} does not leave out what has a NaN"));
        }
    }
}
