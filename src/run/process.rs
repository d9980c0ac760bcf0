//! Starts a run on its own thread. All device work of a run belongs to that thread, because burn
//! orders work per thread.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;

use super::again::Again;
use super::elsewhere::{GoOn, is_held};
use super::ending::{caught, with_what_is_safe};
use super::folder::recipe_of;
use super::link::{LastWord, Link, Orders, commands};
use super::log::Log;
use super::message::{Command, Ending, Message};
use super::options::{Meant, Options};
use super::rehearsal::Rehearsal;
use super::session::Session;
use super::stay::{Longer, Stay, longer};
use crate::error::{Error, Kind, Result};
use crate::recipe::{self, Recipe};
use crate::{gpu, threads};

/// What is made of a run's folder when the run has ended, however it did.
pub type Epilogue = fn(&Path) -> Result<()>;

/// Tells of a run that another process trains, as its trainer would, until nobody listens any more or somebody
/// wants it trained here.
pub type Follow = fn(&Path, &Sender<Message>, &Receiver<Command>) -> Option<GoOn>;

/// Starts the trainer. It ends by itself with `Done` or `Failed`, which comes after `epilogue`, unless
/// `options` have it stay.
///
/// # Errors
/// A recipe that cannot run, or an operating system that gives no thread.
pub fn start(recipe: Recipe, options: Options, epilogue: Epilogue) -> Result<(Link, thread::JoinHandle<()>)> {
    begin(recipe, options, epilogue, None, Rehearsal::asked())
}

/// The same for a face that may stay: a run that another process trains is followed, instead of being refused.
///
/// # Errors
/// As [`start`].
pub fn start_or_follow(
    recipe: Recipe,
    options: Options,
    epilogue: Epilogue,
    follow: Follow,
) -> Result<(Link, thread::JoinHandle<()>)> {
    begin(recipe, options, epilogue, Some(follow), Rehearsal::asked())
}

fn begin(
    recipe: Recipe,
    options: Options,
    epilogue: Epilogue,
    follow: Option<Follow>,
    rehearsal: Rehearsal,
) -> Result<(Link, thread::JoinHandle<()>)> {
    recipe::check(&recipe)?;
    let (says, messages) = mpsc::channel();
    let (commands, hears, last_word) = commands();
    let life = Life { options, epilogue, follow, says, last_word, rehearsal };
    let thread = thread::Builder::new()
        .name("trainer".into())
        .spawn(move || threads::on_all(|| life.live(recipe, hears.into())))
        .map_err(|e| Error::new(Kind::Io, format!("no thread for the trainer: {e}")))?;
    Ok((Link { messages, commands }, thread))
}

/// What a trainer has from its beginning to its end, also where it trains a run longer.
struct Life {
    options: Options,
    epilogue: Epilogue,
    follow: Option<Follow>,
    says: Sender<Message>,
    last_word: LastWord,
    /// Trouble on purpose that is still to come.
    rehearsal: Rehearsal,
}

/// What comes after a training.
enum After {
    Nothing,
    Edits(Box<Stay>),
    /// There was none: another process trains this run.
    Elsewhere(PathBuf),
}

impl Life {
    fn live(mut self, mut recipe: Recipe, mut hears: Orders) {
        gpu::listen();
        // One that is named need not be opened to be followed: that would take a device and all its images.
        let named = self.options.resume.clone().filter(|run| is_held(run));
        let mut elsewhere = named.filter(|_| self.follow.is_some());
        loop {
            let on = match elsewhere.take() {
                Some(run) => self.follow(&run, &hears),
                None => match self.train(recipe.clone(), hears.clone()) {
                    After::Nothing => return,
                    After::Edits(stay) => caught(|| Ok(stay.answer())).unwrap_or_else(|error| {
                        self.say(Message::Warning(error.to_string()));
                        None
                    }),
                    After::Elsewhere(run) => {
                        elsewhere = Some(run);
                        continue;
                    }
                },
            };
            let Some(on) = on else { return };
            self.last_word.set(None);
            self.options.resume = Some(on.folder);
            self.options.fresh = false;
            self.options.meant = Meant { teacher_kimg: true, student_kimg: true };
            // A stop that came when the run had just ended, or its time, was not meant for what comes now.
            hears.interrupt = hears.interrupt.renewed();
            recipe = on.recipe;
        }
    }

