//! The loop of one stage: a step, then whatever is due.

use std::time::Instant;

use super::message::{BadSteps, Ending, Message};
use super::obey::Wish;
use super::plan::Work;
use super::preparing::unless_stopped;
use super::resumed::STATS_EVERY;
use super::running::Running;
use super::session::Session;
use super::stats::{SPEED, WALL_SPEED};
use crate::error::Result;
use crate::train::{At, Due};

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
            let clock = Instant::now();
            self.step(running)?;
            self.costs.took(running.trainer.stage(), Work::Step, clock.elapsed().as_secs_f64());
        }
    }

    fn is_last(&self, running: &Running) -> bool {
        self.recipe.stages().last().is_some_and(|(stage, _)| *stage == running.trainer.stage())
    }

    fn step(&mut self, running: &mut Running) -> Result<()> {
        let (before, clock) = (running.at, Instant::now());
        let bad_steps = running.trainer.bad_steps();
        let losses = running.trainer.step(running.at, &self.loader)?;
        if running.trainer.bad_steps() > bad_steps {
            self.bad_steps += 1;
            self.say(Message::BadSteps(BadSteps {
                stage: running.trainer.stage(),
                step: before.step + 1,
                count: running.trainer.bad_steps(),
                treatment: self.recipe.optimiser.bad_gradients,
                worth_a_line: self.bad_steps.is_power_of_two(),
            }));
        }
        let batch = running.trainer.batch() as u64;
        running.at = At { step: before.step + 1, images: before.images + batch };
        running.step_secs = clock.elapsed().as_secs_f64();
        running.observe(&losses, batch as f64 / running.step_secs.max(1e-9));
        let runaway = self.watch_range(running, &losses);
        let (at, left) = (self.progress(running), self.left(running, before.images));
        self.say(Message::Step { at, losses, images_per_sec: running.images_per_sec, left });
        runaway?;

        let images = |kimg: f64| ((kimg * 1000.0) as u64).max(1);
        let crossed = |every: u64| running.at.images / every > before.images / every;
        let report = &self.recipe.report;
        let (sample, metric, save) = (
            crossed(images(report.sample_every_kimg)),
            crossed(images(report.metric_every_kimg)),
            crossed(images(report.checkpoint_every_kimg)),
        );
        let finished = running.finished();
        if crossed(STATS_EVERY) || finished {
            let numbers = running.take_means();
            let at = self.progress(running);
            let total = self.before.step + running.at.step;
            let mut row: Vec<(&str, f64)> = numbers.iter().map(|(n, v)| (n.as_str(), *v)).collect();
            row.push((SPEED, running.images_per_sec));
            row.push((WALL_SPEED, running.images_per_wall_sec(at.elapsed_secs)));
            self.stats.left_secs = left.secs;
            self.record(&at, total, &row, None)?;
        }
        running.due = Due { samples: sample || finished, metrics: metric || finished };
        running.checkpoint_due = save || finished;
        Ok(())
    }
}
