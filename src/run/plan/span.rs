//! A stretch of a stage that is still to come, and what falls into it.

/// From where a run is, or from a stage's beginning, to its end.
#[derive(Clone, Copy, Debug)]
pub struct Span {
    /// Images of the stage before the last step: what is due at that step is still to be done.
    pub from: u64,
    /// Images after it.
    pub done: u64,
    /// Images at the end.
    pub to: u64,
    /// Images a step.
    pub batch: u64,
    /// Whether the stage ends there by its recipe, and not at a limit that somebody has set.
    pub is_whole: bool,
}

impl Span {
    pub fn steps(&self) -> u64 {
        self.to.saturating_sub(self.done).div_ceil(self.batch.max(1))
    }

    /// How often something comes that is due every so many thousand images, and at the end of a whole stage.
    pub fn times(&self, every_kimg: f64) -> u64 {
        let every = ((every_kimg * 1000.0) as u64).max(1);
        let due = (self.to / every).saturating_sub(self.from / every);
        // The last step may be due by itself.
        let last = self.to.saturating_sub(self.batch).max(self.from);
        let is_apart = self.is_whole && self.to > self.from && self.to / every == last / every;
        // Several that fall into one step are one.
        let steps = self.to.saturating_sub(self.from).div_ceil(self.batch.max(1));
        (due + u64::from(is_apart)).min(steps)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WHOLE: Span = Span { from: 0, done: 0, to: 40_000, batch: 32, is_whole: true };

    #[test]
    fn what_is_due_comes_as_often_as_the_trainer_does_it() {
        assert_eq!([WHOLE.steps(), WHOLE.times(2.0), WHOLE.times(15.0)], [1250, 20, 3]);
        // The step that crosses 2 kimg has been made, and its grid has not.
        let crossing = Span { from: 1984, done: 2016, ..WHOLE };
        assert_eq!((crossing.steps(), crossing.times(2.0)), (1187, 20));
        let after = Span { from: 2016, done: 2048, ..WHOLE };
        assert_eq!((after.steps(), after.times(2.0)), (1186, 19));
        let over = Span { from: 40_000, done: 40_000, ..WHOLE };
        assert_eq!([over.steps(), over.times(2.0), over.times(15.0)], [0, 0, 0]);
        // More often than there are steps.
        assert_eq!(Span { to: 64, ..WHOLE }.times(0.001), 2);
        // A limit cuts the end off.
        assert_eq!(Span { to: 39_000, is_whole: false, ..WHOLE }.times(15.0), 2);
    }

    /// The trainer's own rule, step by step.
    #[test]
    fn every_place_of_a_stage_agrees_with_its_steps() {
        for (batch, every_kimg) in [(32u64, 2.0), (48, 0.1), (7, 0.25), (512, 0.1)] {
            let end = 10_000u64.next_multiple_of(batch);
            let every = ((every_kimg * 1000.0) as u64).max(1);
            let mut to_come = 0;
            for step in (1..=end / batch).rev() {
                let (before, after) = ((step - 1) * batch, step * batch);
                to_come += u64::from(after / every > before / every || after == end);
                let span = Span { from: before, done: after, to: end, batch, is_whole: true };
                assert_eq!(span.times(every_kimg), to_come, "batch {batch}, every {every}, at {after}");
                assert_eq!(span.steps(), end / batch - step);
            }
        }
    }
}
