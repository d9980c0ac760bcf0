//! Submissions by number. wgpu's own name of one tells its number to nobody, and wgpu wants a number from
//! us: we count for ourselves and keep the names.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Names that are kept. Who waits for an older submission waits for the oldest of these: for no less.
const KEPT: usize = 1024;

/// All submissions to one queue.
#[derive(Debug, Default)]
pub(super) struct Submissions(Mutex<Record>);

#[derive(Debug, Default)]
struct Record {
    /// How many there were, which is the number of the newest: the first is 1.
    made: u64,
    /// This one and those before it were seen done.
    done: u64,
    /// The newest is the last.
    names: VecDeque<wgpu::SubmissionIndex>,
}

/// What a thread is about to wait for.
pub(super) struct Awaited {
    pub number: u64,
    /// wgpu's name of it; none for whatever is newest.
    pub name: Option<wgpu::SubmissionIndex>,
    /// No wait before has seen it done.
    pub pending: bool,
}

impl Submissions {
    fn record(&self) -> MutexGuard<'_, Record> {
        // Each change is whole before anything could panic.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The number of a new one.
    pub fn add(&self, name: wgpu::SubmissionIndex) -> u64 {
        let mut record = self.record();
        if record.names.len() == KEPT {
            record.names.pop_front();
        }
        record.names.push_back(name);
        record.made += 1;
        record.made
    }

    /// What a wait for that number is a wait for; without a number, for the newest.
    pub fn awaited(&self, number: Option<u64>) -> Awaited {
        let record = self.record();
        let name = number.and_then(|number| {
            let oldest = record.made + 1 - record.names.len() as u64;
            record.names.get(number.saturating_sub(oldest) as usize).cloned()
        });
        let number = number.unwrap_or(record.made);
        Awaited { number, name, pending: number > record.done }
    }

    /// A wait for that number has ended.
    pub fn finished(&self, number: u64) {
        let mut record = self.record();
        record.done = record.done.max(number);
    }
}
