//! Carries out commands between two training steps.

use std::sync::mpsc::{RecvTimeoutError, TryRecvError};
use std::time::{Duration, Instant};

use super::edits::newest;
use super::makes::Maker;
use super::message::{Command, Message};
use super::preparing::unless_stopped;
use super::running::Running;
use super::session::Session;
use super::turn::Turn;
use crate::error::Result;

/// What the commands between two steps come to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Wish {
    GoOn,
    Stop,
}

impl Session {
    /// Carries out what faces have asked for since the last step, and as much of their edits as there is
    /// time for. While paused, does all edits and waits for more. Commands are heard between two parts of
    /// an edit.
    pub(super) fn obey(&mut self, running: &mut Running) -> Result<Wish> {
        let mut turn = Turn::new(Duration::from_secs_f64(running.step_secs));
        loop {
            let paused = self.paused_since.is_some();
            // A pause is no longer than the time that the run has, whatever is being edited.
            if paused && self.hears.interrupt.is_late() {
                return Ok(Wish::GoOn);
            }
            let is_idle = self.edits.is_empty() && self.makes.is_empty();
            let waits = paused && is_idle;
            let heard = if waits { self.wait_for_order() } else { self.hears.queue.try_recv() };
            let command = match heard {
                Ok(command) => command,
                Err(TryRecvError::Empty) if waits => continue,
                Err(_) if waits => return Ok(Wish::Stop),
                Err(_) if !paused && (is_idle || turn.is_over()) => return Ok(Wish::GoOn),
                Err(_) => {
                    // What is made is read back: that waits for the step anyhow.
                    self.catch_up(running)?;
                    let messages = turn.spend(|| self.advance(running));
                    messages.into_iter().flatten().for_each(|message| self.say(message));
                    continue;
                }
            };
            // Whoever asks is answered after the step that the answer is about.
            self.catch_up(running)?;
            match command {
                Command::Pause if !paused => {
                    self.paused_since = Some(Instant::now());
                    self.say(Message::Paused);
                }
                Command::Resume if paused => {
                    self.paused += self.paused_since.take().map_or(Duration::ZERO, |since| since.elapsed());
                    self.say(Message::Resumed);
                }
                Command::Pause | Command::Resume => {}
                Command::SampleNow => drop(unless_stopped(self.preview(running))?),
                Command::SampleRaw(wanted) => {
                    self.raw_wanted = wanted;
                    unless_stopped(self.sample_raw(running))?;
                }
                Command::ShowTeacher => drop(unless_stopped(self.show_teacher(running))?),
                Command::Diagnose => self.diagnose(running)?,
                Command::Tune(wish) => self.retune(running, &wish)?,
                Command::SaveNow => {
                    let saved = self.save_unless_runaway(running);
                    self.tolerate(saved)?;
                }
                Command::Stop => return Ok(Wish::Stop),
                Command::Edit(request) => self.edits.ask(request),
                Command::CancelEdit(ticket) => self.edits.cancel(ticket),
                Command::Make(request) => self.makes.ask(request),
                Command::CancelMake(ticket) => self.makes.cancel(ticket),
                Command::Leave => self.stays = false,
                // A stage that is not over is made longer by its number in the recipe.
                Command::TrainLonger { .. } => {}
                // Nobody else trains this run.
                Command::StopElsewhere | Command::GoOn => {}
            }
        }
    }

    /// Does a part of an edit and of what is to be made.
    fn advance(&mut self, running: &Running) -> [Option<Message>; 2] {
        let at = self.progress(running);
        let edited = self.edits.advance(&|| newest(running));
        let made = self.makes.advance(&|| Ok(Maker { generator: running.trainer.generator()?, at }));
        [edited, made]
    }

    /// The next command, or nothing when the run's time is up.
    fn wait_for_order(&self) -> Result<Command, TryRecvError> {
        let Some(left) = self.hears.interrupt.time_left() else {
            return self.hears.queue.recv().map_err(|_| TryRecvError::Disconnected);
        };
        self.hears.queue.recv_timeout(left).map_err(|error| match error {
            RecvTimeoutError::Timeout => TryRecvError::Empty,
            RecvTimeoutError::Disconnected => TryRecvError::Disconnected,
        })
    }

    /// Takes the commands up to a stop that has been heard already. Edits and pictures to make are kept for whoever stays for
    /// them; there is no stage that the rest could be about.
    pub(super) fn hear_stop(&mut self) {
        while let Ok(command) = self.hears.queue.try_recv() {
            match command {
                Command::Stop => return,
                Command::Edit(request) => self.edits.ask(request),
                Command::CancelEdit(ticket) => self.edits.cancel(ticket),
                Command::Make(request) => self.makes.ask(request),
                Command::CancelMake(ticket) => self.makes.cancel(ticket),
                Command::Leave => self.stays = false,
                _ => {}
            }
        }
    }
}
