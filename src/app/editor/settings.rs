//! What the next edit of a picture is asked for.

use crate::edit::{Advice, Fit, PATCH, STEPS, Way, Wish, first_sigma};

/// Applications of f in direct projection: the second shows how little is left to do.
const DIRECT_STEPS: usize = 2;

#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// As it was picked by hand; none is left to what suits the picture.
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
    /// Side of super-resolution's patches, pixels; none is left to what the picture says.
    pub patch: Option<usize>,
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
            patch: None,
        }
    }
}

impl Settings {
    /// The best that is known for `way`, with this seed and fit.
    pub fn good(&self, way: Way) -> Self {
        Self { way: Some(way), seed: self.seed, fit: self.fit, ..Self::default() }
    }

    /// The way that a picture is edited for which there is `advice`.
    pub fn way_of(&self, advice: &Advice) -> Way {
        self.way.unwrap_or(advice.way)
    }

    /// The first noise level of the constrained ways, for a model of pictures of `side` pixels.
    pub fn first_sigma(&self, side: usize) -> f64 {
        self.first_sigma.unwrap_or_else(|| first_sigma(side))
    }

    /// Side of super-resolution's patches, pixels.
    pub fn patch_of(&self, advice: &Advice) -> usize {
        self.patch.or(advice.patch).unwrap_or(PATCH)
    }

    /// Whether another seed would make another result.
    pub fn draws_noise(&self, advice: &Advice) -> bool {
        self.way_of(advice) != Way::Direct || self.direct_sigma > 0.0
    }

    /// The same in the words of the trainer, for picture `number`.
    pub fn wish(&self, advice: &Advice, number: u32) -> Wish {
        let way = self.way_of(advice);
        let (steps, strength_sigma) = match way {
            Way::Direct => (self.direct_steps, Some(self.direct_sigma)),
            _ => (self.steps, self.first_sigma),
        };
        // The trainer tells a mask from none by itself, at the size that is edited.
        let is_told = self.way.is_some() || !matches!(way, Way::Direct | Way::Inpaint);
        Wish {
            way: is_told.then_some(way),
            steps: Some(steps),
            noise_sigma: advice.noise_sigma.filter(|_| way == Way::Direct),
            strength_sigma,
            patch: (way == Way::SuperResolve).then(|| self.patch_of(advice)),
            fit: self.fit,
            seed: self.seed,
            picture: number,
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
                let ways = if has_mask { vec![Way::Inpaint] } else { Way::ALL.to_vec() };
                for advised in ways.into_iter().filter(|way| has_mask || *way != Way::Inpaint) {
                    let noise_sigma = Some(0.2);
                    let advice = Advice { way: advised, patch: Some(8), noise_sigma };
                    let settings = Settings { way, ..Settings::default() };
                    let met =
                        settings.wish(&advice, 3).settings(has_mask, 32).expect("a wish that can be met");
                    assert_eq!((met.mode.way(), met.picture), (settings.way_of(&advice), 3));
                }
            }
        }
    }

    #[test]
    fn a_tool_forgets_what_was_set_for_another_but_not_the_seed() {
        let odd =
            Settings { steps: 3, first_sigma: Some(1.0), seed: 4, fit: Fit::Tiles, ..Settings::default() };
        let good = odd.good(Way::Inpaint);
        assert_eq!((good.steps, good.first_sigma, good.seed, good.fit), (STEPS, None, 4, Fit::Tiles));
        assert!(
            good.draws_noise(&Advice::blind(true))
                && !odd.good(Way::Direct).draws_noise(&Advice::blind(false))
        );
    }
}
