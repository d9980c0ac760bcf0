//! How exact the numbers are that networks train with.

use serde::{Deserialize, Serialize};

/// What images inside a network are kept in while it trains. Weights, their average, Adam, losses and all that lies
/// outside a network are in single precision either way, and so is whatever a finished network makes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Precision {
    /// Single precision.
    #[default]
    F32,
    /// Half precision (f16), with losses scaled so that small gradients do not become 0.
    Mixed,
}

impl Precision {
    /// As a recipe calls it.
    pub fn name(self) -> &'static str {
        match self {
            Precision::F32 => "f32",
            Precision::Mixed => "mixed",
        }
    }
}
