//! Samplers: the deterministic Heun runs of a case and its one-step generator.

use burn::tensor::{Device, Tensor, TensorData};
use signet::diffusion::heun;
use signet::model::{Weights, read};

use crate::case::{Case, Report};
use crate::net;

/// Noise level of the one-step generator, as the case's notes state.
const ONE_STEP_SIGMA: f64 = 2.5;

pub fn run(case: &Case, device: &Device) -> Result<Report, String> {
    let denoiser = net::denoiser(case)?;
    let weights =
        Weights::from_named(denoiser.layout().clone(), &case.params("param."), device).expect("weights");
    let leaves = weights.plain();
    let latents = case.floats("in.latents");
    let shape = denoiser.shape(latents.len() / denoiser.image_len());
    let mut denoise = |x: &[f64], sigma: f64| -> signet::error::Result<Vec<f64>> {
        let x: Vec<f32> = x.iter().map(|v| *v as f32).collect();
        let x = Tensor::<4>::from_data(TensorData::new(x, shape), device);
        Ok(read(denoiser.denoise(&leaves, x, &vec![sigma; shape[0]]))?.into_iter().map(f64::from).collect())
    };
    let mut report = Report::default();
    let runs = case.config()["runs"].as_object().expect("runs");
    // By the cases' convention a run with churn is stochastic and `euler…` is first order.
    let ours = runs.iter().filter(|(name, run)| run.get("S_churn").is_none() && !name.starts_with("euler"));
    for (name, run) in ours {
        let steps = run["num_steps"].as_u64().expect("num_steps") as usize;
        // The case keeps the state at the start of every step.
        let mut states: Vec<f64> =
            latents.iter().map(|z| f64::from(*z) * signet::diffusion::SIGMA_MAX).collect();
        let images = heun(&mut denoise, &latents, steps, |i, x| {
            if i + 1 < steps {
                states.extend(x);
            }
        })
        .expect("samples");
        case.compare(&mut report, &format!("{name}.traj"), &states);
        case.compare(&mut report, &format!("{name}.out"), &images);
    }
    let noisy: Vec<f64> = latents.iter().map(|z| f64::from(*z) * ONE_STEP_SIGMA).collect();
    let one_step = denoise(&noisy, ONE_STEP_SIGMA).expect("samples");
    case.compare(&mut report, "onestep.out", &one_step);
    Ok(report)
}
