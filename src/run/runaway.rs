//! Losses that leave their range: an alarm, then back to the last good checkpoint and a stop with the reason.

use super::ending::Saved;
use super::message::Message;
use super::running::Running;
use super::session::Session;
use crate::error::{Error, Kind, Result};
use crate::train::{self, DIVERGED, LARGEST_LOSS, Losses, MOST_RUNAWAY_STEPS};

impl Session {
    /// Counts steps whose losses are out of range. The losses of a step are those of the weights before it.
    ///
    /// # Errors
    /// `Kind::Diverged` after too many in a row, or at the end of the stage; then checkpoints that were
    /// written since are gone.
    pub(super) fn watch_range(&mut self, running: &mut Running, losses: &Losses) -> Result<()> {
        let Some((name, value)) = train::runaway(losses) else {
            if losses.iter().all(|(_, value)| value.is_finite()) {
                running.runaway_steps = 0;
            }
            return Ok(());
        };
        running.runaway_steps += 1;
        let stage = running.trainer.stage().name();
        if running.runaway_steps == 1 {
            self.warn_once(format!(
                "the {stage} diverges: its loss {name} is beyond {LARGEST_LOSS:e}; after {MOST_RUNAWAY_STEPS} such \
                 steps in a row the run ends"
            ));
        }
        if running.runaway_steps < MOST_RUNAWAY_STEPS && !running.finished() {
            return Ok(());
        }
        self.roll_back(running)?;
        let what = format!(
            "the {stage} diverges: its loss {name} was beyond {LARGEST_LOSS:e} for {} steps in a row, and is {value:e}",
            running.runaway_steps
        );
        Err(Error::new(Kind::Diverged, what).hint(DIVERGED))
    }

    /// Removes the checkpoints of this stage that were written when the weights had gone already.
    fn roll_back(&mut self, running: &Running) -> Result<()> {
        let last_good = running.at.step.saturating_sub(running.runaway_steps + 1);
        let mut good = None;
        for path in train::checkpoints(&self.folder.checkpoints())? {
            let Ok(manifest) = train::read_manifest(&path) else { continue };
            if manifest.stage == running.trainer.stage() && manifest.step > last_good {
                train::remove(&path)?;
                continue;
            }
            good = Some(Saved { path, manifest });
            break;
        }
        self.saved = good;
        Ok(())
    }

    /// Saves, or says why not.
    pub(super) fn save_unless_runaway(&mut self, running: &Running) -> Result<()> {
        if running.runaway_steps == 0 {
            return self.save(running);
        }
        self.say(Message::Warning(
            "this step is not saved: its losses are out of range; the last good checkpoint stays".into(),
        ));
        Ok(())
    }
}
