//! Undo and redo over whole states.

use std::collections::VecDeque;

/// States kept, the present one among them.
const MAX: usize = 64;

/// A present state with those before it and those that were undone.
pub struct History<T: Clone> {
    /// Oldest first.
    states: VecDeque<T>,
    /// Index of the present one.
    at: usize,
}

impl<T: Clone> History<T> {
    pub fn new(present: T) -> Self {
        Self { states: VecDeque::from([present]), at: 0 }
    }

    pub fn present(&self) -> &T {
        &self.states[self.at]
    }

    /// Makes `state` the present one; what was undone before is dropped.
    pub fn push(&mut self, state: T) {
        self.states.truncate(self.at + 1);
        self.states.push_back(state);
        if self.states.len() > MAX {
            self.states.pop_front();
        }
        self.at = self.states.len() - 1;
    }

    /// Goes back by one state; false at the oldest.
    pub fn undo(&mut self) -> bool {
        let can = self.can_undo();
        self.at -= usize::from(can);
        can
    }

    /// Goes forth by one state; false at the newest.
    pub fn redo(&mut self) -> bool {
        let can = self.can_redo();
        self.at += usize::from(can);
        can
    }

    pub fn can_undo(&self) -> bool {
        self.at > 0
    }

    pub fn can_redo(&self) -> bool {
        self.at + 1 < self.states.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_come_back_in_order() {
        let mut history = History::new('a');
        assert!(!history.can_undo() && !history.can_redo() && !history.undo() && !history.redo());
        history.push('b');
        history.push('c');
        assert!(history.undo() && history.undo() && !history.undo());
        assert_eq!(*history.present(), 'a');
        assert!(history.redo() && history.can_redo());
        assert_eq!(*history.present(), 'b');
    }

    #[test]
    fn a_push_drops_what_was_undone() {
        let mut history = History::new('a');
        history.push('b');
        history.undo();
        history.push('c');
        assert!(!history.redo() && *history.present() == 'c');
        assert!(history.undo() && *history.present() == 'a');
    }

    #[test]
    fn the_oldest_states_leave() {
        let mut history = History::new(0);
        (1..=100).for_each(|state| history.push(state));
        let mut undone = 0;
        while history.undo() {
            undone += 1;
        }
        assert_eq!((undone, *history.present()), (MAX - 1, 100 - (MAX - 1)));
    }
}
