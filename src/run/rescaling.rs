//! What is said of the factors that losses are multiplied by in mixed precision.

use crate::recipe::Stage;
use crate::train::DOUBLED_AFTER;
use crate::words;

/// A network's new loss scale, and the step that brought it about.
#[derive(Clone, Debug, PartialEq)]
pub struct Rescaling {
    pub stage: Stage,
    pub step: u64,
    /// As checkpoints call it: `fake_score`, say.
    pub network: &'static str,
    /// A power of two; it holds from the next step but one on.
    pub scale: u32,
    /// Whether the step's gradients overflowed, and the step was treated as bad ones are; otherwise many in a row were
    /// finite.
    pub overflowed: bool,
    /// Whether it is worth a line of a log: the first of a process is, then each that doubles their number.
    pub worth_a_line: bool,
}

impl Rescaling {
    /// The new scale, and why it is so.
    pub fn words(&self) -> String {
        let (network, scale) = (self.network.replace('_', " "), words::count(self.scale.into()));
        let why = if self.overflowed {
            format!("step {} overflowed in f16", words::count(self.step))
        } else {
            format!("the last {} steps did not overflow in f16", words::count(DOUBLED_AFTER))
        };
        format!("the loss scale of the {network} is now {scale}: {why}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scale_is_said_with_what_brought_it_about() {
        let lower = Rescaling {
            stage: Stage::Sid,
            step: 1_234,
            network: "generator",
            scale: 512,
            overflowed: true,
            worth_a_line: true,
        };
        let words = lower.words();
        assert_eq!(words, "the loss scale of the generator is now 512: step 1 234 overflowed in f16");
        let higher = Rescaling { network: "fake_score", scale: 2048, overflowed: false, ..lower };
        let words = higher.words();
        assert!(
            words.starts_with("the loss scale of the fake score is now 2 048: the last 2 000 steps"),
            "{words}"
        );
    }
}
