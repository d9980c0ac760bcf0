//! What a user asks for, and what that means for one picture.

use std::fmt;
use std::str::FromStr;

use super::{Fit, MOST_STEPS, Mode, STEPS, Settings, Task, first_sigma, sigmas};
use crate::error::{Error, Result};

/// Side of the patches whose means super-resolution keeps, pixels, if nothing else is asked for.
pub const PATCH: usize = 4;

/// The ways to edit, by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    Direct,
    Inpaint,
    Colourise,
    SuperResolve,
}

/// What was asked for; none is left to the picture and the model.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Wish {
    /// None: inpainting where a mask says what is missing, direct projection elsewhere.
    pub way: Option<Way>,
    /// Applications of f.
    pub steps: Option<usize>,
    /// Noise level added first.
    pub strength_sigma: Option<f32>,
    /// Falling noise levels of the constrained ways, in place of the two above.
    pub sigmas: Option<Vec<f64>>,
    /// Of super-resolution, pixels.
    pub patch: Option<usize>,
    pub fit: Fit,
    pub seed: u32,
    pub class: Option<u32>,
}

impl Wish {
    /// The settings for a picture with a mask or without, and a model of pictures of `side` pixels.
    ///
    /// # Errors
    /// `Kind::Usage` for wishes that do not go together or numbers out of range.
    pub fn settings(&self, has_mask: bool, side: usize) -> Result<Settings> {
        let way = self.way.unwrap_or(if has_mask { Way::Inpaint } else { Way::Direct });
        if let Some(steps) = self.steps.filter(|s| !(1..=MOST_STEPS).contains(s)) {
            return Err(Error::usage(format!("{steps} steps were asked for"))
                .hint(format!("choose between 1 and {MOST_STEPS}")));
        }
        if self.sigmas.is_some() && (self.steps.is_some() || self.strength_sigma.is_some()) {
            return Err(Error::usage("a list of noise levels says how many steps and how strong already")
                .hint("give --sigmas alone, or --steps and --strength"));
        }
        if self.patch.is_some() && way != Way::SuperResolve {
            return Err(Error::usage(format!("{way} knows no patches"))
                .hint("leave --patch out, or give --mode super-resolve"));
        }
        let task = match way {
            Way::Direct if self.sigmas.is_some() => {
                return Err(Error::usage("direct projection adds noise once, not at falling levels")
                    .hint("give --strength, or a --mode that is constrained, or a --mask"));
            }
            Way::Direct => None,
            Way::Inpaint => Some(Task::Inpaint),
            Way::Colourise => Some(Task::Colourise),
            Way::SuperResolve => Some(Task::SuperResolve { patch: self.patch.unwrap_or(PATCH) }),
        };
        let mode = match task {
            None => Mode::Direct {
                steps: self.steps.unwrap_or(1),
                strength_sigma: self.strength_sigma.unwrap_or(0.0),
            },
            Some(task) => {
                let first = self.strength_sigma.map_or_else(|| first_sigma(side), f64::from);
                let spaced = || sigmas(self.steps.unwrap_or(STEPS), first);
                Mode::Constrained { task, sigmas: self.sigmas.clone().unwrap_or_else(spaced) }
            }
        };
        Ok(Settings { mode, fit: self.fit, seed: self.seed, class: self.class })
    }
}

impl Way {
    pub const ALL: [Self; 4] = [Self::Direct, Self::Inpaint, Self::Colourise, Self::SuperResolve];

    fn name(self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::Inpaint => "inpaint",
            Self::Colourise => "colourise",
            Self::SuperResolve => "super-resolve",
        }
    }
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Way {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        Self::ALL.into_iter().find(|way| way.name() == name).ok_or_else(|| {
            Error::usage(format!("there is no mode `{name}`"))
                .hint(format!("choose {}", Self::ALL.map(Self::name).join(", ")))
        })
    }
}

impl Mode {
    /// The way that this is.
    pub fn way(&self) -> Way {
        match self {
            Mode::Direct { .. } => Way::Direct,
            Mode::Constrained { task: Task::Inpaint, .. } => Way::Inpaint,
            Mode::Constrained { task: Task::Colourise, .. } => Way::Colourise,
            Mode::Constrained { task: Task::SuperResolve { .. }, .. } => Way::SuperResolve,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mask_chooses_the_constrained_loop() {
        let wish = Wish::default();
        let direct = wish.settings(false, 32).expect("no wish").mode;
        assert_eq!(direct, Mode::Direct { steps: 1, strength_sigma: 0.0 });
        let Mode::Constrained { task: Task::Inpaint, sigmas } =
            wish.settings(true, 32).expect("no wish").mode
        else {
            panic!("a mask is not filled in by direct projection");
        };
        assert_eq!((sigmas.len(), sigmas[0]), (STEPS, first_sigma(32)));
        let forced = Wish { way: Some(Way::Direct), ..Wish::default() };
        assert_eq!(forced.settings(true, 32).expect("a way").mode.way(), Way::Direct);
    }

    #[test]
    fn every_name_is_read_back_and_leads_to_its_way() {
        for way in Way::ALL {
            assert_eq!(way.to_string().parse(), Ok(way));
            let wish = Wish { way: Some(way), steps: Some(3), ..Wish::default() };
            assert_eq!(wish.settings(true, 32).expect("a way").mode.way(), way);
        }
        assert!("Direct".parse::<Way>().expect_err("capitals").remedy.is_some());
    }

    #[test]
    fn wishes_that_do_not_go_together_are_refused_with_a_remedy() {
        let sigmas = Some(vec![1.0, 0.5]);
        for wish in [
            Wish { steps: Some(0), ..Wish::default() },
            Wish { steps: Some(65), way: Some(Way::Inpaint), ..Wish::default() },
            Wish { sigmas: sigmas.clone(), ..Wish::default() },
            Wish { sigmas, steps: Some(2), way: Some(Way::Colourise), ..Wish::default() },
            Wish { patch: Some(4), ..Wish::default() },
        ] {
            assert!(wish.settings(false, 32).expect_err("refused").remedy.is_some(), "{wish:?}");
        }
    }
}
