//! Gradients of all parameters of a network. A case keeps small ones whole and samples of large ones, and
//! of every one its norm and its sum, which no part of it escapes.

use burn::tensor::Tensor;
use serde_json::Value;
use signet::model::Layout;

use crate::case::Case;
use crate::compare::norm;
use crate::report::Report;

/// Tolerance in the l2 norm where a case states none: its floor for gradients.
const FLOOR: f64 = 1e-4;

/// What the digits that a case prints of norms and sums leave out.
const PRINTED: f64 = 1e-6;

impl Case {
    /// Compares the gradients of all parameters of a layout, given in its flat blocks, with what the case
    /// has under the key that `key_of` gives a parameter's name. A parameter that nothing reaches has no
    /// reference gradient: ours must be zero.
    pub fn compare_gradients(
        &self,
        report: &mut Report,
        layout: &Layout,
        flat: &[Tensor<1>],
        key_of: impl Fn(&str) -> String,
    ) {
        for param in layout.params() {
            let gradient: Tensor<1> = flat[param.block].clone().narrow(0, param.offset, param.len());
            let got = gradient.into_data().try_to_vec::<f32>().expect("f32 numbers");
            let got: Vec<f64> = got.into_iter().map(f64::from).collect();
            let whole = key_of(&param.name);
            let sampled = format!("sampled.{whole}");
            let stored = [&whole, &sampled].into_iter().find(|key| self.has(key));
            let stats = self.statistics(&whole);
            if let Some(key) = stored {
                self.compare(report, key, &got);
            }
            if let Some(stats) = stats {
                let allowed = stored.and_then(|key| self.tolerance(key, "tol_rel_l2"));
                compare_statistics(report, &whole, &got, stats, allowed.unwrap_or(self.slack * FLOOR));
            }
            if stored.is_none() && stats.is_none() {
                let zero = got.iter().all(|v| *v == 0.0);
                report.check(zero, || format!("no reference gradient for {}", param.name));
            }
        }
    }

    /// Norm and sum of the gradient `key`; the case keeps them by the network's name and the parameter's.
    fn statistics(&self, key: &str) -> Option<&Value> {
        let groups = self.json["grad_stats"].as_object()?;
        groups.iter().find_map(|(group, of)| of.get(key.strip_prefix(group)?.strip_prefix('.')?))
    }
}

fn compare_statistics(report: &mut Report, key: &str, got: &[f64], stats: &Value, tolerance: f64) {
    let number = |name: &str| stats[name].as_f64().unwrap_or_else(|| panic!("{key} has no {name}"));
    let (l2, sum) = (number("l2"), number("sum"));
    // An error of this norm moves a sum of n numbers by its square root of n at most.
    let allowed = (tolerance + PRINTED) * l2 + 1e-12;
    report.within(&format!("the norm of {key}"), norm(got.iter().copied()), l2, allowed);
    let allowed = allowed * (got.len() as f64).sqrt();
    report.within(&format!("the sum of {key}"), got.iter().sum(), sum, allowed);
}
