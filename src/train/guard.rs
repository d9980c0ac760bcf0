//! Watches gradients: a step whose gradients are not finite is left out or mended, as the recipe says,
//! and counted either way; too many in a row end the run.

use burn::tensor::Tensor;

use super::range::DIVERGED;
use crate::error::{Error, Kind, Result};
use crate::gpu::kernels::{FiniteNorm, finite_and_norm};
use crate::recipe::BadGradients;

/// So many bad steps in a row are not an accident.
const MOST_IN_A_ROW: u64 = 10;
/// What an infinite gradient becomes, with its sign, in EDM's and SiD's training.
const IN_PLACE_OF_INFINITY: f32 = 1e5;

#[derive(Clone, Debug)]
pub struct Guard {
    treatment: BadGradients,
    /// Steps up to the last one whose gradients were not finite.
    pub in_a_row: u64,
    /// Steps so far whose gradients were not finite.
    pub bad_steps: u64,
    /// Length of the last step's gradient over all parameters; NaN where it was not finite.
    pub norm: f32,
}

impl Guard {
    pub fn new(treatment: BadGradients) -> Self {
        Self { treatment, in_a_row: 0, bad_steps: 0, norm: f32::NAN }
    }

    /// What is found of the gradients (sum of squares of the finite ones, number of the others), and those to
    /// apply, or nothing where the step is to be left out. They are good if the sum of their squares is finite.
    pub fn admit(&self, gradients: Vec<Tensor<1>>) -> ([f32; 2], Option<Vec<Tensor<1>>>) {
        // A device that gives nothing back says so once more where the verdict is read.
        let found = finite_and_norm(&gradients).unwrap_or(FiniteNorm { non_finite: 1, sum_of_squares: 0.0 });
        let verdict = [found.sum_of_squares as f32, found.non_finite as f32];
        let admitted = match self.treatment {
            _ if is_good(verdict) => Some(gradients),
            BadGradients::Skip => None,
            BadGradients::Sanitise => Some(gradients.into_iter().map(sanitise).collect()),
        };
        (verdict, admitted)
    }

    /// Keeps the books of a step whose gradients had this `verdict`.
    ///
    /// # Errors
    /// `Kind::Diverged` after too many bad steps in a row.
    pub fn note(&mut self, what: &str, verdict: [f32; 2]) -> Result<()> {
        self.norm = if is_good(verdict) { verdict[0].sqrt() } else { f32::NAN };
        if is_good(verdict) {
            self.in_a_row = 0;
            return Ok(());
        }
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
}

fn is_good([sum_of_squares, non_finite]: [f32; 2]) -> bool {
    non_finite == 0.0 && sum_of_squares.is_finite()
}

/// A flat block of gradients with every NaN as 0 and every infinity as ±1e5; other numbers stay.
pub fn sanitise(block: Tensor<1>) -> Tensor<1> {
    let nan = block.clone().is_nan();
    // Beyond the largest finite number lies infinity alone; WGSL knows no literal for it.
    let (above, below) = (block.clone().greater_elem(f32::MAX), block.clone().lower_elem(f32::MIN));
    block.mask_fill(above, IN_PLACE_OF_INFINITY).mask_fill(below, -IN_PLACE_OF_INFINITY).mask_fill(nan, 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::read;
    use burn::tensor::{Device, TensorData};

    const BAD: [f32; 5] = [1.0, f32::NAN, f32::INFINITY, f32::NEG_INFINITY, -2e6];

    fn block(values: [f32; 5]) -> Vec<Tensor<1>> {
        vec![Tensor::from_data(TensorData::new(values.to_vec(), [5]), &Device::flex())]
    }

    /// A whole step: what is applied of these gradients.
    fn step(guard: &mut Guard, gradients: Vec<Tensor<1>>) -> Result<Option<Vec<Tensor<1>>>> {
        let (verdict, admitted) = guard.admit(gradients);
        guard.note("net", verdict).map(|()| admitted)
    }

    #[test]
    fn a_bad_step_is_skipped_or_mended_and_counted() {
        let mut skips = Guard::new(BadGradients::Skip);
        assert!(step(&mut skips, block(BAD)).expect("one bad step").is_none());
        assert!(step(&mut skips, block([1.0; 5])).expect("a good step").is_some());
        assert_eq!(skips.bad_steps, 1);

        let mut mends = Guard::new(BadGradients::Sanitise);
        let mended = step(&mut mends, block(BAD)).expect("one bad step").expect("gradients");
        assert_eq!(read(mended[0].clone()).expect("numbers"), [1.0, 0.0, 1e5, -1e5, -2e6]);
        assert_eq!(mends.bad_steps, 1);
    }

    #[test]
    fn ten_bad_steps_in_a_row_end_the_run_and_a_good_one_between_forgives() {
        for treatment in [BadGradients::Skip, BadGradients::Sanitise] {
            let mut guard = Guard::new(treatment);
            for number in 0..9 {
                assert!(step(&mut guard, block(BAD)).is_ok(), "{number}");
            }
            step(&mut guard, block([0.0; 5])).expect("a good step");
            for number in 0..9 {
                assert!(step(&mut guard, block(BAD)).is_ok(), "{number}");
            }
            let error = step(&mut guard, block(BAD)).expect_err("ten in a row");
            assert_eq!(error.kind, Kind::Diverged);
            assert!(error.to_string().contains("net"), "{error}");
        }
    }
}
