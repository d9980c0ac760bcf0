//! How long edits may hold up training between two steps.

use std::time::{Duration, Instant};

/// The time between two training steps that is for edits: about as long as a step takes.
pub(super) struct Turn {
    budget: Duration,
    spent: Duration,
    /// What the last piece of work took, and the next is likely to take.
    last: Duration,
    begun: bool,
}

impl Turn {
    pub fn new(budget: Duration) -> Self {
        Self { budget, spent: Duration::ZERO, last: Duration::ZERO, begun: false }
    }

    pub fn spend<T>(&mut self, piece: impl FnOnce() -> T) -> T {
        let clock = Instant::now();
        let done = piece();
        self.count(clock.elapsed());
        done
    }

    fn count(&mut self, took: Duration) {
        self.spent += took;
        self.last = took;
        self.begun = true;
    }

    /// Whether the next piece is left for the next turn. The first never is, so that edits go on.
    pub fn is_over(&self) -> bool {
        self.begun && self.spent + self.last > self.budget
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_turn_has_one_piece_at_least_and_as_many_as_fit() {
        let pieces = |budget: u64, took: u64| {
            let mut turn = Turn::new(Duration::from_millis(budget));
            let mut count = 0;
            while !turn.is_over() {
                turn.count(Duration::from_millis(took));
                count += 1;
            }
            count
        };
        assert_eq!([pieces(0, 7), pieces(100, 300), pieces(100, 51), pieces(100, 30)], [1, 1, 1, 3]);
    }
}
