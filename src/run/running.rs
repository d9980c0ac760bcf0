//! A stage in progress: its trainer, where it stands, how fast it goes.

use crate::recipe::is_reached;
use crate::train::{At, Due, LossSum, Losses, StageTrainer};

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
    pub at: At,
    /// What is still to be left behind at this step.
    pub due: Due,
    pub checkpoint_due: bool,
    pub stage_kimg: f64,
    pub images_per_sec: f64,
    /// When the stage began in this session, seconds of training, and the images that it had then.
    pub began_secs: f64,
    pub began_images: u64,
    /// What the last step took; 0 before the first.
    pub step_secs: f64,
    /// Losses since the last line of `stats.jsonl`.
    pub sums: Vec<(String, LossSum)>,
    /// Steps whose losses were out of all range, where that is not long past.
    pub runaway: Option<Runaway>,
}

impl Running {
    pub fn finished(&self) -> bool {
        is_reached(self.stage_kimg, self.at.images)
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

    /// Images a second by the clock, `elapsed_secs` being seconds of training as they are now.
    pub fn images_per_wall_sec(&self, elapsed_secs: f64) -> f64 {
        let images = self.at.images.saturating_sub(self.began_images);
        images as f64 / (elapsed_secs - self.began_secs).max(1e-9)
    }

    pub fn take_means(&mut self) -> Vec<(String, f64)> {
        std::mem::take(&mut self.sums).into_iter().map(|(name, sum)| (name, sum.mean())).collect()
    }
}