    /// A run to its end, and what goes on editing after it. It is opened once more where its device has failed.
    fn train(&mut self, recipe: Recipe, hears: Orders) -> After {
        let mut again = Again::new(recipe, self.options.clone());
        loop {
            let (recipe, options) = (again.recipe.clone(), again.options.clone());
            let mut session =
                match caught(|| Session::open(recipe, options, self.says.clone(), hears.clone())) {
                    Ok(session) => session,
                    Err(error) if again.has_begun() => match again.unopened(error, &hears.interrupt) {
                        Ok(()) => continue,
                        Err(error) => return self.give_up(&again, error),
                    },
                    // Before there is a folder there is nothing to save.
                    Err(error) => {
                        if let Some(run) = self.held_elsewhere(&error) {
                            return After::Elsewhere(run);
                        }
                        self.end(Message::Failed(error));
                        return After::Nothing;
                    }
                };
            again.begin(&mut session);
            session.rehearsal = std::mem::take(&mut self.rehearsal);
            let outcome = caught(|| session.train());
            self.rehearsal = std::mem::take(&mut session.rehearsal);
            let last = match outcome {
                Ok(why) => Message::Done { why, run_dir: session.run_dir() },
                Err(error) => match again.after(error, &mut session) {
                    Ok(()) => {
                        // What is left on a device that is gone may not be freed in peace.
                        let _ = caught(|| {
                            drop(session);
                            Ok(())
                        });
                        match again.reopen(&hears.interrupt) {
                            Ok(()) => continue,
                            Err(error) => return self.give_up(&again, error),
                        }
                    }
                    Err(error) => Message::Failed(with_what_is_safe(error, session.saved.as_ref())),
                },
            };
            return self.finish(session, last);
        }
    }

    /// What comes after a session whose `last` message is this.
    fn finish(&self, session: Session, last: Message) -> After {
        let folder = session.run_dir();
        let ended_well = matches!(last, Message::Done { .. });
        // What is left on a device that is gone may not be freed in peace.
        let stay = caught(|| Ok(session.into_stay().filter(|_| ended_well))).unwrap_or_else(|error| {
            if ended_well {
                self.say(Message::Warning(error.to_string()));
            }
            None
        });
        self.close(&folder, last);
        stay.map_or(After::Nothing, |stay| After::Edits(Box::new(stay)))
    }

    /// The end of a run whose device is not opened again.
    fn give_up(&self, again: &Again, error: Error) -> After {
        if let Some((folder, last)) = again.last_word(error) {
            self.close(&folder, last);
        }
        After::Nothing
    }

    /// Writes down how a run has ended, makes of its folder what is to be made, and says so.
    fn close(&self, folder: &Path, last: Message) {
        Log::of(folder).hear(&last);
        // What is told about a run makes it no worse.
        if let Err(error) = caught(|| (self.epilogue)(folder)) {
            self.say(Message::Warning(error.to_string()));
        }
        self.end(last);
    }

    /// The run that could not be opened because another process trains it, where there is somebody to follow it.
    fn held_elsewhere(&self, error: &Error) -> Option<PathBuf> {
        self.follow?;
        error.place.clone().filter(|run| error.kind == Kind::Usage && is_held(run))
    }

    /// Follows a run until somebody wants it trained here; none where nobody does any more.
    fn follow(&self, run: &Path, hears: &Orders) -> Option<Longer> {
        let follow = self.follow?;
        loop {
            let wish = match caught(|| Ok(follow(run, &self.says, &hears.queue))) {
                Ok(Some(wish)) => wish,
                Ok(None) => {
                    self.last_word.set(Some(Ok(Ending::Stopped)));
                    return None;
                }
                Err(error) => {
                    self.end(Message::Failed(error));
                    return None;
                }
            };
            // Its recipe may have changed meanwhile.
            let recipe = recipe_of(run).and_then(|(recipe, _)| match wish {
                GoOn::AsItIs => Ok(recipe),
                GoOn::Longer { kimg } => longer(&recipe, kimg),
            });
            match recipe {
                Ok(recipe) => return Some(Longer { folder: run.to_path_buf(), recipe }),
                Err(error) => self.say(Message::Warning(error.to_string())),
            }
        }
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

#[cfg(test)]
mod tests;
