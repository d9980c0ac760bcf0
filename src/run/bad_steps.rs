//! What is said of steps whose gradients were not finite.

use crate::recipe::{BadGradients, Stage};
use crate::words;

/// The newest such step, and how many there have been.
#[derive(Clone, Debug, PartialEq)]
pub struct BadSteps {
    pub stage: Stage,
    pub step: u64,
    /// In this stage.
    pub count: u64,
    pub treatment: BadGradients,
    /// Whether it is worth a line of a log: the first of a process is, then each that doubles their number. A step that
    /// overflowed for its loss scale alone is no such step: the new scale tells of it.
    pub worth_a_line: bool,
}

impl BadSteps {
    /// What happened, what was done, and what can be done if it goes on.
    pub fn words(&self) -> String {
        let (done, them) = match self.treatment {
            BadGradients::Skip => ("it was left out", "they were left out"),
            BadGradients::Sanitise => (
                "it was taken with NaN as 0 and infinity as ±1e5",
                "they were taken with NaN as 0 and infinity as ±1e5",
            ),
        };
        let step = words::count(self.step);
        let what = match self.count {
            0 | 1 => format!("the gradients of step {step} were not finite: {done}"),
            count => format!(
                "the gradients of {} steps of this stage were not finite: {them} (the newest: step {step})",
                words::count(count)
            ),
        };
        format!("{what}; an occasional one is harmless; if they become frequent, lower the learning rate")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_step_or_many_are_said_with_what_was_done() {
        let bad = BadSteps {
            stage: Stage::Sid,
            step: 7,
            count: 1,
            treatment: BadGradients::Skip,
            worth_a_line: true,
        };
        assert!(bad.words().contains("step 7 were not finite: it was left out"), "{}", bad.words());
        let many = BadSteps { step: 1_234, count: 12, treatment: BadGradients::Sanitise, ..bad };
        assert!(many.words().contains("newest: step 1 234"), "{}", many.words());
        assert!(many.words().contains("12 steps") && many.words().contains("NaN as 0"), "{}", many.words());
    }
}
