//! Noise-level schedules.

use signet::diffusion::{karras_sigmas, sid_sigma};

use crate::case::{Case, Report};

pub fn run(case: &Case) -> Result<Report, String> {
    let mut report = Report::default();
    for name in case.names() {
        if let Some(steps) = name.strip_prefix("edm.t_steps.") {
            let steps = steps.parse().expect("a number of steps");
            case.compare(&mut report, name, &karras_sigmas(steps));
        }
        if let Some(t_max) = name.strip_prefix("sid.sigma.") {
            let uniforms = case.numbers(&format!("sid.u.{t_max}"));
            let t_max: f64 = t_max.parse().expect("a largest time");
            let got: Vec<f64> = uniforms.iter().map(|u| sid_sigma(*u, t_max)).collect();
            case.compare(&mut report, name, &got);
        }
    }
    Ok(report)
}
