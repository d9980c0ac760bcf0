//! SiD's two losses with whole networks: values, and gradients to fake score and generator.

use burn::tensor::{Device, Tensor};
use signet::diffusion::{Denoiser, denoising_weight, sid_sigma, training_sigma};
use signet::loss::denoise::denoising_loss;
use signet::loss::sid::generator_loss;
use signet::model::{Dropout, Leaves, Weights};

use crate::case::Case;
use crate::compare::SINGLE;
use crate::labels;
use crate::net::{self, wide};
use crate::report::Report;

/// The steps, as cases call them.
const FAKE: &str = "fake";
const GENERATOR: &str = "gen";

/// The training loop's scale, where a case leaves it to its notes.
const GENERATOR_SCALE: f64 = 100.0;

struct Networks {
    denoiser: Denoiser,
    teacher: Weights,
    fake: Weights,
    generator: Weights,
}

pub fn run(case: &Case, device: &Device) -> Report {
    let denoiser = net::denoiser(case);
    let weights = |prefix: &str| {
        Weights::from_named(denoiser.layout().clone(), &case.params(prefix), device).expect("weights")
    };
    let networks = Networks {
        teacher: weights("teacher."),
        fake: weights("fake."),
        generator: weights("gen."),
        denoiser: denoiser.clone(),
    };
    let mut report = Report::default();
    let alphas = case.names().filter_map(|n| n.strip_prefix("out.gen.loss.a")).map(str::to_string);
    let alphas: Vec<String> = alphas.collect();
    fake_step(case, &networks, &mut report);
    for alpha in alphas {
        generator_step(case, &networks, &alpha, &mut report);
    }
    report
}

/// G(z) for the case's latents, under the classes of `step`.
fn images(case: &Case, networks: &Networks, leaves: &Leaves, step: &str, device: &Device) -> Tensor<4> {
    let sigma = case.config()["init_sigma"].as_f64().expect("init_sigma");
    let z = case.tensor::<4>("in.z", device) * sigma;
    let sigmas = vec![sigma; z.dims()[0]];
    networks.denoise(case, step, leaves, z, &sigmas)
}

impl Networks {
    /// What the network with the parameters `leaves` makes of `x` under the classes of `step`.
    fn denoise(&self, case: &Case, step: &str, leaves: &Leaves, x: Tensor<4>, sigmas: &[f64]) -> Tensor<4> {
        let condition = labels::condition(case, step, &self.denoiser, sigmas.len(), &x.device());
        self.denoiser.denoise_with(leaves, x, sigmas, &condition, &mut Dropout::off())
    }
}

fn column(values: &[f64], device: &Device) -> Tensor<4> {
    signet::diffusion::per_sample(values.iter().copied(), device)
}

fn fake_step(case: &Case, networks: &Networks, report: &mut Report) {
    let plain = networks.fake.device();
    let device = plain.clone().autodiff();
    let y = images(case, networks, &networks.generator.plain(), FAKE, &plain);
    case.compare_tensor(report, "out.x_g", y.clone());
    let sigmas: Vec<f64> = case.numbers("in.rnd_normal").iter().map(|n| training_sigma(*n)).collect();
    let leaves = networks.fake.tracked();
    let y = Tensor::from_inner(y);
    let noisy = y.clone() + case.tensor::<4>("in.noise_unit", &device) * column(&sigmas, &device);
    let d = networks.denoise(case, FAKE, &leaves, noisy, &sigmas);
    let weights: Vec<f64> = sigmas.iter().map(|s| denoising_weight(*s)).collect();
    let loss = denoising_loss(d, y, &weights);
    case.compare_sums(report, "out.fake.loss", &wide(loss.clone().inner()), SINGLE);
    gradients(case, report, "grad.fake.", networks, &leaves, loss.mean());
}

fn generator_step(case: &Case, networks: &Networks, alpha: &str, report: &mut Report) {
    let device = networks.fake.device().autodiff();
    let t_max = case.config()["tmax"].as_f64().expect("tmax");
    let sigmas: Vec<f64> = case.numbers("in.u").iter().map(|u| sid_sigma(*u, t_max)).collect();
    let leaves = networks.generator.tracked();
    let y = images(case, networks, &leaves, GENERATOR, &device);
    let noisy = y.clone() + case.tensor::<4>("in.noise_unit", &device) * column(&sigmas, &device);
    let denoise = |w: &Weights| networks.denoise(case, GENERATOR, &w.frozen(), noisy.clone(), &sigmas);
    let value = alpha.parse().expect("an alpha");
    let loss = generator_loss(y, denoise(&networks.teacher), denoise(&networks.fake), value);
    case.compare_sums(report, &format!("out.gen.loss.a{alpha}"), &wide(loss.clone().inner()), SINGLE);
    let scale = case.config()["loss_scaling_G"].as_f64().unwrap_or(GENERATOR_SCALE);
    gradients(case, report, &format!("grad.gen.a{alpha}."), networks, &leaves, loss.mean() * scale);
}

fn gradients(
    case: &Case,
    report: &mut Report,
    prefix: &str,
    networks: &Networks,
    leaves: &Leaves,
    loss: Tensor<1>,
) {
    let flat = leaves.gradients(&mut loss.backward());
    let layout = networks.denoiser.layout();
    case.compare_gradients(report, layout, &flat, |name| format!("{prefix}{name}"));
}
