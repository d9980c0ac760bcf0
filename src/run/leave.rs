//! What a step leaves behind: a checkpoint, a grid, metrics.

use std::time::Instant;

use super::plan::Work;
use super::running::Running;
use super::session::Session;
use crate::error::Result;
use crate::train::Due;

impl Session {
    /// Does what is due at this step. The checkpoint comes first: the rest may take long, fail or be stopped,
    /// and the checkpoint says what of it is still to be done.
    ///
    /// # Errors
    /// `Kind::Stopped` if a face wants to stop; what was not done stays due.
    pub(super) fn leave_behind(&mut self, running: &mut Running) -> Result<()> {
        if running.checkpoint_due || running.due != Due::NOTHING {
            self.catch_up(running)?;
        }
        // Weights whose losses have left their range are no place to go back to.
        if running.checkpoint_due && running.runaway.is_none() {
            let clock = Instant::now();
            let saved = self.save(running);
            self.costs.took(running.trainer.stage(), Work::Checkpoint, clock.elapsed().as_secs_f64());
            // Half-way a full disk is a warning: there may be room again at the next one.
            if running.finished() {
                saved?
            } else {
                self.tolerate(saved)?
            }
            running.checkpoint_due = false;
        }
        if running.due.samples {
            let clock = Instant::now();
            self.sample(running)?;
            self.costs.took(running.trainer.stage(), Work::Grid, clock.elapsed().as_secs_f64());
        }
        if running.due.metrics {
            self.measure(running)?;
        }
        let settled = self.settle(running);
        self.tolerate(settled)
    }
}
