//! What a run leaves behind at a step beside its checkpoint: a stop may come before that is done.

use serde::{Deserialize, Serialize};

/// What is still to be done before the next step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Due {
    /// The grid of fixed seeds.
    pub samples: bool,
    pub metrics: bool,
}

impl Due {
    pub const ALL: Self = Self { samples: true, metrics: true };
    pub const NOTHING: Self = Self { samples: false, metrics: false };
}
