//! The run that is being trained: its curves, folded from the trainer's messages.

use super::marker::Event;
use super::measure::{IMAGES_PER_SEC, Measure};
use super::moment::Moment;
use super::run::Run;
use crate::run::message::{Message, Progress};

/// Where the trainer last was, which its warnings do not say.
#[derive(Default)]
pub struct Live {
    last: Option<Progress>,
}

impl Live {
    pub fn receive(&mut self, run: &mut Run, message: &Message) {
        match message {
            Message::Started { run_dir, .. } => {
                run.name = run_dir.file_name().map_or_else(
                    || run_dir.display().to_string(),
                    |name| name.to_string_lossy().into_owned(),
                );
                run.folder = Some(run_dir.clone());
            }
            Message::Step { at, losses, images_per_sec, .. } => {
                self.last = Some(*at);
                let numbers = losses.iter().map(|(name, value)| (*name, f64::from(*value)));
                for (name, value) in numbers.chain([(IMAGES_PER_SEC, *images_per_sec)]) {
                    run.record(at.stage.name(), Measure::of_step(name), Moment::from(at), value);
                }
            }
            Message::Metric { at, name, value, conditions } => {
                let measure = Measure { name: name.clone(), conditions: conditions.clone() };
                run.record(at.stage.name(), measure, Moment::from(at), *value);
            }
            Message::Checkpoint { at, path } => {
                let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy();
                run.mark(Event::Checkpoint, at.stage.name(), Moment::from(at), format!("checkpoint {name}"));
            }
            Message::Warning(words) => {
                if let Some(at) = self.last {
                    run.mark(Event::Warning, at.stage.name(), Moment::from(&at), words.clone());
                }
            }
            Message::BadSteps(bad) => {
                if let Some(at) = self.last {
                    run.mark(Event::Warning, bad.stage.name(), Moment::from(&at), bad.words());
                }
            }
            Message::Changed(change) => {
                let at = Moment {
                    step: change.step,
                    kimg: change.images as f64 / 1000.0,
                    secs: change.elapsed_secs,
                };
                run.mark(Event::Change, change.stage.name(), at, change.words());
            }
            _ => {}
        }
    }
}
