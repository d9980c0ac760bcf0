//! What of a stage may change between two steps: the recipe that it began with, and the one that holds now.

use crate::error::{Error, Result};
use crate::recipe::{self, Knob, Recipe};

/// A number that may change between two steps.
#[derive(Clone, Debug, PartialEq)]
pub struct Tunable {
    /// As the recipe calls it: `student.learning_rate`.
    pub name: &'static str,
    pub value: f64,
    /// What the recipe says, with which the run began.
    pub in_recipe: f64,
    pub smallest: f64,
    pub largest: f64,
    pub what_it_does: &'static str,
}

/// The knobs of a stage.
#[derive(Clone, Debug)]
pub struct Tuning {
    began: Recipe,
    present: Recipe,
    knobs: Vec<Knob>,
}

impl Tuning {
    pub fn new(recipe: &Recipe, knobs: Vec<Knob>) -> Self {
        Self { began: recipe.clone(), present: recipe.clone(), knobs }
    }

    pub fn tunables(&self) -> Vec<Tunable> {
        let tunable = |knob: &Knob| {
            let in_recipe = knob.get(&self.began);
            Tunable {
                name: knob.name,
                value: knob.get(&self.present),
                in_recipe,
                // What a run began with it can always go back to.
                smallest: knob.smallest.min(in_recipe),
                largest: knob.largest.max(in_recipe),
                what_it_does: knob.what_it_does,
            }
        };
        self.knobs.iter().map(tunable).collect()
    }

    /// The recipe with one number changed, which holds when it is given to `adopt`.
    ///
    /// # Errors
    /// `Kind::Usage` for a name that is none of the stage's, a value out of range, and a recipe that could
    /// not have begun so.
    pub fn tried(&self, name: &str, value: f64) -> Result<Recipe> {
        let found = self.knobs.iter().zip(self.tunables()).find(|(knob, _)| knob.name == name);
        let Some((knob, tunable)) = found else {
            let names: Vec<_> = self.knobs.iter().map(|knob| knob.name).collect();
            return Err(Error::usage(format!("{name} cannot be changed in this stage of a run"))
                .hint(format!("change one of {}; anything else is a new run", names.join(", "))));
        };
        let mut recipe = self.present.clone();
        knob.set(&mut recipe, value);
        recipe::check(&recipe)?;
        if !(tunable.smallest..=tunable.largest).contains(&value) {
            let wanted = format!("give a number from {} to {}", tunable.smallest, tunable.largest);
            return Err(Error::usage(format!("{name} is {value}")).hint(wanted));
        }
        Ok(recipe)
    }

    pub fn adopt(&mut self, recipe: Recipe) {
        self.present = recipe;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Kind;
    use crate::recipe::{SIGN_WEIGHTS, STUDENT_RATE};

    #[test]
    fn what_a_recipe_may_not_say_cannot_be_tuned_to() {
        let recipe = recipe::preset("demo").expect("a recipe");
        let mut tuning = Tuning::new(&recipe, [&[STUDENT_RATE][..], &SIGN_WEIGHTS].concat());
        for (name, value) in [
            ("student.learning_rate", 0.0),
            ("student.learning_rate", f64::NAN),
            ("student.learning_rate", 2.0),
            ("student.sign.rec", -1.0),
            ("student.sign.rec", f64::INFINITY),
            // The demo's SIGN compares scores.
            ("student.sign.denoise", 0.0),
            ("teacher.learning_rate", 1e-3),
            ("seed", 1.0),
        ] {
            let error = tuning.tried(name, value).expect_err(name);
            assert!(error.kind == Kind::Usage && error.remedy.is_some(), "{name} {value}: {error}");
        }
        tuning.adopt(tuning.tried("student.sign.rec", 0.25).expect("a weight"));
        let all = tuning.tunables();
        let rec = all.iter().find(|t| t.name == "student.sign.rec").expect("rec");
        assert_eq!((rec.value, rec.in_recipe), (0.25, 1.0));
    }

    #[test]
    fn a_run_can_go_back_to_what_it_began_with() {
        let mut recipe = recipe::preset("demo").expect("a recipe");
        recipe.student.learning_rate = 3.0;
        let tuning = Tuning::new(&recipe, vec![STUDENT_RATE]);
        assert!(tuning.tried("student.learning_rate", 3.0).is_ok());
        assert!(tuning.tried("student.learning_rate", 3.1).is_err());
    }
}
