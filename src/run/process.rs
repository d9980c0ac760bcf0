//! Starts a run on its own thread. All device work of a run belongs to that thread, because burn
//! orders work per thread.

use std::path::Path;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;

use super::link::Link;
use super::log::Log;
use super::message::{Command, Message};
use super::options::Options;
use super::session::Session;
use crate::error::{Error, Kind, Result};
use crate::recipe::{self, Recipe};

/// What is made of a run's folder when the run has ended, however it did.
pub type Epilogue = fn(&Path) -> Result<()>;

/// Starts the trainer. It ends by itself with `Done` or `Failed`, which comes after `epilogue`.
///
/// # Errors
/// A recipe that cannot run, or an operating system that gives no thread.
pub fn start(recipe: Recipe, options: Options, epilogue: Epilogue) -> Result<(Link, thread::JoinHandle<()>)> {
    recipe::check(&recipe)?;
    let (says, messages) = mpsc::channel();
    let (commands, hears) = mpsc::channel();
    let thread = thread::Builder::new()
        .name("trainer".into())
        .spawn(move || live(recipe, options, epilogue, says, hears))
        .map_err(|e| Error::new(Kind::Io, format!("no thread for the trainer: {e}")))?;
    Ok((Link { messages, commands }, thread))
}

fn live(
    recipe: Recipe,
    options: Options,
    epilogue: Epilogue,
    says: Sender<Message>,
    hears: Receiver<Command>,
) {
    let voice = says.clone();
    let mut folder = None;
    let run = || {
        let mut session = Session::open(recipe, options, says, hears)?;
        folder = Some(session.run_dir());
        let why = session.train()?;
        Ok(Message::Done { why, run_dir: session.run_dir() })
    };
    // A panic of a graphics driver or of a library must not take the face down with it.
    let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(run));
    let last = outcome.unwrap_or_else(|panic| Err(from_panic(panic.as_ref())));
    let last = last.unwrap_or_else(Message::Failed);
    let say = |message| {
        // A face that is gone needs no last word.
        let _ = voice.send(message);
    };
    if let Some(folder) = folder {
        Log::of(&folder).hear(&last);
        // What is told about a run makes it no worse.
        if let Err(error) = epilogue(&folder) {
            say(Message::Warning(error.to_string()));
        }
    }
    say(last);
}

fn from_panic(panic: &(dyn std::any::Any + Send)) -> Error {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("no message");
    Error::new(Kind::Device, format!("the trainer stopped unexpectedly: {text}"))
        .hint("the last checkpoint is intact: the same command goes on from it; if it happens again, try --device cpu")
}
