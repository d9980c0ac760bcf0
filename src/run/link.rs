//! The two ends of the wire between a trainer and its face.

use std::sync::mpsc::{Receiver, Sender};

use super::message::{Command, Message};

/// A face's end: it reads messages and sends commands.
pub struct Link {
    pub messages: Receiver<Message>,
    pub commands: Sender<Command>,
}
