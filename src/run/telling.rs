//! What is said and kept of a step once its numbers are there: on a device that queues its work, when the next step is
//! queued, or when somebody wants the books complete.

use std::time::Instant;

use super::message::{BadSteps, Message, Rescaling};
use super::plan::Work;
use super::resumed::STATS_EVERY;
use super::running::Running;
use super::session::Session;
use super::stats::{SPEED, WALL_SPEED};
use crate::error::Result;
use crate::train::{At, Rescaled, Told};

impl Session {
    /// Waits for the step that is not told yet, and tells it. To be called before anything that is not a step: a
    /// checkpoint, a grid or a measurement, a command, an end.
    ///
    /// # Errors
    /// As [`tell`](Self::tell).
    pub(super) fn catch_up(&mut self, running: &mut Running) -> Result<()> {
        let told = running.ask(|trainer| trainer.settle())?;
        told.map_or(Ok(()), |told| self.tell(running, told))
    }

    /// Says what a step came to, counts what was bad in it, and adds it to the run's numbers.
    ///
    /// # Errors
    /// `Kind::Diverged` for losses that have left their range too often. A step that was queued since is no part of
    /// the run then: nothing of it was kept.
    pub(super) fn tell(&mut self, running: &mut Running, told: Told) -> Result<()> {
        let (clock, secs) = (Instant::now(), std::mem::take(&mut running.untold_secs));
        let Told { at: before, losses, rescaled } = told;
        let (at, stage) = (running.after(before), running.trainer.stage());
        self.tell_bad(running, at, &rescaled);
        self.tell_rescaled(running, at, rescaled);
        running.step_secs = secs;
        running.observe(&losses, (at.images - before.images) as f64 / secs.max(1e-9));
        let runaway = self.watch_range(running, at, &losses);
        let (progress, left) = (self.progress_at(running, at), self.left(running, before, at));
        let images_per_sec = running.images_per_sec;
        self.say(Message::Step { at: progress, losses, images_per_sec, left });
        runaway?;
        if at.images / STATS_EVERY > before.images / STATS_EVERY || running.finished_at(at) {
            self.stats.left_secs = left.secs;
            self.record_losses(running, at)?;
        }
        self.costs.took(stage, Work::Step, secs + clock.elapsed().as_secs_f64());
        Ok(())
    }

    /// Says so if the step before `at` had gradients that were not finite. Those of networks that are `rescaled` for it
    /// are no reason to worry.
    fn tell_bad(&mut self, running: &mut Running, at: At, rescaled: &[Rescaled]) {
        let count = running.trainer.bad_steps();
        let new = count.saturating_sub(running.bad_steps);
        if new == 0 {
            return;
        }
        running.bad_steps = count;
        let overflows = rescaled.iter().filter(|one| one.overflowed).count() as u64;
        let is_trouble = new > overflows;
        self.bad_steps += u64::from(is_trouble);
        self.say(Message::BadSteps(BadSteps {
            stage: running.trainer.stage(),
            step: at.step,
            count,
            treatment: self.recipe.optimiser.bad_gradients,
            worth_a_line: is_trouble && self.bad_steps.is_power_of_two(),
        }));
    }

    /// Says what the step before `at` has told of the scales of losses.
    fn tell_rescaled(&mut self, running: &Running, at: At, rescaled: Vec<Rescaled>) {
        for Rescaled { network, scale, overflowed } in rescaled {
            self.rescalings += 1;
            self.say(Message::Rescaled(Rescaling {
                stage: running.trainer.stage(),
                step: at.step,
                network,
                scale,
                overflowed,
                worth_a_line: self.rescalings.is_power_of_two(),
            }));
        }
    }

    /// A line of the means since the line before, and of the speed.
    fn record_losses(&mut self, running: &mut Running, at: At) -> Result<()> {
        let (numbers, progress) = (running.take_means(), self.progress_at(running, at));
        let mut row: Vec<(&str, f64)> = numbers.iter().map(|(n, v)| (n.as_str(), *v)).collect();
        row.push((SPEED, running.images_per_sec));
        row.push((WALL_SPEED, running.images_per_wall_sec(at, progress.elapsed_secs)));
        self.record(&progress, self.before.step + at.step, &row, None)
    }
}

#[cfg(test)]
mod tests;
