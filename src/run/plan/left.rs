//! What is left of a run, for people.

use serde::Serialize;

use crate::words;

/// What is still to come of a run, and how long it takes with everything: steps, sample grids, measurements,
/// checkpoints and what prepares a stage.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Left {
    /// Which of the run's stages is trained, from 1, and how many there are.
    pub stage: usize,
    pub stages: usize,
    /// Seconds to the end of this stage, and to the run's; NaN where nothing is known yet.
    pub stage_secs: f64,
    pub secs: f64,
    /// Whether some of it was never done in this session: then it is reckoned from what was.
    pub is_about: bool,
}

impl Left {
    /// Of a run that has one stage.
    pub fn alone(secs: f64) -> Self {
        Self { stage: 1, stages: 1, stage_secs: secs, secs, is_about: false }
    }

    /// "stage 1 of 2"; nothing where there is no other.
    pub fn place(&self) -> Option<String> {
        (self.stages > 1).then(|| format!("stage {} of {}", self.stage, self.stages))
    }

    /// "about 12 min 20 s left in all".
    pub fn words(&self) -> String {
        let about = if self.is_about { "about " } else { "" };
        let all = if self.stages > 1 { " in all" } else { "" };
        match self.secs {
            secs if !secs.is_finite() || secs < 0.0 => words::NO_TIME_YET.to_owned(),
            secs if secs < 1.0 => "about done".to_owned(),
            secs => format!("{about}{} left{all}", words::duration(secs)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_says_how_sure_it_is_and_of_what() {
        let left = Left { stage: 1, stages: 2, stage_secs: 300.0, secs: 740.0, is_about: true };
        assert_eq!(left.words(), "about 12 min 20 s left in all");
        assert_eq!(left.place().as_deref(), Some("stage 1 of 2"));
        assert_eq!(Left { is_about: false, ..left }.words(), "12 min 20 s left in all");
        assert_eq!((Left::alone(61.0).words(), Left::alone(61.0).place()), ("1 min 1 s left".into(), None));
        assert_eq!(Left::alone(0.4).words(), "about done");
        assert_eq!(Left { secs: f64::NAN, ..left }.words(), "time left not known yet");
    }
}
