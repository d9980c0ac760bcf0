//! The run that is being trained: its curves, folded from the trainer's messages.

use super::marker::{Event, Marker};
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
    /// Whether the trainer has said where it is.
    pub fn has_begun(&self) -> bool {
        self.last.is_some()
    }

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
            Message::Metric { at, name, value, conditions, .. } => {
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
            // As the log does: of a bad step each step there would be nothing else to see.
            Message::BadSteps(bad) if bad.worth_a_line => {
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
                let (stage, words) = (change.stage.name(), change.words());
                // A run that is trained longer tells of its changes once more.
                let is_there = |m: &Marker| (m.event, m.at, &m.words) == (Event::Change, at, &words);
                if !run.markers.iter().any(is_there) {
                    run.mark(Event::Change, stage, at, words);
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recipe::BadGradients;
    use crate::run::message::{BadSteps, Left, Stage};

    #[test]
    fn bad_steps_are_marked_as_they_double() {
        let (mut live, mut run) = (Live::default(), Run::new("demo".to_owned(), None));
        let at = Progress { stage: Stage::Sid, step: 1, kimg: 1.0, stage_kimg: 9.0, elapsed_secs: 1.0 };
        let step = Message::Step { at, losses: Vec::new(), images_per_sec: 10.0, left: Left::alone(1.0) };
        live.receive(&mut run, &step);
        for count in 1..=9_u64 {
            let bad = BadSteps {
                stage: Stage::Sid,
                step: count,
                count,
                treatment: BadGradients::Skip,
                worth_a_line: count.is_power_of_two(),
            };
            live.receive(&mut run, &Message::BadSteps(bad));
        }
        let warnings = run.markers.iter().filter(|marker| marker.event == Event::Warning);
        assert_eq!(warnings.count(), 4, "of 1, 2, 4 and 8");
    }
}
