//! A trainer whose run has ended goes on editing for a face that is still there.

use std::sync::mpsc::{Sender, TryRecvError};

use super::edits::{Edits, Model};
use super::link::Orders;
use super::message::{Command, Message};
use crate::error::Result;

/// What is left of a run once it has ended.
pub(super) struct Stay {
    pub edits: Edits,
    /// The weights that the run ended with.
    pub newest: Result<Model>,
    pub says: Sender<Message>,
    pub hears: Orders,
}

impl Stay {
    /// Edits until the face is gone; commands are heard between two parts of an edit.
    pub fn answer(mut self) {
        loop {
            let heard = if self.edits.is_empty() {
                self.hears.queue.recv().map_err(|_| TryRecvError::Disconnected)
            } else {
                self.hears.queue.try_recv()
            };
            match heard {
                Ok(Command::Edit(request)) => self.edits.ask(request),
                Ok(Command::CancelEdit(ticket)) => self.edits.cancel(ticket),
                Ok(Command::Leave | Command::Stop) | Err(TryRecvError::Disconnected) => return,
                // There is no training left to pause, to save or to look at.
                Ok(Command::Pause | Command::Resume)
                | Ok(Command::SampleNow | Command::SampleRaw(_) | Command::ShowTeacher)
                | Ok(Command::SaveNow | Command::Diagnose | Command::Tune(_)) => {}
                Err(TryRecvError::Empty) => {
                    let message = self.edits.advance(&|| self.newest.clone());
                    if message.is_some_and(|message| self.says.send(message).is_err()) {
                        return;
                    }
                }
            }
        }
    }
}
