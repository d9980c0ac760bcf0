//! What of a stage may change between two steps: the recipe that it began with, and the one that holds now.

use crate::error::{Error, Result};
use crate::recipe::{self, Recipe, Setting};

/// A number that may change between two steps.
#[derive(Clone, Debug, PartialEq)]
pub struct Tunable {
    /// As the recipe calls it: `student.learning_rate`.
    pub name: &'static str,
    pub value: f64,
    /// What the recipe says; of a length, what holds.
    pub in_recipe: f64,
    pub smallest: f64,
    pub largest: f64,
    pub what_it_does: &'static str,
}

/// The numbers of a stage that may change.
#[derive(Clone, Debug)]
pub struct Tuning {
    began: Recipe,
    present: Recipe,
    knobs: Vec<Knob>,
}

/// A setting that may change, and within which bounds.
#[derive(Clone, Copy, Debug)]
struct Knob {
    setting: &'static Setting,
    bounds: [f64; 2],
}

impl Tuning {
    /// All settings of `table` (`teacher.`, say) that may change at all and that `is_used` by the stage.
    pub fn new(recipe: &Recipe, table: &str, is_used: impl Fn(&str) -> bool) -> Self {
        let own = recipe::settings().filter(|s| s.name.starts_with(table) && is_used(s.name));
        let knobs = own.filter_map(|setting| Some(Knob { setting, bounds: setting.tunable? })).collect();
        Self { began: recipe.clone(), present: recipe.clone(), knobs }
    }

    pub fn tunables(&self) -> Vec<Tunable> {
        let tunable = |Knob { setting, bounds: [smallest, largest] }: &Knob| {
            let number = |recipe: &Recipe| recipe.number(setting.name).unwrap_or(f64::NAN);
            let in_recipe = number(&self.began);
            Tunable {
                name: setting.name,
                value: number(&self.present),
                in_recipe,
                // What a run began with it can always go back to.
                smallest: smallest.min(in_recipe),
                largest: largest.max(in_recipe),
                what_it_does: setting.help(),
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
        let Some(tunable) = self.tunables().into_iter().find(|tunable| tunable.name == name) else {
            let names: Vec<_> = self.knobs.iter().map(|knob| knob.setting.name).collect();
            return Err(Error::usage(format!("{name} cannot be changed in this stage of a run"))
                .hint(format!("change one of {}; anything else is a new run", names.join(", "))));
        };
        let mut recipe = self.present.clone();
        if let Some(number) = recipe.number_mut(name) {
            *number = value;
        }
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

    #[test]
    fn what_a_recipe_may_not_say_cannot_be_tuned_to() {
        let recipe = recipe::preset("demo").expect("a recipe");
        let mut tuning = Tuning::new(&recipe, "student.", |_| true);
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
        let tuning = Tuning::new(&recipe, "student.", |_| true);
        assert!(tuning.tried("student.learning_rate", 3.0).is_ok());
        assert!(tuning.tried("student.learning_rate", 3.1).is_err());
    }
}
