//! What a step leaves behind: a checkpoint, a grid, metrics.

use super::running::Running;
use super::session::Session;
use crate::error::Result;

impl Session {
    /// Does what is due at this step. The checkpoint comes first: the rest may take long, fail or be stopped,
    /// and the checkpoint says what of it is still to be done.
    ///
    /// # Errors
    /// `Kind::Stopped` if a face wants to stop; what was not done stays due.
    pub(super) fn leave_behind(&mut self, running: &mut Running) -> Result<()> {
        // Weights whose losses have left their range are no place to go back to.
        if running.checkpoint_due && running.runaway.is_none() {
            let saved = self.save(running);
            // Half-way a full disk is a warning: there may be room again at the next one.
            if running.finished() {
                saved?
            } else {
                self.tolerate(saved)?
            }
            running.checkpoint_due = false;
        }
        if running.due.samples {
            self.sample(running)?;
        }
        if running.due.metrics {
            self.measure(running)?;
        }
        let settled = self.settle(running);
        self.tolerate(settled)
    }
}
