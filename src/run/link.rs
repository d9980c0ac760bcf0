<<<<<<< HEAD
//! The two ends of the wire between a trainer and its face.
=======
//! A face's end of the two channels to the trainer.
>>>>>>> app

use std::sync::mpsc::{Receiver, Sender};

use super::message::{Command, Message};

<<<<<<< HEAD
/// A face's end: it reads messages and sends commands.
=======
/// What a face holds of a run: the trainer's messages, and the channel its commands go into.
#[derive(Debug)]
>>>>>>> app
pub struct Link {
    pub messages: Receiver<Message>,
    pub commands: Sender<Command>,
}
