//! What the next edit is asked for.

use crate::edit::{Fit, PATCH, STEPS, Way, Wish, first_sigma};

/// Applications of f in direct projection: the second shows how little is left to do.
const DIRECT_STEPS: usize = 2;

#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// None: inpainting where something is marked, direct projection elsewhere.
    pub way: Option<Way>,
    pub direct_steps: usize,
    /// Noise level added before direct projection, [-1, 1] units.
    pub direct_sigma: f64,
    /// Of the constrained ways.
    pub steps: usize,
    /// First noise level of the constrained ways; none is left to the model's size.
    pub first_sigma: Option<f64>,
    pub seed: u32,
    pub fit: Fit,
    /// Side of super-resolution's patches, pixels.
    pub patch: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            way: None,
            direct_steps: DIRECT_STEPS,
            direct_sigma: 0.0,
            steps: STEPS,
            first_sigma: None,
            seed: 0,
            fit: Fit::default(),
            patch: PATCH,
        }
    }
}

impl Settings {
    /// The way that a picture is edited, with something of it marked or not.
    pub fn way_of(&self, has_mask: bool) -> Way {
        self.way.unwrap_or(if has_mask { Way::Inpaint } else { Way::Direct })
    }

    /// The first noise level of the constrained ways, for a model of pictures of `side` pixels.
    pub fn first_sigma(&self, side: usize) -> f64 {
        self.first_sigma.unwrap_or_else(|| first_sigma(side))
    }

    /// The same in the words of the trainer.
    pub fn wish(&self, has_mask: bool) -> Wish {
        let way = self.way_of(has_mask);
        let (steps, strength_sigma) = match way {
            Way::Direct => (self.direct_steps, Some(self.direct_sigma)),
            _ => (self.steps, self.first_sigma),
        };
        Wish {
            way: self.way,
            steps: Some(steps),
            strength_sigma,
            patch: (way == Way::SuperResolve).then_some(self.patch),
            fit: self.fit,
            seed: self.seed,
            ..Wish::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whatever is chosen, the trainer finds nothing to refuse in it.
    #[test]
    fn every_choice_is_a_wish_that_can_be_met() {
        for way in [None].into_iter().chain(Way::ALL.map(Some)) {
            for has_mask in [false, true] {
                let settings = Settings { way, ..Settings::default() };
                let met = settings.wish(has_mask).settings(has_mask, 32).expect("a wish that can be met");
                assert_eq!(met.mode.way(), settings.way_of(has_mask));
            }
        }
    }
}
