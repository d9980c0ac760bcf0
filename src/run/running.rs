//! A stage in progress: its trainer, where it stands, how fast it goes.

use std::time::Instant;

use crate::error::Result;
use crate::recipe::is_reached;
use crate::train::{At, Due, LossSum, Losses, StageTrainer, Told};

/// How much of the old speed is kept with each step.
const SPEED_SMOOTHING: f64 = 0.95;

/// Losses that have left their range.
#[derive(Clone, Copy, Debug)]
pub(super) struct Runaway {
    /// The first step of which this was seen.
    pub first_step: u64,
    /// Such steps, and steps in a row since that were good.
    pub steps: u64,
    pub good_in_a_row: u64,
}

/// A stage in progress.
pub(super) struct Running {
    pub trainer: Box<dyn StageTrainer>,
    /// After the steps that were made; on a device that queues its work the last of them is not told at once.
    pub at: At,
    /// What is still to be left behind at this step.
    pub due: Due,
    pub checkpoint_due: bool,
    pub stage_kimg: f64,
    pub images_per_sec: f64,
    /// When the stage began in this session, seconds of training, and the images that it had then.
    pub began_secs: f64,
    pub began_images: u64,
    /// What the last step that was told took; 0 before the first.
    pub step_secs: f64,
    /// What steps have taken since then.
    pub untold_secs: f64,
    /// Bad steps of the stage, up to the last that was told.
    pub bad_steps: u64,
    /// Losses since the last line of `stats.jsonl`.
    pub sums: Vec<(String, LossSum)>,
    /// Steps whose losses were out of all range, where that is not long past.
    pub runaway: Option<Runaway>,
}

impl Running {
    /// Where the stage stands after a step that began at `before`.
    pub fn after(&self, before: At) -> At {
        At { step: before.step + 1, images: before.images + self.trainer.batch() as u64 }
    }

    pub fn finished(&self) -> bool {
        self.finished_at(self.at)
    }

    pub fn finished_at(&self, at: At) -> bool {
        is_reached(self.stage_kimg, at.images)
    }

    /// Asks the trainer for a step or for numbers. Whatever the host waits for is time of a step.
    pub fn ask(
        &mut self,
        wish: impl FnOnce(&mut dyn StageTrainer) -> Result<Option<Told>>,
    ) -> Result<Option<Told>> {
        let clock = Instant::now();
        let told = wish(self.trainer.as_mut())?;
        self.untold_secs += clock.elapsed().as_secs_f64();
        Ok(told)
    }

    pub fn observe(&mut self, losses: &Losses, images_per_sec: f64) {
        for (name, value) in losses {
            // A step that was left out has no loss to speak of.
            if !value.is_finite() {
                continue;
            }
            let place = self.sums.iter().position(|(n, _)| n == name).unwrap_or_else(|| {
                self.sums.push(((*name).to_string(), LossSum::default()));
                self.sums.len() - 1
            });
            self.sums[place].1.add(f64::from(*value));
        }
        let keep = if self.images_per_sec == 0.0 { 0.0 } else { SPEED_SMOOTHING };
        self.images_per_sec = self.images_per_sec * keep + images_per_sec * (1.0 - keep);
    }

    /// Images a second by the clock up to `at`, `elapsed_secs` being seconds of training as they are now.
    pub fn images_per_wall_sec(&self, at: At, elapsed_secs: f64) -> f64 {
        let images = at.images.saturating_sub(self.began_images);
        images as f64 / (elapsed_secs - self.began_secs).max(1e-9)
    }

    pub fn take_means(&mut self) -> Vec<(String, f64)> {
        std::mem::take(&mut self.sums).into_iter().map(|(name, sum)| (name, sum.mean())).collect()
    }
}
