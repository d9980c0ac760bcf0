//! What a click on the window's close button means while the trainer works.

/// Whether the window is on its way out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Closing {
    #[default]
    Open,
    /// The trainer was asked to stop; the window waits until it has saved.
    Saving,
}

/// What the window does in this frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Act {
    StayOpen,
    /// Ask the trainer to stop and hold the window open meanwhile.
    StopAndWait,
    /// Nothing keeps the window any more.
    Close,
}

impl Closing {
    /// `requested`: the user closes the window in this frame. `ended`: the trainer said its last word.
    pub fn step(&mut self, requested: bool, ended: bool) -> Act {
        match (*self, requested, ended) {
            (Closing::Open, true, false) => {
                *self = Closing::Saving;
                Act::StopAndWait
            }
            (_, true, _) | (Closing::Saving, false, true) => Act::Close,
            _ => Act::StayOpen,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_close_waits_for_the_trainer() {
        let mut closing = Closing::default();
        assert_eq!(closing.step(false, false), Act::StayOpen);
        assert_eq!(closing.step(true, false), Act::StopAndWait);
        assert_eq!(closing.step(false, false), Act::StayOpen);
        assert_eq!(closing.step(false, true), Act::Close);
    }

    #[test]
    fn the_second_close_does_not_wait() {
        let mut closing = Closing::default();
        closing.step(true, false);
        assert_eq!(closing.step(true, false), Act::Close);
    }

    #[test]
    fn a_finished_run_closes_at_once_and_only_when_asked() {
        let mut closing = Closing::default();
        assert_eq!(closing.step(false, true), Act::StayOpen);
        assert_eq!(closing.step(true, true), Act::Close);
    }
}
