//! How a case came out.

use std::collections::BTreeSet;
use std::fmt;

#[derive(Default)]
pub struct Report {
    pub compared: usize,
    /// Largest error as a share of its tolerance.
    pub worst: f64,
    /// Largest error of a tensor in the l2 norm, as a share of the tensor.
    pub worst_relative: f64,
    pub failures: Vec<String>,
    /// The case's results that were looked at, by name.
    keys: BTreeSet<String>,
}

impl Report {
    /// A case that could not even be tried.
    pub fn failed(why: String) -> Self {
        Self { failures: vec![why], ..Self::default() }
    }

    /// Notes that the case's result `key` is being compared.
    pub fn looks_at(&mut self, key: &str) {
        self.keys.insert(key.to_string());
    }

    /// Whether the case's result `key` was compared.
    pub fn looked_at(&self, key: &str) -> bool {
        self.keys.contains(key)
    }

    /// Counts one comparison that either holds or fails with a reason.
    pub fn check(&mut self, holds: bool, why: impl FnOnce() -> String) {
        self.compared += 1;
        if !holds {
            self.failures.push(why());
        }
    }

    /// Compares a number with one that it may be `allowed` away from.
    pub fn within(&mut self, what: &str, got: f64, want: f64, allowed: f64) {
        self.worst = self.worst.max((got - want).abs() / allowed);
        self.check((got - want).abs() <= allowed, || {
            format!("{what} is {got}, expected {want} (allowed {allowed:.1e})")
        });
    }

    /// Compares numbers that must be the same.
    pub fn exactly(&mut self, key: &str, got: &[f64], want: &[f64]) {
        self.looks_at(key);
        let differing = got.iter().zip(want).filter(|(g, w)| g != w).count();
        self.check(got.len() == want.len() && differing == 0, || {
            format!("{key}: {differing} of {} numbers differ ({} given)", want.len(), got.len())
        });
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verdict = if self.failures.is_empty() { "pass" } else { "FAIL" };
        write!(
            f,
            "{verdict}  {:>4} compared, worst relative error {:.1e}, {:.3} of its tolerance",
            self.compared, self.worst_relative, self.worst
        )
    }
}
