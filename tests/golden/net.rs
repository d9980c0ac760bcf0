//! Networks: denoised images, loss, and the gradients of every parameter and of the images.

use burn::tensor::Device;
use signet::diffusion::Denoiser;
use signet::import::from_kwargs;
use signet::loss::denoise::denoising_loss;
use signet::model::{Condition, Dropout, Weights};

use crate::case::{Case, Report};

/// The network that a case describes by EDM's own arguments.
pub fn denoiser(case: &Case) -> Denoiser {
    let class = case.config()["precond"].as_str().expect("a preconditioning");
    let (precond, unet) = from_kwargs(case.config(), class).expect("a known network");
    Denoiser::new(unet, precond).expect("a valid configuration")
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

    let optional = |key: &str, device: &Device| case.has(key).then(|| case.tensor::<2>(key, device));
    let both = |device: &Device| Condition {
        labels: optional("in.class_labels", device),
        augment: optional("in.augment_labels", device),
    };
    let leaves = weights.plain();
    let sigmas = case.numbers("in.sigma");
    for (key, condition) in [
        ("out.D_x", both(device)),
        ("out.D_x_noaug", Condition { augment: None, ..both(device) }),
        ("out.D_x_nolabel", Condition::default()),
    ] {
        if case.has(key) {
            let x = case.tensor::<4>("in.x", device);
            let d = denoiser.denoise_with(&leaves, x, sigmas, &condition, &mut Dropout::off());
            case.compare_tensor(&mut report, key, d);
        }
    }
    if case.has("in.loss.images") {
        loss(case, &denoiser, &weights, &both(&device.clone().autodiff()), &mut report);
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
    let total: f32 = per_sample.clone().sum().into_scalar();
    let want: f64 = case.numbers("out.loss").iter().sum();
    report.check((f64::from(total) - want).abs() <= 1e-5 * want.abs(), || {
        format!("the summed loss is {total}, expected {want}")
    });

    let gradients = per_sample.mean().backward();
    let of_images = images.grad(&gradients).expect("a gradient of the images");
    case.compare_tensor(report, "out.loss.grad_images", of_images);
    let flat = leaves.gradients(&gradients);
    case.compare_gradients(report, denoiser.layout(), &flat, |name| format!("grad.{name}"));
}
