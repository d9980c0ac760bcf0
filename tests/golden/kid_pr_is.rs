//! Kernel distance over given subsets, precision and recall at given neighbours, inception score.

use serde_json::Value;
use signet::eval::{Rows, inception_score, kid, precision_recall};

use crate::case::Case;
use crate::report::Report;

fn number(value: &Value, name: &str) -> f64 {
    value[name].as_f64().unwrap_or_else(|| panic!("no number {name}"))
}

pub fn run(case: &Case) -> Report {
    let mut report = Report::default();
    let scalars = &case.json["scalars"];
    let tol_rel = number(scalars, "tol_rel");
    let dim = case.shape("in.real")[1];
    let real = case.floats("in.real");
    kernel_distances(case, &mut report, &real, dim);

    let real_rows = Rows::new(&real, dim).expect("rows");
    let keys = scalars.as_object().expect("scalars").iter();
    for (key, want) in keys.filter(|(_, value)| value.get("precision").is_some()) {
        let (set, k) = key.rsplit_once(".k").expect("SET.kN");
        let k: usize = k.parse().expect("neighbours");
        let rows = Rows::new(&case.floats(&format!("in.{set}")), dim).expect("rows");
        case.compare(&mut report, &format!("out.{key}.kth_gen"), &rows.radii(k));
        case.compare(&mut report, &format!("out.{key}.kth_real"), &real_rows.radii(k));
        let got = precision_recall(&rows, &real_rows, k);
        for (name, got) in [("precision", got.precision), ("recall", got.recall)] {
            report.within(&format!("{key} {name}"), got, number(want, name), tol_rel);
        }
    }

    let (logits, classes) = (case.floats("in.logits"), case.shape("in.logits")[1]);
    for (key, want) in scalars.as_object().expect("scalars") {
        let Some(splits) = key.strip_prefix("is.splits") else { continue };
        let got = inception_score(&logits, classes, splits.parse().expect("splits")).expect("a score");
        let (mean, std) = (number(want, "mean"), number(want, "std"));
        report.within(&format!("{key} mean"), got.mean, mean, tol_rel * mean);
        report.within(&format!("{key} std"), got.std, std, tol_rel * mean);
    }
    report
}

fn kernel_distances(case: &Case, report: &mut Report, real: &[f32], dim: usize) {
    let scalars = &case.json["scalars"];
    let generated = case.floats("in.gen");
    let subset_size = case.shape("kid.idx_gen")[1];
    let rows = |key: &str| -> Vec<Vec<usize>> {
        let indices: Vec<usize> = case.numbers(key).iter().map(|v| *v as usize).collect();
        indices.chunks(subset_size).map(<[usize]>::to_vec).collect()
    };
    let given: Vec<[Vec<usize>; 2]> =
        rows("kid.idx_gen").into_iter().zip(rows("kid.idx_real")).map(|(a, b)| [a, b]).collect();
    // Whole sets are compared over as many rows as the smaller one has.
    let most = (generated.len() / dim).min(real.len() / dim);
    let whole = vec![[(0..most).collect::<Vec<usize>>(), (0..most).collect()]];
    for (key, subsets) in [("kid", given), ("kid_full", whole)] {
        let got = kid(&generated, real, dim, &subsets).expect("a distance").mean;
        report.within(key, got, number(scalars, key), number(scalars, "tol_abs_kid"));
    }
}
