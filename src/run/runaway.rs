//! Losses that leave their range: an alarm, then back to the last good checkpoint and a stop with the reason.

use std::fs;

use super::ending::Saved;
use super::folder::EARLIER;
use super::message::Message;
use super::running::{Runaway, Running};
use super::session::Session;
use crate::error::{Error, Kind, Result};
use crate::plain_file::make_folder;
use crate::train::{self, At, DIVERGED, LARGEST_LOSS, Losses, MOST_RUNAWAY_STEPS};

/// Below what the run has left behind: checkpoints that nobody should go on from.
const DIVERGED_FOLDER: &str = "diverged";

impl Session {
    /// Counts steps whose losses are out of range; some good ones in a row make up for them. The losses of a
    /// step, which led to `at`, are those of the weights before it.
    ///
    /// # Errors
    /// `Kind::Diverged` after too many, or at the end of the stage; then checkpoints that were written since
    /// are put aside.
    pub(super) fn watch_range(&mut self, running: &mut Running, at: At, losses: &Losses) -> Result<()> {
        let (stage, step, finished) = (running.trainer.stage().name(), at.step, running.finished_at(at));
        let found = train::runaway(losses);
        let is_good = found.is_none() && losses.iter().all(|(_, value)| value.is_finite());
        let mut seen = match (running.runaway, found) {
            (None, None) => return Ok(()),
            (seen, _) => seen.unwrap_or(Runaway { first_step: step, steps: 0, good_in_a_row: 0 }),
        };
        seen.steps += u64::from(found.is_some());
        seen.good_in_a_row = if is_good { seen.good_in_a_row + 1 } else { 0 };
        running.runaway = (seen.good_in_a_row < MOST_RUNAWAY_STEPS).then_some(seen);
        if running.runaway.is_none() {
            return Ok(());
        }
        let name = found.map_or("", |(name, _)| name);
        if seen.steps == 1 && found.is_some() {
            self.warn_once(format!(
                "the {stage} diverges: its loss {name} is beyond {LARGEST_LOSS}; after {MOST_RUNAWAY_STEPS} such \
                 steps the run ends, {MOST_RUNAWAY_STEPS} good ones in a row make up for them"
            ));
        }
        // At its end a stage must have come back.
        let is_over = finished && seen.steps > seen.good_in_a_row;
        if seen.steps < MOST_RUNAWAY_STEPS && !is_over {
            if finished {
                running.runaway = None;
            }
            return Ok(());
        }
        self.roll_back(running, seen.first_step)?;
        let what = format!(
            "the {stage} diverges: {} of its last {} steps had losses beyond {LARGEST_LOSS}",
            seen.steps,
            step + 1 - seen.first_step
        );
        Err(Error::new(Kind::Diverged, what).hint(DIVERGED))
    }

    /// Puts the checkpoints of this stage aside whose weights made the losses of `first_step` or came after them.
    fn roll_back(&mut self, running: &Running, first_step: u64) -> Result<()> {
        let earlier = self.folder.path.join(EARLIER);
        let aside = earlier.join(DIVERGED_FOLDER);
        let mut good = None;
        for path in train::checkpoints(&self.folder.checkpoints())? {
            // What is damaged or somebody's copy is nothing to go back to.
            let Ok(manifest) = train::read_named(&path) else { continue };
            if manifest.stage != running.trainer.stage() || manifest.step + 1 < first_step {
                good = Some(Saved { path, manifest });
                break;
            }
            make_folder(&earlier)?;
            make_folder(&aside)?;
            let to = aside.join(path.file_name().unwrap_or_default());
            // One of an earlier try.
            train::remove(&to)?;
            fs::rename(&path, &to).map_err(|e| Error::io(&path, "move aside", &e))?;
            self.say(Message::Warning(format!(
                "a checkpoint of weights that had gone already: {}",
                to.display()
            )));
        }
        self.saved = good;
        Ok(())
    }

    /// Saves, or says why not.
    pub(super) fn save_unless_runaway(&mut self, running: &mut Running) -> Result<()> {
        self.catch_up(running)?;
        if running.runaway.is_none() {
            return self.save(running);
        }
        self.say(Message::Warning(
            "this step is not saved: its losses are out of range; the last good checkpoint stays".into(),
        ));
        Ok(())
    }
}
