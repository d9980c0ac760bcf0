//! What the trainer last said about itself, folded from its messages.

use std::path::PathBuf;

use crate::error::Error;
use crate::recipe;
use crate::run::message::{BadSteps, Command, Departure, Elsewhere, Ending, Left, Message, Progress, Stage};

/// Work that is not training, and how much of it is done.
pub struct Preparing {
    pub what: String,
    pub done: u64,
    pub total: u64,
    pub eta_secs: Option<f64>,
}

/// The run in brief.
#[derive(Default)]
pub struct Status {
    pub run_dir: Option<PathBuf>,
    pub recipe: String,
    pub device: String,
    pub resolution: usize,
    pub resumed_from: Option<PathBuf>,
    pub preparing: Option<Preparing>,
    pub stage: Option<(Stage, usize)>,
    pub at: Option<Progress>,
    pub images_per_sec: f64,
    pub left: Option<Left>,
    pub paused: bool,
    /// What the user asked for and the trainer has not done yet.
    pub asked: Option<Asked>,
    /// The newest warning, until it is dismissed.
    pub warning: Option<String>,
    /// Steps whose gradients were not finite, until they are dismissed.
    pub bad_steps: Option<BadSteps>,
    pub end: Option<End>,
    /// Who trains the run, where that is another process.
    pub elsewhere: Option<Elsewhere>,
    /// Whether a run that has ended is being opened once more, to be trained longer.
    begins_again: bool,
    /// How long the last stage is by the recipe, thousand images.
    pub length_kimg: Option<f64>,
    /// What a finished run is to be trained on to, as the user is setting it.
    pub longer_kimg: f64,
}

/// A command on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    Pause,
    Resume,
    Sample,
    Save,
    Stop,
    /// Of the process that trains a run that is followed.
    StopElsewhere,
    Longer,
}

impl Asked {
    pub fn words(self) -> &'static str {
        match self {
            Asked::Pause => "pausing after this step…",
            Asked::Resume => "going on…",
            Asked::Sample => "sampling after this step…",
            Asked::Save => "saving after this step…",
            Asked::Stop => "stopping: the trainer saves first…",
            Asked::StopElsewhere => "the other process is asked to save and stop…",
            Asked::Longer => "going on with the run…",
        }
    }

    fn of(command: &Command) -> Option<Self> {
        match command {
            Command::Pause => Some(Asked::Pause),
            Command::Resume => Some(Asked::Resume),
            Command::SampleNow => Some(Asked::Sample),
            Command::SaveNow => Some(Asked::Save),
            Command::Stop => Some(Asked::Stop),
            Command::StopElsewhere => Some(Asked::StopElsewhere),
            Command::TrainLonger { .. } | Command::GoOn => Some(Asked::Longer),
            Command::Diagnose
            | Command::SampleRaw(_)
            | Command::ShowTeacher
            | Command::Tune(_)
            | Command::Edit(_)
            | Command::CancelEdit(_)
            | Command::Make(_)
            | Command::CancelMake(_)
            | Command::Leave => None,
        }
    }
}

/// How the run ended.
#[derive(Clone, Debug, PartialEq)]
pub enum End {
    Done(Ending),
    Failed(Error),
    /// The channel closed without a last message.
    Silent,
    /// Another process had the run, and has left it.
    Departed(Departure),
}

impl Status {
    /// Takes note of a command that was sent.
    pub fn sent(&mut self, command: &Command) {
        self.begins_again |= matches!(command, Command::TrainLonger { .. } | Command::GoOn);
        // Nothing outranks a stop: the trainer does nothing after it.
        if self.asked != Some(Asked::Stop) {
            self.asked = Asked::of(command).or(self.asked);
        }
    }

    pub fn receive(&mut self, message: &Message) {
        match message {
            Message::Started { run_dir, recipe, device, resolution, resumed_from } => {
                // A run that is trained longer is at work again.
                self.end = None;
                self.asked = None;
                self.begins_again = false;
                self.elsewhere = None;
                self.paused = false;
                self.run_dir = Some(run_dir.clone());
                self.recipe.clone_from(recipe);
                self.device.clone_from(device);
                self.resolution = *resolution;
                self.resumed_from.clone_from(resumed_from);
            }
            Message::Followed(elsewhere) => self.elsewhere = Some(elsewhere.clone()),
            Message::Departed(departure) => self.finish(End::Departed(departure.clone())),
            Message::Preparing { what, done, total, eta_secs } => {
                let (what, done, total, eta_secs) = (what.clone(), *done, *total, *eta_secs);
                self.preparing = Some(Preparing { what, done, total, eta_secs });
            }
            Message::StageStarted { stage, parameters } => {
                self.preparing = None;
                self.stage = Some((*stage, *parameters));
                self.at = None;
            }
            Message::Step { at, images_per_sec, left, .. } => {
                self.preparing = None;
                self.at = Some(*at);
                self.images_per_sec = *images_per_sec;
                self.left = Some(*left);
            }
            // While paused no step says that the work is done.
            Message::Samples { .. } => {
                self.preparing = None;
                self.done(Asked::Sample);
            }
            Message::TeacherSamples { .. } => self.preparing = None,
            Message::Checkpoint { .. } => self.done(Asked::Save),
            // Once dismissed they come back when there are twice as many.
            Message::BadSteps(bad) if bad.worth_a_line || self.bad_steps.is_some() => {
                self.bad_steps = Some(bad.clone());
            }
            Message::Warning(words) => {
                self.warning = Some(words.clone());
                // A save that failed is answered by a warning, and so is a length that cannot be.
                self.done(Asked::Save);
                self.done(Asked::StopElsewhere);
                if self.asked == Some(Asked::Longer) {
                    (self.asked, self.begins_again) = (None, false);
                }
            }
            Message::Paused => {
                self.paused = true;
                self.done(Asked::Pause);
            }
            Message::Resumed => {
                self.paused = false;
                self.done(Asked::Resume);
            }
            Message::Done { why, run_dir } => {
                self.run_dir = Some(run_dir.clone());
                self.finish(End::Done(*why));
            }
            Message::Failed(error) => self.finish(End::Failed(error.clone())),
            Message::Recipe(toml) => {
                let recipe = recipe::from_toml(toml).ok();
                self.length_kimg = recipe.and_then(|r| r.stages().last().map(|(_, kimg)| *kimg));
                // Half as long again is a first suggestion.
                self.longer_kimg = self.length_kimg.unwrap_or_default() * 1.5;
            }
            Message::Diagnosis(_)
            | Message::Reals(_)
            | Message::Metric { .. }
            | Message::Tunables(_)
            | Message::Changed(_)
            | Message::BadSteps(_)
            | Message::Rescaled(_)
            | Message::Note(_)
            | Message::Editing { .. }
            | Message::Edited(_)
            | Message::Classes(_)
            | Message::Making(_) => {}
        }
    }

