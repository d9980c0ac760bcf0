//! Undo and redo over whole states.

use std::collections::VecDeque;

/// States kept, the present one among them.
const MAX: usize = 64;

/// Memory that the states of one picture may take, bytes; the present one is kept whatever it takes.
const MAX_BYTES: usize = 64 << 20;

/// What takes memory, and may share some of it with the state before.
pub trait Weigh {
    /// Bytes that `before` does not hold as well.
    fn bytes(&self, before: Option<&Self>) -> usize;
}

/// A present state with those before it and those that were undone.
pub struct History<T> {
    /// Oldest first.
    states: VecDeque<T>,
    /// Index of the present one.
    at: usize,
    /// Counts the times that another state became the present one.
    turns: u64,
}

impl<T: Weigh> History<T> {
    pub fn new(present: T) -> Self {
        Self { states: VecDeque::from([present]), at: 0, turns: 0 }
    }

    pub fn present(&self) -> &T {
        &self.states[self.at]
    }

    /// Makes `state` the present one; what was undone before is dropped.
    pub fn push(&mut self, state: T) {
        self.states.truncate(self.at + 1);
        self.states.push_back(state);
        self.at = self.states.len() - 1;
        self.turns += 1;
        self.shed();
    }

    /// Changes the present state without making a new one.
    pub fn amend(&mut self, change: impl FnOnce(&mut T)) {
        change(&mut self.states[self.at]);
        self.shed();
    }

    /// The same of every state.
    pub fn amend_all(&mut self, change: impl FnMut(&mut T)) {
        self.states.iter_mut().for_each(change);
        self.shed();
    }

    /// Another number each time that another state becomes the present one.
    pub fn turns(&self) -> u64 {
        self.turns
    }

    /// Lets the oldest states go where there are too many or they take too much, then what was undone.
    fn shed(&mut self) {
        let too_much = |history: &Self| history.states.len() > MAX || history.bytes() > MAX_BYTES;
        while self.at > 0 && too_much(self) {
            self.states.pop_front();
            self.at -= 1;
        }
        while self.states.len() > self.at + 1 && too_much(self) {
            self.states.pop_back();
        }
    }

    /// Memory that all states take together.
    fn bytes(&self) -> usize {
        let before = std::iter::once(None).chain(self.states.iter().map(Some));
        self.states.iter().zip(before).map(|(state, before)| state.bytes(before)).sum()
    }

    /// Goes back by one state; false at the oldest.
    pub fn undo(&mut self) -> bool {
        let can = self.can_undo();
        self.at -= usize::from(can);
        self.turns += u64::from(can);
        can
    }

    /// Goes forth by one state; false at the newest.
    pub fn redo(&mut self) -> bool {
        let can = self.can_redo();
        self.at += usize::from(can);
        self.turns += u64::from(can);
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

    impl Weigh for char {
        fn bytes(&self, _before: Option<&Self>) -> usize {
            0
        }
    }

    /// A state's number, and what it takes, MiB.
    #[derive(Clone, Copy, Debug, PartialEq)]
    struct Heavy(usize, usize);

    impl Weigh for Heavy {
        /// States of one size share it.
        fn bytes(&self, before: Option<&Self>) -> usize {
            if before.is_some_and(|before| before.1 == self.1) { 0 } else { self.1 << 20 }
        }
    }

    fn undone<T: Weigh>(history: &mut History<T>) -> usize {
        std::iter::from_fn(|| history.undo().then_some(())).count()
    }

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
    fn a_state_that_is_amended_is_no_new_one() {
        let mut history = History::new('a');
        history.push('b');
        let turns = history.turns();
        history.amend(|state| *state = 'c');
        assert_eq!((*history.present(), history.turns()), ('c', turns));
        assert!(history.undo() && *history.present() == 'a' && history.turns() != turns);
        history.amend_all(|state| *state = 'd');
        assert!(history.redo() && *history.present() == 'd');
        // One that has grown pushes others out, on either side of it.
        let mut history = History::new(Heavy(0, 1));
        history.push(Heavy(1, 2));
        history.push(Heavy(2, 3));
        history.undo();
        history.amend(|state| state.1 = 63);
        assert!(!history.undo() && !history.redo() && history.present().0 == 1);
    }

    #[test]
    fn the_oldest_states_leave() {
        let mut history = History::new(Heavy(0, 0));
        (1..=100).for_each(|state| history.push(Heavy(state, 0)));
        assert_eq!((undone(&mut history), history.present().0), (MAX - 1, 100 - (MAX - 1)));
    }

    #[test]
    fn what_takes_much_memory_leaves_sooner() {
        let mut history = History::new(Heavy(0, 10));
        for (number, mib) in [(1, 20), (2, 30), (3, 14)] {
            history.push(Heavy(number, mib));
        }
        assert_eq!((undone(&mut history), history.present().0), (2, 1), "74 MiB are too many, 64 are not");
        // A state that shares what the oldest held has to answer for it once that is gone.
        let mut history = History::new(Heavy(0, 40));
        history.push(Heavy(1, 40));
        history.push(Heavy(2, 25));
        assert_eq!((undone(&mut history), history.present().0), (0, 2));
        history.push(Heavy(3, 100));
        assert_eq!((undone(&mut history), history.present().0), (0, 3), "the present one stays");
    }
}
