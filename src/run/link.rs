//! The two channels between a trainer and its faces.

use std::rc::Rc;
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, PoisonError};

use super::message::{Command, Ending, Message};
use crate::error::Error;
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
    last_word: LastWord,
}

/// How the run ended, once everything of it has been said and written.
#[derive(Clone, Debug, Default)]
pub(super) struct LastWord(Arc<Mutex<Option<Result<Ending, Error>>>>);

impl LastWord {
    pub fn set(&self, word: Option<Result<Ending, Error>>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = word;
    }
}

/// The trainer has ended: nobody hears commands any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gone;

impl Commands {
    /// How the run ended; none while the trainer has still something to say.
    pub fn last_word(&self) -> Option<Result<Ending, Error>> {
        self.last_word.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

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
        Self { queue, interrupt: Interrupt::default(), last_word: LastWord::default() }
    }
}

/// The trainer's end of [`Commands`]; all clones are one, on the trainer's own thread.
#[derive(Clone, Debug)]
pub(super) struct Orders {
    pub queue: Rc<Receiver<Command>>,
    pub interrupt: Interrupt,
}

/// [`Orders`] on their way to that thread.
pub(super) struct Incoming {
    queue: Receiver<Command>,
    interrupt: Interrupt,
}

impl From<Incoming> for Orders {
    fn from(Incoming { queue, interrupt }: Incoming) -> Self {
        Self { queue: Rc::new(queue), interrupt }
    }
}

pub(super) fn commands() -> (Commands, Incoming, LastWord) {
    let ((sender, queue), interrupt, last_word) =
        (mpsc::channel(), Interrupt::default(), LastWord::default());
    let commands = Commands { queue: sender, interrupt: interrupt.clone(), last_word: last_word.clone() };
    (commands, Incoming { queue, interrupt }, last_word)
}
