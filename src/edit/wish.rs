//! What a user asks for, and what that means for one picture.

use std::fmt;
use std::str::FromStr;

use super::direct::{check_level, check_steps};
use super::{Direct, Fit, Mode, STEPS, Settings, Task, first_sigma, sigmas};
use crate::data::Shape;
use crate::diffusion::check_falling;
use crate::error::{Error, Result};
use crate::words::same_word;

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
    /// Level of the noise that the pictures have already, for direct projection, [-1, 1] units.
    pub noise_sigma: Option<f64>,
    /// Noise level added first.
    pub strength_sigma: Option<f64>,
    /// Falling noise levels of the constrained ways, in place of their steps and strength.
    pub sigmas: Option<Vec<f64>>,
    /// Of super-resolution, pixels.
    pub patch: Option<usize>,
    pub fit: Fit,
    pub seed: u32,
    /// The picture's number among those that are edited together: each draws noise of its own.
    pub picture: u32,
    pub class: Option<u32>,
}

impl Wish {
    /// Refuses what no picture can be edited by, with a model of pictures of shape `own`: so that it is told
    /// once, not for every picture. `has_mask` says whether every picture has a mask.
    ///
    /// # Errors
    /// `Kind::Usage` for wishes that do not go together, that the model cannot meet, or out of range.
    pub fn check(&self, has_mask: bool, own: Shape) -> Result<()> {
        let check = |has_mask| match self.settings(has_mask, own.short_side())?.mode {
            // In tiles patches are held against each picture, not against the model's.
            Mode::Constrained { task, .. } if self.fit == Fit::Resize || task == Task::Colourise => {
                task.check(own)
            }
            _ => Ok(()),
        };
        // Without a mask for all, a picture may still bring one of its own: its transparent pixels.
        check(has_mask).or_else(|error| check(true).map_err(|_| error))
    }

    /// The settings for a picture with a mask or without, and a model of pictures of `side` pixels.
    ///
    /// # Errors
    /// `Kind::Usage` for wishes that do not go together or numbers out of range.
    pub fn settings(&self, has_mask: bool, side: usize) -> Result<Settings> {
        let way = self.way.unwrap_or(if has_mask { Way::Inpaint } else { Way::Direct });
        self.steps.map_or(Ok(()), check_steps)?;
        check_level("the strength", self.strength_sigma.unwrap_or(0.0))?;
        if self.sigmas.is_some() && (self.steps.is_some() || self.strength_sigma.is_some()) {
            return Err(Error::usage("a list of noise levels says how many steps and how strong already")
                .hint("give --sigmas alone, or --steps and --strength"));
        }
        if self.patch.is_some() && way != Way::SuperResolve {
            return Err(Error::usage(format!("{way} knows no patches"))
                .hint("leave --patch out, or give --mode super-resolve"));
        }
        if let Some(patch) = self.patch.filter(|patch| *patch < 2) {
            return Err(Error::usage(format!("patches of {patch}×{patch} pixels leave nothing to be found"))
                .hint("give a side of 2 or more"));
        }
        if let Some(noise) = self.noise_sigma.filter(|_| way != Way::Direct) {
            return Err(Error::usage(format!(
                "noise of {noise} in the pictures is known to direct projection only: {way} would put it \
                 back with what it keeps"
            ))
            .hint("leave --noise out, or give --mode direct and no --mask"));
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
            None => {
                let how = Direct {
                    steps: self.steps.unwrap_or(1),
                    noise_sigma: self.noise_sigma.unwrap_or(0.0),
                    strength_sigma: self.strength_sigma.unwrap_or(0.0),
                };
                how.check()?;
                Mode::Direct(how)
            }
            Some(task) => {
                let first = self.strength_sigma.unwrap_or_else(|| first_sigma(side));
                let spaced = || sigmas(self.steps.unwrap_or(STEPS), first);
                let sigmas = self.sigmas.clone().unwrap_or_else(spaced);
                check_falling(&sigmas)?;
                Mode::Constrained { task, sigmas }
            }
        };
        Ok(Settings { mode, fit: self.fit, seed: self.seed, picture: self.picture, class: self.class })
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
        Self::ALL.into_iter().find(|way| same_word(way.name(), name)).ok_or_else(|| {
            Error::usage(format!("there is no mode `{name}`"))
                .hint(format!("choose {}", Self::ALL.map(Self::name).join(", ")))
        })
    }
}

impl Mode {
    /// The way that this is.
    pub fn way(&self) -> Way {
        match self {
            Mode::Direct(_) => Way::Direct,
            Mode::Constrained { task: Task::Inpaint, .. } => Way::Inpaint,
            Mode::Constrained { task: Task::Colourise, .. } => Way::Colourise,
            Mode::Constrained { task: Task::SuperResolve { .. }, .. } => Way::SuperResolve,
        }
    }
}

#[cfg(test)]
mod tests;
