//! A face's end of the two channels to the trainer.

use std::sync::mpsc::{Receiver, Sender};

use super::message::{Command, Message};

/// What a face holds of a run: the trainer's messages, and the channel its commands go into.
#[derive(Debug)]
pub struct Link {
    pub messages: Receiver<Message>,
    pub commands: Sender<Command>,
}
