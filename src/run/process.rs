//! Starts a run on its own thread. All device work of a run belongs to that thread, because burn
//! orders work per thread.

use std::path::Path;
use std::sync::mpsc::{self, Sender};
use std::thread;

use super::ending::{caught, with_what_is_safe};
use super::link::{LastWord, Link, Orders, commands};
use super::log::Log;
use super::message::Message;
use super::options::{Meant, Options};
use super::session::Session;
use super::stay::Stay;
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
    let (commands, hears, last_word) = commands();
    let life = Life { options, epilogue, says, last_word };
    let thread = thread::Builder::new()
        .name("trainer".into())
        .spawn(move || life.live(recipe, hears))
        .map_err(|e| Error::new(Kind::Io, format!("no thread for the trainer: {e}")))?;
    Ok((Link { messages, commands }, thread))
}

/// What a trainer has from its beginning to its end, also where it trains a run longer.
struct Life {
    options: Options,
    epilogue: Epilogue,
    says: Sender<Message>,
    last_word: LastWord,
}

impl Life {
    fn live(mut self, mut recipe: Recipe, mut hears: Orders) {
        while let Some(stay) = self.train(recipe, hears) {
            let (longer, heard) = match caught(|| Ok(stay.answer())) {
                Ok(Some(longer)) => longer,
                Ok(None) => return,
                Err(error) => return self.say(Message::Warning(error.to_string())),
            };
            self.last_word.set(None);
            self.options.resume = Some(longer.folder);
            self.options.fresh = false;
            self.options.meant = Meant { teacher_kimg: true, student_kimg: true };
            // A stop that came when the run had just ended, or its time, was not meant for what comes now.
            hears = Orders { interrupt: heard.interrupt.renewed(), ..heard };
            recipe = longer.recipe;
        }
    }

    /// A run to its end, and what goes on editing after it.
    fn train(&self, recipe: Recipe, hears: Orders) -> Option<Stay> {
        let mut session =
            match caught(|| Session::open(recipe, self.options.clone(), self.says.clone(), hears)) {
                Ok(session) => session,
                // Before there is a folder there is nothing to save.
                Err(error) => {
                    self.end(Message::Failed(error));
                    return None;
                }
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
                self.say(Message::Warning(error.to_string()));
            }
            None
        });
        Log::of(&folder).hear(&last);
        // What is told about a run makes it no worse.
        if let Err(error) = caught(|| (self.epilogue)(&folder)) {
            self.say(Message::Warning(error.to_string()));
        }
        self.end(last);
        stay
    }

    fn say(&self, message: Message) {
        // A face that is gone needs no word.
        let _ = self.says.send(message);
    }

    /// Says the last message of a run, after everything else.
    fn end(&self, last: Message) {
        let word = match &last {
            Message::Done { why, .. } => Some(Ok(*why)),
            Message::Failed(error) => Some(Err(error.clone())),
            _ => None,
        };
        self.say(last);
        self.last_word.set(word);
    }
}
