//! Starts a run on its own thread. All device work of a run belongs to that thread, because burn
//! orders work per thread.

use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;

use super::link::Link;
use super::message::{Command, Message};
use super::options::Options;
use super::session::Session;
use crate::error::{Error, Kind, Result};
use crate::recipe::{self, Recipe};

/// Starts the trainer. It ends by itself with `Done` or `Failed`.
///
/// # Errors
/// A recipe that cannot run, or an operating system that gives no thread.
pub fn start(recipe: Recipe, options: Options) -> Result<(Link, thread::JoinHandle<()>)> {
    recipe::check(&recipe)?;
    let (says, messages) = mpsc::channel();
    let (commands, hears) = mpsc::channel();
    let thread = thread::Builder::new()
        .name("trainer".into())
        .spawn(move || live(recipe, options, says, hears))
        .map_err(|e| Error::new(Kind::Io, format!("no thread for the trainer: {e}")))?;
    Ok((Link { messages, commands }, thread))
}

fn live(recipe: Recipe, options: Options, says: Sender<Message>, hears: Receiver<Command>) {
    let voice = says.clone();
    let run = move || {
        let mut session = Session::open(recipe, options, says, hears)?;
        let why = session.train()?;
        Ok(Message::Done { why, run_dir: session.run_dir() })
    };
    // A panic of a graphics driver or of a library must not take the face down with it.
    let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(run));
    let last = outcome.unwrap_or_else(|panic| Err(from_panic(panic.as_ref())));
    // A face that is gone needs no last word.
    let _ = voice.send(last.unwrap_or_else(Message::Failed));
}

fn from_panic(panic: &(dyn std::any::Any + Send)) -> Error {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no message");
    Error::new(Kind::Device, format!("the trainer stopped unexpectedly: {text}"))
        .hint("the last checkpoint is intact: the same command goes on from it; if it happens again, try --device cpu")
}
