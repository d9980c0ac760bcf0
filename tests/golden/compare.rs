//! The rule by which numbers are held against a case's: the largest error and the error in the l2 norm,
//! each within the tolerance that the case states.

use burn::tensor::Tensor;

use crate::case::Case;
use crate::report::Report;

/// What a sum in single precision may be off, as a share of the sum of magnitudes.
pub const SINGLE: f64 = 1e-5;

/// The l2 norm.
pub fn norm(values: impl Iterator<Item = f64>) -> f64 {
    values.map(|v| v * v).sum::<f64>().sqrt()
}

impl Case {
    /// Tolerance `name` of result `key`, where the case states it.
    pub fn tolerance(&self, key: &str, name: &str) -> Option<f64> {
        self.json["expect"][key][name].as_f64().map(|tolerance| self.slack * tolerance)
    }

    /// Compares `got` with tensor `key`, taking every `stride`-th number where the case stores a sample.
    pub fn compare(&self, report: &mut Report, key: &str, got: &[f64]) {
        report.looks_at(key);
        let want = self.numbers(key);
        let got: Vec<f64> = match self.json["expect"][key]["stride"].as_u64() {
            Some(stride) => got.iter().step_by(stride as usize).copied().collect(),
            None => got.to_vec(),
        };
        report.compared += 1;
        if got.len() != want.len() {
            report.failures.push(format!("{key} has {} numbers, expected {}", got.len(), want.len()));
            return;
        }
        let tolerance =
            |name: &str| self.tolerance(key, name).unwrap_or_else(|| panic!("{key} has no {name}"));
        let (tol_abs, tol_rel) = (tolerance("tol_abs"), tolerance("tol_rel_l2"));
        let mut largest = 0.0f64;
        for (g, w) in got.iter().zip(want) {
            let error = (g - w).abs();
            largest = if error.is_nan() { f64::INFINITY } else { largest.max(error) };
        }
        let relative = norm(got.iter().zip(want).map(|(g, w)| g - w));
        let size = norm(want.iter().copied());
        let allowed = tol_rel * size + 1e-12;
        if size > 0.0 {
            report.worst_relative = report.worst_relative.max(relative / size);
        }
        report.worst = report.worst.max(largest / tol_abs).max(relative / allowed);
        if largest > tol_abs || relative > allowed || !largest.is_finite() {
            report.failures.push(format!(
                "{key}: largest error {largest:.3e} (allowed {tol_abs:.3e}), l2 {relative:.3e} (allowed {allowed:.3e})"
            ));
        }
    }

    pub fn compare_tensor<const D: usize>(&self, report: &mut Report, key: &str, got: Tensor<D>) {
        let data = got.into_data().try_to_vec::<f32>().expect("f32 numbers");
        let wide: Vec<f64> = data.into_iter().map(f64::from).collect();
        self.compare(report, key, &wide);
    }

    /// The case keeps the loss of every pixel under `key`; `got` are ours, summed per sample. Such a sum
    /// may be off by the case's tolerance, as a share of the sum of magnitudes, or by `rounding` if that
    /// is more.
    pub fn compare_sums(&self, report: &mut Report, key: &str, got: &[f64], rounding: f64) {
        report.looks_at(key);
        let want = self.numbers(key);
        if got.is_empty() || want.is_empty() || !want.len().is_multiple_of(got.len()) {
            report.check(false, || format!("{key}: {} samples for {} numbers", got.len(), want.len()));
            return;
        }
        let share = self.tolerance(key, "tol_rel_l2").unwrap_or(0.0).max(self.slack * rounding);
        for (i, (got, want)) in got.iter().zip(want.chunks(want.len() / got.len())).enumerate() {
            let (sum, scale): (f64, f64) = (want.iter().sum(), want.iter().map(|v| v.abs()).sum());
            report.within(&format!("{key}[{i}]"), *got, sum, share * scale.max(1e-6));
        }
    }
}
