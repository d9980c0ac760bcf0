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
            Self::Kimg => "Thousands of training images",
            Self::Steps => "Optimiser steps",
            Self::Minutes => "Time spent training, all stages together",
        }
    }

    /// Whether every stage counts from 0: the places of a later one are then moved behind those before it.
    pub fn begins_anew(self) -> bool {
        self != Self::Minutes
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

    /// The same for a moment of `stage`, whose curves begin at place `start`: as the axis counts, and within the
    /// stage.
    pub fn words_from(self, moment: &Moment, stage: &str, start: f64) -> String {
        let within = match self {
            Self::Kimg if start > 0.0 => words::short(moment.kimg),
            Self::Steps if start > 0.0 => words::count(moment.step),
            _ => return self.words(moment),
        };
        let place = Moment { step: moment.step + start as u64, kimg: moment.kimg + start, secs: moment.secs };
        format!("{} ({within} of {stage})", self.words(&place))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_later_stage_tells_both_of_its_places() {
        let at = Moment { step: 200, kimg: 3.2, secs: 90.0 };
        let words = |axis: XAxis, start: f64| axis.words_from(&at, "sign", start);
        assert_eq!(words(XAxis::Kimg, 20.0), "23.2 kimg (3.2 of sign)");
        assert_eq!(words(XAxis::Steps, 1250.0), "step 1 450 (200 of sign)");
        assert_eq!(words(XAxis::Minutes, 0.0), "1 min 30 s");
        assert_eq!(words(XAxis::Kimg, 0.0), "3.2 kimg");
    }
}
