//! What goes through the student in one pass: the inputs of all terms, one after another.

use burn::tensor::Tensor;

use crate::diffusion::BlindDenoiser;
use crate::error::Result;
use crate::model::{Condition, Leaves};
use crate::recipe;
use crate::train::labels::{joined, tracked};

/// Inputs in variance-preserving coordinates, the noise level of each, and what the student is told.
pub(super) struct Input {
    pub u: Tensor<4>,
    pub sigmas: Vec<f64>,
    pub condition: Condition,
}

/// Inputs that share a pass.
#[derive(Default)]
pub(super) struct Pass(Vec<Input>);

/// What came out.
pub(super) struct Passed {
    images: Tensor<4>,
    /// First row and number of rows of each input.
    rows: Vec<[usize; 2]>,
    /// The ln sigma that a reading head read off each input, and those that were put in.
    pub readings: Option<(Tensor<1>, Vec<f64>)>,
}

/// The place of an input in its pass.
#[derive(Clone, Copy)]
pub(super) struct Place(usize);

impl Pass {
    pub fn add(&mut self, input: Input) -> Place {
        self.0.push(input);
        Place(self.0.len() - 1)
    }

    /// Sends everything through the student.
    ///
    /// # Errors
    /// `Kind::Usage` where nothing was added: no term wants anything.
    pub fn through(self, plan: &BlindDenoiser, student: &Leaves) -> Result<Passed> {
        if self.0.is_empty() {
            return Err(recipe::no_terms());
        }
        let mut rows = Vec::new();
        let mut first = 0;
        for input in &self.0 {
            let count = input.sigmas.len();
            rows.push([first, count]);
            first += count;
        }
        let conditions: Vec<&Condition> = self.0.iter().map(|input| &input.condition).collect();
        let condition = tracked(&joined(&conditions));
        let targets: Option<Vec<f64>> =
            self.0.iter().flat_map(|input| &input.sigmas).map(|s| plan.head_target(*s)).collect();
        let inputs: Vec<Tensor<4>> = self.0.into_iter().map(|input| input.u).collect();
        let u = Tensor::from_inner(Tensor::cat(inputs, 0));
        let (images, readings) = plan.project_and_read(student, u, &condition);
        Ok(Passed { images, rows, readings: readings.zip(targets) })
    }
}

impl Passed {
    /// The student's images of one input.
    pub fn of(&self, place: Place) -> Tensor<4> {
        let [first, count] = self.rows[place.0];
        self.images.clone().narrow(0, first, count)
    }
}
