//! Noise-level schedules, and how numbers become pixels.

use signet::data::pixels::from_unit;
use signet::diffusion::{
    Precond, iddpm_round_sigma, iddpm_table, karras_sigmas, sid_sigma, vp_sigma, vp_time,
};

use crate::case::Case;
use crate::report::Report;

pub fn run(case: &Case) -> Report {
    let mut report = Report::default();
    // Sheets are not drawn by SiD's rule, which rounds where published metrics cut off.
    let known = ["edm.t_steps.", "sid.", "vp.", "iddpm.", "pixel."];
    for name in case.names() {
        report.check(known.iter().any(|prefix| name.starts_with(prefix)), || format!("{name} is unknown"));
    }
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
    let each =
        |key: &str, f: &dyn Fn(f64) -> f64| -> Vec<f64> { case.numbers(key).iter().map(|v| f(*v)).collect() };
    if case.has("vp.t") {
        case.compare(&mut report, "vp.sigma", &each("vp.t", &vp_sigma));
        case.compare(&mut report, "vp.sigma_inv", &each("vp.sigma", &vp_time));
    }
    if case.has("iddpm.u") {
        case.compare(&mut report, "iddpm.u", iddpm_table());
        case.compare(&mut report, "iddpm.round_out", &each("iddpm.round_in", &|s| iddpm_round_sigma(s).1));
        let index = each("iddpm.round_in", &|s| iddpm_round_sigma(s).0 as f64);
        report.exactly("iddpm.round_index", &index, case.numbers("iddpm.round_index"));
    }
    if case.has("pixel.x") {
        let got = each("pixel.x", &|x| f64::from(from_unit(x as f32)));
        report.exactly("pixel.u8_edm_generate", &got, case.numbers("pixel.u8_edm_generate"));
    }
    // Single precision costs the reference digits of the smallest levels; VP's loses its second one and is
    // left out.
    for (key, precond, end) in [
        ("iddpm_sigma_min", Precond::Iddpm, 0),
        ("iddpm_sigma_max", Precond::Iddpm, 1),
        ("vp_sigma_max", Precond::Vp, 1),
    ] {
        if let Some(want) = case.json["scalars"][key].as_f64() {
            let got = precond.sigma_range()[end];
            report.check((got - want).abs() <= 5e-4 * want, || format!("{key} is {got}, expected {want}"));
        }
    }
    report
}
