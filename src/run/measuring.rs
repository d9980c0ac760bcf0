//! Metrics of a run on its way, and the alarms that they raise.

use std::sync::Arc;
use std::time::Instant;

use super::message::{Message, Stage};
use super::plan::Work;
use super::preparing::Preparing;
use super::running::Running;
use super::session::Session;
use crate::error::{Kind, Result};
use crate::measure::{Measured, Reference, alarms};

/// A measurement.
struct Taken {
    measured: Vec<Measured>,
    /// In a few words, what it was taken on.
    on: Arc<str>,
    began: Instant,
}

impl Session {
    /// Metrics of the averaged weights. A teacher takes many evaluations an image: it is measured once, when
    /// it is finished. What cannot be measured is a warning: training goes on without it.
    ///
    /// # Errors
    /// `Kind::Stopped` if a face wants to stop: then the metrics stay due. A device that is lost.
    pub(super) fn measure(&mut self, running: &mut Running) -> Result<()> {
        let is_early = running.trainer.stage() == Stage::Teacher && !running.finished();
        let measured = if is_early { Ok(None) } else { self.measured(running).map(Some) };
        if measured.as_ref().is_err_and(|error| error.kind == Kind::Stopped) {
            return measured.map(drop);
        }
        running.due.metrics = false;
        let measured = match measured {
            Ok(measured) => measured,
            // The guard of the gradients decides whether training can go on, not a metric.
            Err(error) if error.kind == Kind::Diverged => {
                let text = format!("nothing could be measured: {}", error.what);
                self.say(Message::Warning(text));
                return Ok(());
            }
            Err(error) => return self.tolerate(Err(error)),
        };
        let Some(Taken { measured, on, began }) = measured.filter(|taken| !taken.measured.is_empty()) else {
            return Ok(());
        };
        let at = self.progress(running);
        for m in &measured {
            let total = self.before.step + running.at.step;
            self.record(&at, total, &[(&m.name, m.value)], Some(&m.conditions))?;
            let Measured { name, value, conditions } = m.clone();
            self.say(Message::Metric { at, name, value, conditions, on: on.clone() });
        }
        self.alarm(running, &measured);
        let kept = self.keep_best(running, &measured);
        self.costs.took(at.stage, Work::Metrics, began.elapsed().as_secs_f64());
        self.tolerate(kept)
    }

    fn measured(&mut self, running: &Running) -> Result<Taken> {
        let count = self.recipe.report.metric_samples;
        let mut preparing = Preparing::new(&self.says, &self.hears.interrupt);
        preparing.announce(&format!("measuring {count} samples"), count as u64)?;
        let mut watch = |what: &str, done, total| preparing.tell(what, done, total);
        let reference = match self.reference.take() {
            Some(reference) => reference,
            None => {
                let world = self.recipe.data.world;
                let reference = Reference::of(&self.data, world, self.network.clone(), &mut watch)?;
                reference.remark().into_iter().for_each(|words| self.say(Message::Note(words)));
                reference
            }
        };
        // What is computed of the images is computed once: it is no part of what measuring costs.
        let (generator, began) = (running.trainer.generator()?, Instant::now());
        let measured = reference.measure(&generator, count, &mut watch);
        let on = reference.on(&generator, count);
        self.reference = Some(reference);
        Ok(Taken { measured: measured?, on: on.into(), began })
    }

    /// Says what the numbers are bad signs of, once for each until it has passed. A student's first steps
    /// are no sign: it begins as a blurred teacher.
    fn alarm(&mut self, running: &Running, measured: &[Measured]) {
        // What they advise is about students; a teacher that is finished has nothing left to be changed.
        let is_student = running.trainer.stage() != Stage::Teacher;
        let begun = is_student && running.at.images > (self.recipe.report.metric_every_kimg * 1000.0) as u64;
        let raised = if begun { alarms(measured) } else { Vec::new() };
        for alarm in raised.iter().filter(|alarm| !self.alarmed.contains(alarm)) {
            self.say(Message::Warning(alarm.words().to_string()));
        }
        self.alarmed = raised;
    }
}
