//! SiD's generator loss on given images: value per sample and gradients to all three.

use burn::tensor::Device;
use signet::loss::sid::generator_loss;

use crate::case::{Case, Report};

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
        // The case keeps the loss of every pixel; ours is the sum per sample.
        let key = format!("out.loss.a{alpha}");
        let got = loss.clone().into_data().try_to_vec::<f32>().expect("f32");
        let want = case.numbers(&key);
        for (i, (got, want)) in got.iter().zip(want.chunks(want.len() / got.len())).enumerate() {
            let (sum, scale): (f64, f64) = (want.iter().sum(), want.iter().map(|v| v.abs()).sum());
            report.check((f64::from(*got) - sum).abs() <= 1e-5 * scale.max(1e-6), || {
                format!("{key}[{i}] is {got}, expected {sum}")
            });
        }
        let gradients = loss.sum().backward();
        for (name, tensor) in [("dy", &y), ("dy_real", &real), ("dy_fake", &fake)] {
            let gradient = tensor.grad(&gradients).expect("a gradient");
            case.compare_tensor(&mut report, &format!("out.{name}.a{alpha}"), gradient);
        }
    }
    report
}
