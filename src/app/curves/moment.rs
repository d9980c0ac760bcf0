//! Where a value was measured, and the three ways to lay that out on a horizontal axis.

use crate::app::words;
use crate::run::message::Progress;

/// A moment of a stage.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Moment {
    /// Optimiser steps of the stage.
    pub step: u64,
    /// Thousands of images of the stage.
    pub kimg: f64,
    /// Seconds of training, all stages together.
    pub secs: f64,
}

impl From<&Progress> for Moment {
    fn from(at: &Progress) -> Self {
        Self { step: at.step, kimg: at.kimg, secs: at.elapsed_secs }
    }
}

/// What the horizontal axis counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum XAxis {
    #[default]
    Kimg,
    Steps,
    Minutes,
}

impl XAxis {
    pub const ALL: [Self; 3] = [Self::Kimg, Self::Steps, Self::Minutes];

    pub fn name(self) -> &'static str {
        match self {
            Self::Kimg => "kimg",
            Self::Steps => "steps",
            Self::Minutes => "minutes",
        }
    }

    /// What the axis means, for a hover text.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Kimg => "Thousands of training images, within the stage",
            Self::Steps => "Optimiser steps, within the stage",
            Self::Minutes => "Time spent training, all stages together",
        }
    }

    pub fn of(self, moment: &Moment) -> f64 {
        match self {
            Self::Kimg => moment.kimg,
            Self::Steps => moment.step as f64,
            Self::Minutes => moment.secs / 60.0,
        }
    }

    /// A place on the axis with its unit.
    pub fn words(self, moment: &Moment) -> String {
        match self {
            Self::Kimg => format!("{} kimg", words::short(moment.kimg)),
            Self::Steps => format!("step {}", words::count(moment.step)),
            Self::Minutes => words::duration(moment.secs),
        }
    }
}
