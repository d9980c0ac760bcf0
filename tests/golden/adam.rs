//! Optimiser and average: whole trajectories of weights under given gradients.

use std::collections::BTreeMap;
use std::sync::Arc;

use burn::tensor::{Device, Tensor};
use serde_json::Value;
use signet::gpu::kernels::{BadStep, gradient_verdict};
use signet::model::{Init, Layout, LayoutBuilder, Weights};
use signet::train::{Adam, AdamConfig, ema_beta, warmed_up};

use crate::case::Case;
use crate::report::Report;

type Named = BTreeMap<String, Vec<f32>>;

pub fn run(case: &Case, device: &Device) -> Report {
    let mut report = Report::default();
    let start = case.params("p.");
    let mut builder = LayoutBuilder::new();
    for name in start.keys() {
        builder.add(name.clone(), case.shape(&format!("p.{name}")), Init::Zeros);
    }
    let layout = Arc::new(builder.finish());
    let gradients: Vec<Vec<Tensor<1>>> = (0..case.usize("steps"))
        .map(|k| {
            let of_step = start.iter().map(|(name, p)| {
                let all = case.floats(&format!("g.{name}"));
                (name.clone(), all[k * p.len()..(k + 1) * p.len()].to_vec())
            });
            let blocks = Weights::from_named(layout.clone(), &of_step.collect(), device).expect("gradients");
            blocks.blocks().to_vec()
        })
        .collect();
    for (name, settings) in case.config()["runs"].as_object().expect("config.runs") {
        follow(case, &mut report, name, settings, &layout, &gradients, device);
    }
    report
}

/// One run of the case under its own settings.
fn follow(
    case: &Case,
    report: &mut Report,
    run: &str,
    settings: &Value,
    layout: &Arc<Layout>,
    gradients: &[Vec<Tensor<1>>],
    device: &Device,
) {
    let number = |key: &str| settings[key].as_f64().unwrap_or_else(|| panic!("{run}.{key} is a number"));
    let batch = number("batch") as usize;
    let beta = |i: usize| settings["betas"][i].as_f64().expect("a beta");
    let adam = AdamConfig { beta1: beta(0), beta2: beta(1), eps: number("eps"), bad: BadStep::Mend };
    let warmup_kimg = settings["lr_rampup_nimg"].as_f64().unwrap_or(0.0) / 1000.0;
    let ramp_up = settings["rampup_ratio"].as_f64();

    let mut weights = Weights::from_named(layout.clone(), &case.params("p."), device).expect("weights");
    let mut ema = weights.clone();
    let mut adam = Adam::new(adam, &weights);
    let (mut rates, mut betas) = (Vec::new(), Vec::new());
    let (mut trajectory, mut averages) = (Named::new(), Named::new());
    for (step, gradients) in gradients.iter().enumerate() {
        let images = (step * batch) as u64;
        let rate = warmed_up(number("lr"), images, warmup_kimg);
        let beta = ema_beta(batch, images, number("halflife_nimg") / 1000.0, ramp_up);
        let verdict = gradient_verdict(gradients);
        adam.step_averaged(&mut weights, (&mut ema, beta), gradients, &verdict, rate);
        rates.push(rate);
        betas.push(beta);
        append(&mut trajectory, &weights);
        append(&mut averages, &ema);
    }
    let [mean, square] = adam.moments();
    let moments = [mean, square].map(|m| m.named().expect("moments"));
    for (kind, values) in
        [("traj", &trajectory), ("ema", &averages), ("exp_avg", &moments[0]), ("exp_avg_sq", &moments[1])]
    {
        for (name, values) in values {
            let wide: Vec<f64> = values.iter().map(|v| f64::from(*v)).collect();
            case.compare(report, &format!("{run}.{kind}.{name}"), &wide);
        }
    }
    for (key, got) in [("lrs", rates), ("ema_betas", betas)] {
        let Some(want) = case.json["scalars"][run][key].as_array() else { continue };
        let want = want.iter().map(|v| v.as_f64().expect("a number"));
        report.compared += 1;
        if got.len() != want.len() || got.iter().zip(want).any(|(g, w)| (g - w).abs() > 1e-12 * w.abs()) {
            report.failures.push(format!("{run}.{key}: {got:?} differ from the case's"));
        }
    }
}

fn append(states: &mut Named, weights: &Weights) {
    for (name, values) in weights.named().expect("numbers") {
        states.entry(name).or_default().extend(values);
    }
}
