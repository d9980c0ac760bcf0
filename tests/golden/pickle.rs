//! Files of other programs: every network in them, number for number, and what it computes.

use burn::tensor::Device;
use serde_json::Value;
use signet::diffusion::Denoiser;
use signet::import::{self, Imported, Options};
use signet::model::{Dropout, Weights};

use crate::case::Case;
use crate::labels;
use crate::report::Report;

/// How far a stored sum or norm, computed in double precision, may be off.
const CHECKSUM_TOLERANCE: f64 = 1e-6;

pub fn run(case: &Case, device: &Device) -> Report {
    let class = case.config()["precond"].as_str().expect("a preconditioner");
    let wanted = import::from_kwargs(case.config(), class).expect("a network");
    let mut report = Report::default();
    let mut computed = 0;
    for file in case.json["extra_files"].as_array().into_iter().flatten() {
        let path = case.folder.join(file.as_str().expect("a file's name"));
        let first = import::open(&path, &Options::default()).unwrap_or_else(|e| panic!("{e}"));
        for name in &first.report.origin.networks {
            let options = Options { network: Some(name.clone()), ..Options::default() };
            let imported = import::open(&path, &options).unwrap_or_else(|e| panic!("{e}"));
            let place = format!("{} of {}", name, file);
            if (imported.spec.precond, &imported.spec.unet) != (wanted.0, &wanted.1) {
                report.failures.push(format!("{place}: the architecture is {:?}", imported.spec));
            }
            numbers(case, name, &place, &imported, &mut report);
            if is_reference(case, &imported) {
                outputs(case, &imported, device, &mut report);
                computed += 1;
            }
        }
    }
    report.check(computed > 0, || "no network in the files has the case's parameters".into());
    report
}

/// Whether the network holds the case's own parameters, and not trained ones.
fn is_reference(case: &Case, imported: &Imported) -> bool {
    imported.tensors.iter().all(|(name, numbers)| {
        let key = format!("param.{name}");
        case.has(&key) && case.floats(&key) == *numbers
    })
}

/// Every tensor: the case's parameters exactly, or the stored sums of a network that was trained on.
fn numbers(case: &Case, network: &str, place: &str, imported: &Imported, report: &mut Report) {
    let per_network = &case.json["sid_pt_checksums"][network];
    let trained = &case.json["trained_net_expect"];
    let sums = if !per_network.is_null() {
        per_network
    } else if network == "net" && !trained.is_null() {
        trained
    } else {
        &Value::Null
    };
    for name in case.params("param.").into_keys().filter(|n| !n.ends_with("resample_filter")) {
        report.compared += 1;
        let Some(got) = imported.tensors.get(&name) else {
            report.failures.push(format!("{place}: {name} is missing"));
            continue;
        };
        let same = match &sums[&name] {
            Value::Null => case.floats(&format!("param.{name}")) == *got,
            expect => matches(expect, got),
        };
        if !same {
            report.failures.push(format!("{place}: {name} differs"));
        }
    }
}

/// Whether sum, norm and first numbers are those stored.
fn matches(expect: &Value, got: &[f32]) -> bool {
    let wide = || got.iter().map(|v| f64::from(*v));
    let norm = wide().map(|v| v * v).sum::<f64>().sqrt();
    // A sum of both signs is as exact as the sum of magnitudes.
    let scale = wide().map(f64::abs).sum::<f64>().max(1.0);
    let near = |value: &Value, got: f64| {
        value.as_f64().is_some_and(|want| (want - got).abs() <= CHECKSUM_TOLERANCE * scale)
    };
    let first = expect["first"].as_array().into_iter().flatten();
    near(&expect["l2"], norm)
        && near(&expect["sum"], wide().sum())
        && first.zip(got).all(|(want, got)| want.as_f64().is_some_and(|w| w as f32 == *got))
}

/// What the network computes.
fn outputs(case: &Case, imported: &Imported, device: &Device, report: &mut Report) {
    let spec = &imported.spec;
    let denoiser = Denoiser::new(spec.unet.clone(), spec.precond).expect("the network is checked");
    let weights = Weights::from_named(denoiser.layout().clone(), &imported.tensors, device);
    let leaves = weights.expect("the tensors fit").plain();
    let (x, sigmas) = (case.tensor::<4>("in.x", device), case.numbers("in.sigma"));
    let condition = labels::condition(case, "net", &denoiser, sigmas.len(), device);
    let d = denoiser.denoise_with(&leaves, x, sigmas, &condition, &mut Dropout::off());
    case.compare_tensor(report, "out.D_x", d);
}
