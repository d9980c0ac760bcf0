//! Changes a term's weight between two steps. Terms that were off can be switched on: pairs are made when
//! they are first needed, and a fake score that nobody asked begins to learn from where it stands.

use super::SignTrainer;
use super::pairs::Pairs;
use crate::error::Result;
use crate::recipe::{Head, Recipe};
use crate::train::tuning::Tuning;

/// What of a student can be tuned.
pub(super) fn tuning(recipe: &Recipe) -> Tuning {
    // Only a head that reads noise levels can be held to them.
    let reads = recipe.student.sign.head == Head::Sighead;
    Tuning::new(recipe, "student.", |name| name != "student.sign.read" || reads)
}

impl SignTrainer {
    pub(super) fn tuned(&mut self, name: &str, value: f64) -> Result<()> {
        let recipe = self.tuning.tried(name, value)?;
        let student = &recipe.student;
        if student.sign.reg == 0.0 {
            self.pairs = None;
        } else if self.pairs.is_none() {
            // Which pairs there are depends on the seed alone: made now or at the start, they are the same.
            self.pairs = Some(Pairs::new(&recipe, &self.spec, &self.teacher)?);
        }
        self.settings = student.clone();
        self.fake.learning_rate = student.fake_learning_rate;
        self.fake.weight = student.sign.denoise;
        self.tuning.adopt(recipe);
        Ok(())
    }
}
