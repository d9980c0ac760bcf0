//! Keeps book of gradients: a step whose gradients are not finite is left out or mended, as the recipe says, on the
//! device and before the host knows of it; here it is counted, and too many in a row end the run.

use super::range::DIVERGED;
use crate::error::{Error, Kind, Result};
use crate::gpu::kernels::FiniteNorm;

/// So many bad steps in a row are not an accident.
const MOST_IN_A_ROW: u64 = 10;

#[derive(Clone, Debug)]
pub struct Guard {
    /// Steps up to the last one whose gradients were not finite.
    pub in_a_row: u64,
    /// Steps so far whose gradients were not finite.
    pub bad_steps: u64,
    /// Length of the last step's gradient over all parameters; NaN where it was not finite.
    pub norm: f32,
}

impl Guard {
    pub fn new() -> Self {
        Self { in_a_row: 0, bad_steps: 0, norm: f32::NAN }
    }

    /// Takes note of the gradients of the next step of `what`. They are good if the sum of their squares is finite.
    ///
    /// # Errors
    /// `Kind::Diverged` after too many bad steps in a row.
    pub fn note(&mut self, what: &str, found: FiniteNorm) -> Result<()> {
        if found.is_finite() {
            self.norm = found.sum_of_squares.sqrt() as f32;
            self.in_a_row = 0;
            return Ok(());
        }
        self.norm = f32::NAN;
        self.in_a_row += 1;
        self.bad_steps += 1;
        if self.in_a_row < MOST_IN_A_ROW {
            return Ok(());
        }
        Err(Error::new(
            Kind::Diverged,
            format!("the gradients of the {what} were not finite {MOST_IN_A_ROW} steps in a row"),
        )
        .hint(DIVERGED))
    }

    /// Takes note of a step whose gradients were not finite for the scale of their loss alone: it is bad, and no sign
    /// of divergence.
    pub fn note_overflow(&mut self) {
        self.norm = f32::NAN;
        self.bad_steps += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BAD: FiniteNorm = FiniteNorm { non_finite: 3, sum_of_squares: 1.0 };
    const GOOD: FiniteNorm = FiniteNorm { non_finite: 0, sum_of_squares: 9.0 };

    #[test]
    fn a_bad_step_is_counted_and_has_no_length() {
        let mut guard = Guard::new();
        guard.note("net", GOOD).expect("a good step");
        assert_eq!((guard.norm, guard.bad_steps), (3.0, 0));
        guard.note("net", BAD).expect("one bad step");
        assert!(guard.norm.is_nan());
        // Finite numbers, but too large.
        guard.note("net", FiniteNorm { sum_of_squares: f64::INFINITY, ..GOOD }).expect("a second one");
        assert_eq!((guard.bad_steps, guard.in_a_row), (2, 2));
        guard.note("net", GOOD).expect("a good step");
        assert_eq!((guard.norm, guard.bad_steps, guard.in_a_row), (3.0, 2, 0));
    }

    #[test]
    fn an_overflow_is_counted_and_neither_lengthens_a_row_nor_ends_it() {
        let mut guard = Guard::new();
        (0..20).for_each(|_| guard.note_overflow());
        assert_eq!((guard.bad_steps, guard.in_a_row), (20, 0));
        guard.note("net", BAD).expect("one bad step");
        guard.note_overflow();
        assert!(guard.norm.is_nan());
        assert_eq!((guard.bad_steps, guard.in_a_row), (22, 1));
    }

    #[test]
    fn ten_bad_steps_in_a_row_end_the_run_and_a_good_one_between_forgives() {
        let mut guard = Guard::new();
        for step in 0..9 {
            assert!(guard.note("net", BAD).is_ok(), "{step}");
        }
        guard.note("net", GOOD).expect("a good step");
        for step in 0..9 {
            assert!(guard.note("net", BAD).is_ok(), "{step}");
        }
        let error = guard.note("net", BAD).expect_err("ten in a row");
        assert_eq!(error.kind, Kind::Diverged);
        assert!(error.to_string().contains("net"), "{error}");
    }
}
