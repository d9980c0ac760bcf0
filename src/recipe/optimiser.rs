//! How gradients move weights, the same in every stage.

use serde::{Deserialize, Serialize};

use super::setting::{IDENTITY, no_numbers, table};

table! {
    /// Adam, the running average, and what happens to gradients that are not numbers.
    pub struct Optimiser in "optimiser" {
        /// What becomes of a step whose gradients are not finite: skip or sanitise.
        bad_gradients: BadGradients = BadGradients::Skip, IDENTITY;
        /// The average's half-life is at most this share of the images seen so far; 0 is no such limit.
        ema_ramp_up: f64 = 0.05, IDENTITY.from(0.0);
        /// Added to the root of Adam's second moment.
        adam_eps: f64 = 1e-8, IDENTITY.above(0.0);
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
    #[serde(alias = "sanitize")]
    Sanitise,
}

no_numbers!(BadGradients);
