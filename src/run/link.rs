//! The two channels between a trainer and its faces.

use std::sync::mpsc::{self, Receiver, Sender};

use super::message::{Command, Message};
use crate::interrupt::Interrupt;

/// What a face holds of a run: the trainer's messages, and the channel its commands go into.
#[derive(Debug)]
pub struct Link {
    pub messages: Receiver<Message>,
    pub commands: Commands,
}

/// Where faces put their commands. They are heard between two training steps, a stop also in the middle of
/// other work.
#[derive(Clone, Debug)]
pub struct Commands {
    queue: Sender<Command>,
    interrupt: Interrupt,
}

/// The trainer has ended: nobody hears commands any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gone;

impl Commands {
    /// # Errors
    /// [`Gone`].
    pub fn send(&self, command: Command) -> Result<(), Gone> {
        let stops = matches!(command, Command::Stop);
        self.queue.send(command).map_err(|_| Gone)?;
        // Now it is in the queue, where work that is given up goes to look for it.
        if stops {
            self.interrupt.raise();
        }
        Ok(())
    }
}

/// For whoever stands in for a trainer.
impl From<Sender<Command>> for Commands {
    fn from(queue: Sender<Command>) -> Self {
        Self { queue, interrupt: Interrupt::default() }
    }
}

/// The trainer's end of [`Commands`].
#[derive(Debug)]
pub(super) struct Orders {
    pub queue: Receiver<Command>,
    pub interrupt: Interrupt,
}

pub(super) fn commands() -> (Commands, Orders) {
    let ((sender, queue), interrupt) = (mpsc::channel(), Interrupt::default());
    (Commands { queue: sender, interrupt: interrupt.clone() }, Orders { queue, interrupt })
}
