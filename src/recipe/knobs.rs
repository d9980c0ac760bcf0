//! The numbers of a recipe that may change while a run goes on. None of them decides which networks or
//! optimisers there are: any of them can have another value from one step to the next.

use super::Recipe;

/// A number of the recipe.
#[derive(Clone, Copy, Debug)]
pub struct Knob {
    /// As the TOML file calls it.
    pub name: &'static str,
    pub smallest: f64,
    /// Beyond it a typo is likelier than a plan.
    pub largest: f64,
    pub what_it_does: &'static str,
    of: fn(&mut Recipe) -> &mut f64,
}

/// An Adam step of more than its weights' size.
const LARGEST_RATE: f64 = 1.0;
/// `check` wants rates above 0.
const SMALLEST_RATE: f64 = 1e-12;
const LARGEST_WEIGHT: f64 = 1e4;
const LARGEST_ALPHA: f64 = 100.0;

const fn rate(name: &'static str, what_it_does: &'static str, of: fn(&mut Recipe) -> &mut f64) -> Knob {
    Knob { name, smallest: SMALLEST_RATE, largest: LARGEST_RATE, what_it_does, of }
}

const fn weight(name: &'static str, what_it_does: &'static str, of: fn(&mut Recipe) -> &mut f64) -> Knob {
    Knob { name, smallest: 0.0, largest: LARGEST_WEIGHT, what_it_does, of }
}

pub const TEACHER_RATE: Knob =
    rate("teacher.learning_rate", "the teacher's learning rate; warm-up and fall go on as they were", |r| {
        &mut r.teacher.learning_rate
    });

pub const STUDENT_RATE: Knob =
    rate("student.learning_rate", "the generator's learning rate; its fall goes on as it was", |r| {
        &mut r.student.learning_rate
    });

pub const FAKE_RATE: Knob = rate("student.fake_learning_rate", "the fake score's learning rate", |r| {
    &mut r.student.fake_learning_rate
});

pub const ALPHA: Knob = Knob {
    name: "student.sid.alpha",
    smallest: -LARGEST_ALPHA,
    largest: LARGEST_ALPHA,
    what_it_does: "how far SiD's loss corrects itself by the two scores' difference",
    of: |r| &mut r.student.sid.alpha,
};

/// The weights of SIGN's terms.
pub const SIGN_WEIGHTS: [Knob; 8] = [
    weight("student.sign.rec", "weight of f(x) = x on data", |r| &mut r.student.sign.rec),
    weight("student.sign.idem", "weight of f(f(z)) = f(z), ramped up as before", |r| {
        &mut r.student.sign.idem
    }),
    weight("student.sign.flow", "weight of one image for a whole trajectory", |r| &mut r.student.sign.flow),
    weight("student.sign.dmd", "weight of distribution matching; it needs a fake score that learns", |r| {
        &mut r.student.sign.dmd
    }),
    weight("student.sign.sid", "weight of SiD's loss; it needs a fake score that learns", |r| {
        &mut r.student.sign.sid
    }),
    weight("student.sign.reg", "weight of noise and what the teacher's sampler makes of it", |r| {
        &mut r.student.sign.reg
    }),
    weight("student.sign.denoise", "weight of the fake score's own loss", |r| &mut r.student.sign.denoise),
    weight("student.sign.read", "weight of a reading head's known noise levels", |r| {
        &mut r.student.sign.read
    }),
];

impl Knob {
    /// Its value in `recipe`.
    pub fn get(&self, recipe: &Recipe) -> f64 {
        // One function says where a number is, for reading and writing: cheaper than two that may differ.
        *(self.of)(&mut recipe.clone())
    }

    pub fn set(&self, recipe: &mut Recipe, value: f64) {
        *(self.of)(recipe) = value;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recipe::{preset, to_toml};

    /// Every knob turns the number that bears its name, and no other.
    #[test]
    fn knobs_are_called_what_the_recipe_calls_them() {
        let knobs = SIGN_WEIGHTS.into_iter().chain([TEACHER_RATE, STUDENT_RATE, FAKE_RATE, ALPHA]);
        for knob in knobs {
            let mut recipe = preset("demo").expect("a recipe");
            let before = to_toml(&recipe).expect("TOML");
            knob.set(&mut recipe, 0.625);
            assert_eq!(knob.get(&recipe), 0.625);
            let after = to_toml(&recipe).expect("TOML");
            let table: toml::Table = after.parse().expect("TOML");
            let mut place = &toml::Value::Table(table);
            for part in knob.name.split('.') {
                place = &place[part];
            }
            assert_eq!(place.as_float(), Some(0.625), "{}", knob.name);
            let changed = before.lines().zip(after.lines()).filter(|(a, b)| a != b).count();
            assert_eq!(changed, 1, "{}", knob.name);
        }
    }
}
