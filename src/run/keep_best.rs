//! The student's checkpoint with the best number is kept beside the newest ones: the last is not always
//! the best.

use super::best::{BEST_FILE, BEST_FOLDER, Best};
use super::message::{Message, Stage};
use super::running::Running;
use super::session::Session;
use crate::error::{Error, Result};
use crate::measure::Measured;
use crate::{train, words};

impl Session {
    /// Keeps a checkpoint of a student whose `report.best` is below all before it.
    pub(super) fn keep_best(&mut self, running: &Running, measured: &[Measured]) -> Result<()> {
        let (wanted, stage) = (&self.recipe.report.best, running.trainer.stage());
        let Some(found) = measured.iter().find(|m| m.name == *wanted) else {
            if running.finished() && !wanted.is_empty() {
                let names: Vec<&str> = measured.iter().map(|m| &*m.name).collect();
                let text = format!(
                    "no best checkpoint is kept: report.best = {wanted:?} is none of {}",
                    names.join(", ")
                );
                self.say(Message::Warning(text));
            }
            return Ok(());
        };
        // Numbers of other conditions do not compare.
        let comparable = |best: &&Best| {
            best.stage == stage && best.metric == *wanted && best.conditions == found.conditions
        };
        let earlier = self.best.as_ref().filter(comparable);
        let better = earlier.is_none_or(|best| found.value < best.value);
        // What a student begins as is no result.
        let begins = running.at.step <= 1;
        if stage == Stage::Teacher || begins || !better || !found.value.is_finite() {
            return Ok(());
        }
        let folder = self.folder.path.join(BEST_FOLDER);
        let path = self.checkpoint_into(running, &folder)?.path;
        let best = Best {
            stage,
            total_steps: self.before.step + running.at.step,
            kimg: running.at.images as f64 / 1000.0,
            metric: wanted.clone(),
            value: found.value,
            conditions: found.conditions.clone(),
            checkpoint: format!("{BEST_FOLDER}/{}", path.file_name().unwrap_or_default().to_string_lossy()),
        };
        let json = serde_json::to_vec_pretty(&best)
            .map_err(|e| Error::usage(format!("the best checkpoint cannot be described: {e}")))?;
        self.folder.write(BEST_FILE, &json)?;
        self.say(Message::Note(format!(
            "best {} so far, {:.5}: {}",
            words::measure(&best.metric),
            best.value,
            path.display()
        )));
        self.best = Some(best);
        train::keep_only(&path)
    }
}
