//! How gradients move weights, the same in every stage.

use serde::{Deserialize, Serialize};

/// Adam, the running average, and what happens to gradients that are not numbers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Optimiser {
    pub bad_gradients: BadGradients,
    /// The average's half-life is at most this share of the images seen so far; 0 is no such limit.
    pub ema_ramp_up: f64,
    /// Added to the root of Adam's second moment.
    pub adam_eps: f64,
}

impl Default for Optimiser {
    fn default() -> Self {
        Self { bad_gradients: BadGradients::Skip, ema_ramp_up: 0.05, adam_eps: 1e-8 }
    }
}

/// What becomes of a step whose gradients are not finite. Either way it is counted and told, and ten in
/// a row end the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BadGradients {
    /// The step is left out: weights, moments and average stay as they are.
    Skip,
    /// NaN counts as 0 and ±infinity as ±1e5, number by number, as EDM and SiD train.
    Sanitise,
}
