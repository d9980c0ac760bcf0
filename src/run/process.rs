//! Starts a run on its own thread. All device work of a run belongs to that thread, because burn
//! orders work per thread.

use std::path::Path;
use std::sync::mpsc::{self, Sender};
use std::thread;

use super::ending::{caught, with_what_is_safe};
use super::link::{Link, Orders, commands};
use super::log::Log;
use super::message::Message;
use super::options::Options;
use super::session::Session;
use crate::error::{Error, Kind, Result};
use crate::recipe::{self, Recipe};

/// What is made of a run's folder when the run has ended, however it did.
pub type Epilogue = fn(&Path) -> Result<()>;

/// Starts the trainer. It ends by itself with `Done` or `Failed`, which comes after `epilogue`, unless
/// `options` have it stay.
///
/// # Errors
/// A recipe that cannot run, or an operating system that gives no thread.
pub fn start(recipe: Recipe, options: Options, epilogue: Epilogue) -> Result<(Link, thread::JoinHandle<()>)> {
    recipe::check(&recipe)?;
    let (says, messages) = mpsc::channel();
    let (commands, hears) = commands();
    let thread = thread::Builder::new()
        .name("trainer".into())
        .spawn(move || live(recipe, options, epilogue, says, hears))
        .map_err(|e| Error::new(Kind::Io, format!("no thread for the trainer: {e}")))?;
    Ok((Link { messages, commands }, thread))
}

fn live(recipe: Recipe, options: Options, epilogue: Epilogue, says: Sender<Message>, hears: Orders) {
    let voice = says.clone();
    let say = |message| {
        // A face that is gone needs no last word.
        let _ = voice.send(message);
    };
    let mut session = match caught(|| Session::open(recipe, options, says, hears)) {
        Ok(session) => session,
        // Before there is a folder there is nothing to save.
        Err(error) => return say(Message::Failed(error)),
    };
    let folder = session.run_dir();
    let last = match caught(|| session.train()) {
        Ok(why) => Message::Done { why, run_dir: folder.clone() },
        Err(error) => Message::Failed(with_what_is_safe(error, session.saved.as_ref())),
    };
    let ended_well = matches!(last, Message::Done { .. });
    // What is left on a device that is gone may not be freed in peace.
    let stay = caught(|| Ok(session.into_stay().filter(|_| ended_well))).unwrap_or_else(|error| {
        if ended_well {
            say(Message::Warning(error.to_string()));
        }
        None
    });
    Log::of(&folder).hear(&last);
    // What is told about a run makes it no worse.
    if let Err(error) = caught(|| epilogue(&folder)) {
        say(Message::Warning(error.to_string()));
    }
    say(last);
    if let Some(stay) = stay
        && let Err(error) = caught(|| {
            stay.answer();
            Ok(())
        })
    {
        say(Message::Warning(error.to_string()));
    }
}
