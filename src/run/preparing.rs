//! How far work is that is not training: a grid, a measurement, a stage's preparation.

use std::sync::mpsc::Sender;
use std::time::{Duration, Instant};

use super::message::Message;
use crate::error::{Kind, Result};
use crate::interrupt::Interrupt;

/// Time between two messages about the same work: what takes less is not worth one.
const EVERY: Duration = Duration::from_millis(200);

/// Tells faces how far such work is and when it will be done, and ends it where a face wants to stop.
pub(super) struct Preparing {
    says: Sender<Message>,
    interrupt: Interrupt,
    what: String,
    began: Instant,
    /// What was done already when the clock began.
    first: u64,
    told: Instant,
}

impl Preparing {
    pub fn new(says: &Sender<Message>, interrupt: &Interrupt) -> Self {
        let (says, interrupt, now) = (says.clone(), interrupt.clone(), Instant::now());
        Self { says, interrupt, what: String::new(), began: now, first: 0, told: now }
    }

    /// Announces work that may be silent for long.
    ///
    /// # Errors
    /// `Kind::Stopped` if a face wants to stop.
    pub fn announce(&mut self, what: &str, total: u64) -> Result<()> {
        self.begin(what, 0);
        self.say(0, total);
        self.interrupt.check()
    }

    /// Tells of `done` of `total`.
    ///
    /// # Errors
    /// `Kind::Stopped` if a face wants to stop.
    pub fn tell(&mut self, what: &str, done: u64, total: u64) -> Result<()> {
        if what != self.what {
            // The first piece of new work is done already: its time was not seen.
            self.begin(what, done);
        }
        if self.told.elapsed() >= EVERY {
            self.say(done, total);
        }
        self.interrupt.check()
    }

    fn begin(&mut self, what: &str, first: u64) {
        what.clone_into(&mut self.what);
        (self.began, self.first) = (Instant::now(), first);
    }

    fn say(&mut self, done: u64, total: u64) {
        self.told = Instant::now();
        let eta_secs = eta_secs(
            self.began.elapsed().as_secs_f64(),
            done - self.first.min(done),
            total - done.min(total),
        );
        // A face that is gone does not stop a run.
        let _ = self.says.send(Message::Preparing { what: self.what.clone(), done, total, eta_secs });
    }
}

/// What is left takes as long as what was done in `secs` did; unknown before anything was.
fn eta_secs(secs: f64, done: u64, left: u64) -> Option<f64> {
    (done > 0).then(|| secs * left as f64 / done as f64)
}

/// What came of work that a face may have ended; None if it did.
pub(super) fn unless_stopped<T>(outcome: Result<T>) -> Result<Option<T>> {
    match outcome {
        Err(error) if error.kind == Kind::Stopped => Ok(None),
        other => other.map(Some),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use super::*;

    #[test]
    fn what_is_left_takes_as_long_as_what_was_done() {
        assert_eq!(
            [eta_secs(3.0, 0, 10), eta_secs(3.0, 6, 10), eta_secs(3.0, 6, 0)],
            [None, Some(5.0), Some(0.0)]
        );
    }

    #[test]
    fn short_work_is_silent_unless_announced_and_a_stop_ends_it() {
        let ((says, heard), interrupt) = (channel(), Interrupt::default());
        let mut preparing = Preparing::new(&says, &interrupt);
        preparing.tell("a grid", 1, 2).expect("nobody wants to stop");
        assert!(heard.try_recv().is_err());
        preparing.announce("a measurement", 7).expect("nobody wants to stop");
        let Ok(Message::Preparing { what, done: 0, total: 7, eta_secs: None }) = heard.try_recv() else {
            panic!("it was announced");
        };
        assert_eq!(what, "a measurement");
        interrupt.raise();
        let stopped = preparing.tell("a measurement", 3, 7).expect_err("somebody wants to stop");
        assert_eq!(stopped.kind, Kind::Stopped);
    }
}
