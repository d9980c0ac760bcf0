//! Networks: denoised images, loss, and the gradients of every parameter and of the images.

use burn::tensor::{Device, Tensor};
use signet::diffusion::Denoiser;
use signet::import::from_kwargs;
use signet::loss::denoise::denoising_loss;
use signet::model::{Condition, Dropout, Weights};

use crate::case::Case;
use crate::compare::SINGLE;
use crate::labels;
use crate::report::Report;

/// The network that a case describes by EDM's own arguments.
pub fn denoiser(case: &Case) -> Denoiser {
    let class = case.config()["precond"].as_str().expect("a preconditioning");
    let (precond, unet) = from_kwargs(case.config(), class).expect("a known network");
    Denoiser::new(unet, precond).expect("a valid configuration")
}

/// Numbers of a tensor, for comparison.
pub fn wide(tensor: Tensor<1>) -> Vec<f64> {
    tensor.into_data().iter::<f64>().collect()
}

pub fn run(case: &Case, device: &Device) -> Report {
    let denoiser = denoiser(case);
    let named = case.params("param.");
    let weights =
        Weights::from_named(denoiser.layout().clone(), &named, device).expect("the case's weights fit");
    let mut report = Report::default();
    if let Some(count) = case.json["num_params"].as_u64() {
        assert_eq!(denoiser.layout().parameter_count() as u64, count, "{}", case.id());
    }

    let both = |samples: usize, device: &Device| labels::condition(case, "net", &denoiser, samples, device);
    let leaves = weights.plain();
    let sigmas = case.numbers("in.sigma");
    let told = both(sigmas.len(), device);
    for (key, condition) in [
        ("out.D_x", told.clone()),
        ("out.D_x_noaug", Condition { augment: None, ..told }),
        ("out.D_x_nolabel", Condition::default()),
    ] {
        if case.has(key) {
            let x = case.tensor::<4>("in.x", device);
            let d = denoiser.denoise_with(&leaves, x, sigmas, &condition, &mut Dropout::off());
            case.compare_tensor(&mut report, key, d);
        }
    }
    if case.has("in.loss.images") {
        let condition = both(case.numbers("in.loss.sigma").len(), &device.clone().autodiff());
        loss(case, &denoiser, &weights, &condition, &mut report);
    }
    report
}

/// The denoising loss and its gradients; `loss.sum() / batch` is what is differentiated.
fn loss(case: &Case, denoiser: &Denoiser, weights: &Weights, condition: &Condition, report: &mut Report) {
    let device = weights.device().autodiff();
    let sigmas = case.numbers("in.loss.sigma");
    let images = case.tensor::<4>("in.loss.images", &device).require_grad();
    let noise = case.tensor::<4>("in.loss.noise_unit", &device);
    let sigma = case.tensor::<4>("in.loss.sigma", &device);
    let leaves = weights.tracked();
    let noisy = images.clone() + noise * sigma;
    let d = denoiser.denoise_with(&leaves, noisy, sigmas, condition, &mut Dropout::off());
    let lambda: Vec<f64> = sigmas.iter().map(|s| denoiser.precond.loss_weight(*s)).collect();
    let per_sample = denoising_loss(d.clone(), images.clone(), &lambda);

    // The case stores the loss of every pixel; ours is its sum per sample.
    let error = (d - images.clone()).inner();
    let column = signet::diffusion::per_sample(lambda.iter().copied(), &weights.device());
    case.compare_tensor(report, "out.loss", error.clone() * error * column);
    case.compare_sums(report, "out.loss", &wide(per_sample.clone().inner()), SINGLE);

    let mut gradients = per_sample.mean().backward();
    let of_images = images.grad(&gradients).expect("a gradient of the images");
    case.compare_tensor(report, "out.loss.grad_images", of_images);
    let flat = leaves.gradients(&mut gradients);
    case.compare_gradients(report, denoiser.layout(), &flat, |name| format!("grad.{name}"));
}
