//! Whole networks of published size: names, shapes, order, counts and the spread of initial values.

use signet::model::Init;

use crate::case::Case;
use crate::net;
use crate::report::Report;

pub fn run(case: &Case) -> Report {
    let denoiser = net::denoiser(case);
    let layout = denoiser.layout();
    let mut report = Report::default();
    let want = case.json["parameters"].as_array().expect("parameters");
    let count = case.json["num_params"].as_u64().expect("num_params");
    let got = layout.parameter_count() as u64;
    report.check(got == count, || format!("{got} parameters, expected {count}"));
    report.check(layout.params().len() == want.len(), || {
        format!("{} tensors, expected {}", layout.params().len(), want.len())
    });
    for (param, want) in layout.params().iter().zip(want) {
        let shape: Vec<u64> = param.shape.iter().map(|d| *d as u64).collect();
        report
            .check(want["name"] == param.name.as_str() && want["shape"] == serde_json::json!(shape), || {
                format!("{} {shape:?}, expected {} {}", param.name, want["name"], want["shape"])
            });
        let (mean, std) = match param.init {
            Init::Zeros => (0.0, 0.0),
            Init::Ones => (1.0, 0.0),
            Init::Uniform { bound } => (0.0, bound / 3f64.sqrt()),
            Init::Normal { std } => (0.0, std),
        };
        // Six standard errors of a sample of this size, and the digits that the case keeps.
        let slack = 6.0 * std / (param.len() as f64).sqrt() + 1e-6;
        for (what, ours) in [("init_mean", mean), ("init_std", std)] {
            let theirs = want[what].as_f64().expect("a moment");
            report.check((ours - theirs).abs() <= slack, || {
                format!("{} of {} is {ours}, expected {theirs}", what, param.name)
            });
        }
    }
    for buffer in case.json["buffers"].as_array().expect("buffers") {
        let name = buffer["name"].as_str().expect("a name");
        // Resampling filters follow from the configuration; the others belong to the weights.
        let known = name.ends_with(".resample_filter")
            || layout
                .buffers()
                .iter()
                .any(|b| b.name == name && buffer["shape"] == serde_json::json!([b.len]));
        report.check(known, || format!("{name} is not ours"));
    }
    report
}
