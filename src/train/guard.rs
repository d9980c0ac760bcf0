//! Watches gradients: a step that is not finite is left out, and too many in a row end the run.

use burn::tensor::Tensor;

use crate::error::{Error, Kind, Result};
use crate::gpu::kernels::finite_and_norm;

/// So many bad steps in a row are not an accident.
const MOST_IN_A_ROW: u32 = 10;

#[derive(Clone, Debug, Default)]
pub struct Guard {
    in_a_row: u32,
    pub skipped: u64,
}

impl Guard {
    /// Whether these gradients may be applied: the sum of their squares is finite.
    ///
    /// # Errors
    /// `Kind::Diverged` after too many bad steps in a row.
    pub fn admits(&mut self, what: &str, gradients: &[Tensor<1>]) -> Result<bool> {
        if finite_and_norm(gradients)?.is_finite() {
            self.in_a_row = 0;
            return Ok(true);
        }
        self.in_a_row += 1;
        self.skipped += 1;
        if self.in_a_row < MOST_IN_A_ROW {
            return Ok(false);
        }
        Err(Error::new(
            Kind::Diverged,
            format!("the gradients of the {what} were not finite {MOST_IN_A_ROW} steps in a row"),
        )
        .hint("start a new run with a lower learning rate; `--teacher RUN` spares it the teacher's stage"))
    }
}
