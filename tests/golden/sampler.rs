//! Samplers: the runs of a case, deterministic or with fresh noise, and its one-step generator.

use burn::tensor::{Device, Tensor, TensorData};
use serde_json::Value;
use signet::diffusion::{Churn, Sampler, Solver};
use signet::model::{Dropout, Weights, read};

use crate::case::Case;
use crate::labels;
use crate::net;
use crate::report::Report;

/// Noise level of the one-step generator, where a case leaves it to its notes.
const ONE_STEP_SIGMA: f64 = 2.5;

/// A run's settings; by the cases' convention `euler…` is first order.
fn sampler(name: &str, run: &Value, precond: signet::diffusion::Precond) -> Sampler {
    let steps = run["num_steps"].as_u64().expect("num_steps") as usize;
    let usual = Sampler::heun(steps, precond);
    let number = |key: &str, usual: f64| run.get(key).and_then(Value::as_f64).unwrap_or(usual);
    let churn = Churn {
        amount: number("S_churn", usual.churn.amount),
        within: [number("S_min", usual.churn.within[0]), number("S_max", usual.churn.within[1])],
        noise_std: number("S_noise", usual.churn.noise_std),
    };
    let solver = if name.starts_with("euler") { Solver::Euler } else { Solver::Heun };
    let range = [number("sigma_min", usual.range[0]), number("sigma_max", usual.range[1])];
    Sampler { solver, churn, range, rho: number("rho", usual.rho), ..usual }
}

pub fn run(case: &Case, device: &Device) -> Report {
    let denoiser = net::denoiser(case);
    let weights =
        Weights::from_named(denoiser.layout().clone(), &case.params("param."), device).expect("weights");
    let leaves = weights.plain();
    let latents = case.floats("in.latents");
    let shape = denoiser.shape(latents.len() / denoiser.image_len());
    let condition = labels::condition(case, "sampler", &denoiser, shape[0], device);
    let mut denoise = |x: &[f64], sigma: f64| -> signet::error::Result<Vec<f64>> {
        let x: Vec<f32> = x.iter().map(|v| *v as f32).collect();
        let x = Tensor::<4>::from_data(TensorData::new(x, shape), device);
        let sigmas = vec![sigma; shape[0]];
        let d = denoiser.denoise_with(&leaves, x, &sigmas, &condition, &mut Dropout::off());
        Ok(read(d)?.into_iter().map(f64::from).collect())
    };
    let mut report = Report::default();
    for (name, run) in case.config()["runs"].as_object().expect("runs") {
        let sampler = sampler(name, run, denoiser.precond);
        let draws = format!("{name}.noise");
        let noise = |step: usize| case.numbers(&draws)[step * latents.len()..][..latents.len()].to_vec();
        // The case keeps the state at the start of every step.
        let first = sampler.sigmas()[0];
        let mut states: Vec<f64> = latents.iter().map(|z| f64::from(*z) * first).collect();
        let watch = |i: usize, x: &[f64]| {
            if i + 1 < sampler.steps {
                states.extend(x);
            }
            Ok(())
        };
        let images = sampler.run(&mut denoise, &latents, noise, watch).expect("samples");
        case.compare(&mut report, &format!("{name}.traj"), &states);
        case.compare(&mut report, &format!("{name}.out"), &images);
    }
    if case.has("onestep.out") {
        let stated =
            ["init_sigma", "sigma_init", "sigma0"].into_iter().find_map(|k| case.config()[k].as_f64());
        let sigma = stated.unwrap_or(ONE_STEP_SIGMA);
        let noisy: Vec<f64> = latents.iter().map(|z| f64::from(*z) * sigma).collect();
        let one_step = denoise(&noisy, sigma).expect("samples");
        case.compare(&mut report, "onestep.out", &one_step);
    }
    report
}
