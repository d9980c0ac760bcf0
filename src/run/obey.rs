//! Carries out commands between two training steps.

use std::sync::mpsc::TryRecvError;

use super::answer::answer;
use super::message::{Command, EditRequest, Edited, Message, Stage};
use super::running::Running;
use super::session::Session;
use crate::diffusion::Generator;
use crate::error::Result;

/// What the commands between two steps come to.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Wish {
    GoOn,
    Stop,
}

impl Session {
    /// Carries out what faces have asked for since the last step; while paused, waits for more.
    pub(super) fn obey(&mut self, running: &Running) -> Result<Wish> {
        let mut paused = false;
        loop {
            let command = if paused {
                match self.hears.recv() {
                    Ok(command) => command,
                    Err(_) => return Ok(Wish::Stop),
                }
            } else {
                match self.hears.try_recv() {
                    Ok(command) => command,
                    Err(TryRecvError::Empty | TryRecvError::Disconnected) => return Ok(Wish::GoOn),
                }
            };
            match command {
                Command::Pause if !paused => {
                    paused = true;
                    self.say(Message::Paused);
                }
                Command::Resume if paused => {
                    paused = false;
                    self.say(Message::Resumed);
                }
                Command::Pause | Command::Resume => {}
                Command::SampleNow => self.preview(running)?,
                Command::SampleRaw(wanted) => {
                    self.raw_wanted = wanted;
                    self.sample_raw(running)?;
                }
                Command::ShowTeacher => self.show_teacher(running)?,
                Command::Diagnose => self.diagnose(running)?,
                Command::SaveNow => {
                    let saved = self.save(running);
                    self.tolerate(saved)?;
                }
                Command::Stop => return Ok(Wish::Stop),
                Command::Edit(request) => {
                    let generator = match running.trainer.stage() {
                        Stage::Teacher => None,
                        _ => Some(running.trainer.generator()?),
                    };
                    self.say(Message::Edited(self.project(running, request, generator.as_ref())));
                }
            }
        }
    }

    fn project(&self, running: &Running, request: EditRequest, generator: Option<&Generator>) -> Edited {
        let label =
            format!("{} at {:.1} kimg", running.trainer.stage().name(), running.at.images as f64 / 1000.0);
        answer(request, generator, &label)
    }
}
