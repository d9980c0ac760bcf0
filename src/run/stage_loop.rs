//! The loop of one stage: a step, then whatever is due.

use super::message::Ending;
use super::obey::Wish;
use super::preparing::unless_stopped;
use super::running::Running;
use super::session::Session;
use crate::error::Result;
use crate::train::Due;

impl Session {
    pub(super) fn run_stage(&mut self, running: &mut Running) -> Result<Ending> {
        if self.teacher_wanted {
            unless_stopped(self.show_teacher(running))?;
        }
        loop {
            let is_stopped = unless_stopped(self.leave_behind(running))?.is_none();
            // Also at its end: it may be made longer there.
            let wish = self.obey(running)?;
            if running.finished() && !is_stopped && (wish == Wish::GoOn || self.is_last(running)) {
                return Ok(Ending::Finished);
            }
            let ending = if wish == Wish::Stop {
                Some(Ending::Stopped)
            } else if self.limit_reached(running) {
                Some(Ending::Limit)
            } else {
                is_stopped.then_some(Ending::Stopped)
            };
            if let Some(ending) = ending {
                self.save_unless_runaway(running)?;
                return Ok(ending);
            }
            self.step(running)?;
        }
    }

    fn is_last(&self, running: &Running) -> bool {
        self.recipe.stages().last().is_some_and(|(stage, _)| *stage == running.trainer.stage())
    }

    /// Makes a step and sees what is due. Its numbers are told now, or with the next step's.
    fn step(&mut self, running: &mut Running) -> Result<()> {
        let before = running.at;
        self.rehearsal.make(self.before.step + before.step, &self.device)?;
        let told = running.ask(|trainer| trainer.step(before, &self.loader))?;
        let at = running.after(before);
        running.at = at;
        self.reached = self.before.step + at.step;
        let images = |kimg: f64| ((kimg * 1000.0) as u64).max(1);
        let crossed = |kimg: f64| at.images / images(kimg) > before.images / images(kimg);
        let (report, finished) = (&self.recipe.report, running.finished());
        running.due = Due {
            samples: crossed(report.sample_every_kimg) || finished,
            metrics: crossed(report.metric_every_kimg) || finished,
        };
        running.checkpoint_due = crossed(report.checkpoint_every_kimg) || finished;
        told.map_or(Ok(()), |told| self.tell(running, told))
    }
}
