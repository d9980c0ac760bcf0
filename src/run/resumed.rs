//! The step that a run goes on from, and what of the run's numbers and pictures stays.

use crate::recipe::Stage;
use crate::train::{Due, Manifest};

/// Images between two lines of `stats.jsonl`.
pub const STATS_EVERY: u64 = 256;

/// The step that a run goes on from.
#[derive(Clone, Copy, Debug)]
pub struct Resumed {
    pub stage: Stage,
    /// Steps of the stage.
    pub step: u64,
    /// Steps of all stages.
    pub total_steps: u64,
    /// What of this step will come again.
    pub due: Due,
    /// Whether so many images were trained that there are numbers of them.
    pub has_numbers: bool,
}

/// What a step writes down.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    Losses,
    Metrics,
    Samples,
}

impl Resumed {
    pub fn at(manifest: &Manifest) -> Self {
        let Manifest { stage, step, total_steps, due, images, images_before, .. } = *manifest;
        let has_numbers = images_before > 0 || images >= STATS_EVERY;
        Self { stage, step, total_steps, due, has_numbers }
    }

    /// Whether what was written in `stage` after `total_steps` steps of all stages holds; what does not
    /// will come again.
    pub fn keeps(&self, stage: &str, total_steps: u64, written: Written) -> bool {
        if total_steps != self.total_steps {
            return total_steps < self.total_steps;
        }
        // A stage's first lines have the same number of steps as the last ones of the stage before. One
        // that has not made a step begins once more, and the one before it is finished; one that has
        // made steps keeps its own, and it is the next one that will begin.
        let is_own = stage == self.stage.name();
        let comes_again = match written {
            Written::Losses => false,
            Written::Metrics => self.due.metrics,
            Written::Samples => self.due.samples,
        };
        is_own == (self.step > 0) && !(is_own && comes_again)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_again_is_not_kept() {
        use Written::{Losses, Metrics, Samples};
        let due = Due::NOTHING;
        let end = Resumed { stage: Stage::Teacher, step: 8, total_steps: 8, due, has_numbers: true };
        for written in [Losses, Metrics, Samples] {
            assert!(end.keeps("teacher", 7, written) && end.keeps("teacher", 8, written));
            assert!(!end.keeps("sign", 8, written) && !end.keeps("teacher", 9, written));
            let start = Resumed { stage: Stage::Sign, step: 0, ..end };
            assert!(start.keeps("teacher", 8, written), "the teacher is finished");
            assert!(!start.keeps("sign", 8, written), "the first grid and its metrics come again");
        }
        // Killed before the checkpoint could say that they are there.
        let early = Resumed { due: Due { metrics: true, samples: false }, ..end };
        assert!(early.keeps("teacher", 8, Losses) && early.keeps("teacher", 8, Samples));
        assert!(!early.keeps("teacher", 8, Metrics) && early.keeps("teacher", 7, Metrics));
    }
}