    /// The trainer's channel is closed.
    pub fn hung_up(&mut self) {
        if self.end.is_none() {
            self.finish(End::Silent);
        }
    }

    fn finish(&mut self, end: End) {
        self.end = Some(end);
        self.begins_again = false;
        self.asked = None;
        self.preparing = None;
    }

    fn done(&mut self, asked: Asked) {
        if self.asked == Some(asked) {
            self.asked = None;
        }
    }

    /// Whether nothing is going on any more that a closing window would have to wait for.
    pub fn has_ended(&self) -> bool {
        (self.end.is_some() || self.elsewhere.is_some()) && !self.begins_again
    }

    /// Whether the run still takes commands.
    pub fn live(&self) -> bool {
        self.end.is_none() && self.elsewhere.is_none() && self.asked != Some(Asked::Stop)
    }

    /// Whether another process trains the run now.
    pub fn is_followed(&self) -> bool {
        self.end.is_none() && self.elsewhere.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::recipe::BadGradients;

    #[test]
    fn a_request_is_pending_until_it_is_answered() {
        let mut status = Status::default();
        status.sent(&Command::Pause);
        assert_eq!(status.asked, Some(Asked::Pause));
        status.receive(&Message::Paused);
        assert!(status.paused && status.asked.is_none());
        status.sent(&Command::SaveNow);
        status.receive(&Message::Warning("the disk is full".to_owned()));
        assert_eq!(status.asked, None);
        assert_eq!(status.warning.as_deref(), Some("the disk is full"));
    }

    #[test]
    fn a_run_that_begins_again_has_not_ended() {
        let mut status = Status::default();
        status.receive(&Message::Done { why: Ending::Finished, run_dir: PathBuf::from("runs/1") });
        assert!(status.has_ended());
        status.sent(&Command::TrainLonger { kimg: 2.0 });
        // The window is closed at once.
        status.sent(&Command::Stop);
        assert!(!status.has_ended(), "it would not be waited for");
        status.receive(&Message::Failed(Error::usage("stopped")));
        assert!(status.has_ended());
    }

    #[test]
    fn a_run_that_is_followed_keeps_no_window_open_and_takes_no_commands() {
        let mut status = Status::default();
        status.receive(&Message::Followed(Elsewhere { process: Some(7) }));
        assert!(status.is_followed() && status.has_ended() && !status.live());
        status.sent(&Command::StopElsewhere);
        assert_eq!(status.asked, Some(Asked::StopElsewhere));
        status.receive(&Message::Departed(Departure::Ended(Ending::Stopped)));
        assert!(!status.is_followed() && status.asked.is_none());
        assert_eq!(status.end, Some(End::Departed(Departure::Ended(Ending::Stopped))));
        // Gone on with here, it is saved before the window closes.
        status.sent(&Command::GoOn);
        assert!(!status.has_ended());
        status.receive(&Message::Started {
            run_dir: PathBuf::from("runs/1"),
            recipe: "demo".to_owned(),
            device: "none".to_owned(),
            resolution: 16,
            resumed_from: None,
        });
        assert!(status.live() && !status.has_ended() && status.end.is_none());
    }

    #[test]
    fn nothing_outranks_a_stop() {
        let mut status = Status::default();
        status.sent(&Command::Stop);
        status.sent(&Command::SampleNow);
        assert_eq!(status.asked, Some(Asked::Stop));
        assert!(!status.live());
    }

    #[test]
    fn bad_steps_are_one_thing_and_stay_dismissed_until_they_double() {
        let bad = |count: u64| BadSteps {
            stage: Stage::Sid,
            step: count,
            count,
            treatment: BadGradients::Skip,
            worth_a_line: count.is_power_of_two(),
        };
        let mut status = Status::default();
        (1..=3).for_each(|count| status.receive(&Message::BadSteps(bad(count))));
        assert_eq!((&status.bad_steps, &status.warning), (&Some(bad(3)), &None));
        status.bad_steps = None;
        status.receive(&Message::BadSteps(bad(5)));
        assert_eq!(status.bad_steps, None);
        status.receive(&Message::BadSteps(bad(8)));
        assert_eq!(status.bad_steps, Some(bad(8)));
    }

    #[test]
    fn a_trainer_that_hangs_up_has_ended_too() {
        let mut status = Status::default();
        status.hung_up();
        assert_eq!(status.end, Some(End::Silent));
        let mut status = Status::default();
        status.receive(&Message::Done { why: Ending::Finished, run_dir: PathBuf::from("runs/1") });
        status.hung_up();
        assert_eq!(status.end, Some(End::Done(Ending::Finished)));
    }
}
