//! A trainer whose run has ended goes on editing and making pictures for a face that is still there.

use std::path::PathBuf;
use std::sync::mpsc::{Sender, TryRecvError};

use super::edits::{Edits, Model};
use super::found::length_of;
use super::link::Orders;
use super::makes::{Maker, Makes};
use super::message::{Command, Message};
use crate::error::{Error, Result};
use crate::recipe::{self, Recipe};

/// What is left of a run once it has ended.
pub(super) struct Stay {
    pub edits: Edits,
    /// The weights that the run ended with.
    pub newest: Result<Model>,
    pub makes: Makes,
    /// The same weights for pictures of seeds, which a teacher makes too.
    pub maker: Result<Maker>,
    pub says: Sender<Message>,
    pub hears: Orders,
    pub run: Longer,
}

/// A run that is to be trained on.
pub(super) struct Longer {
    pub folder: PathBuf,
    /// With the lengths that are wished.
    pub recipe: Recipe,
}

impl Stay {
    /// Edits and makes pictures until the face is gone; commands are heard between two parts of such work. Gives the
    /// run if it is to be trained longer; what is not done yet is dropped.
    pub fn answer(mut self) -> Option<Longer> {
        loop {
            let heard = if self.edits.is_empty() && self.makes.is_empty() {
                self.hears.queue.recv().map_err(|_| TryRecvError::Disconnected)
            } else {
                self.hears.queue.try_recv()
            };
            match heard {
                Ok(Command::Edit(request)) => self.edits.ask(request),
                Ok(Command::CancelEdit(ticket)) => self.edits.cancel(ticket),
                Ok(Command::Make(request)) => self.makes.ask(request),
                Ok(Command::CancelMake(ticket)) => self.makes.cancel(ticket),
                Ok(Command::TrainLonger { kimg }) => match longer(&self.run.recipe, kimg) {
                    Ok(recipe) => return Some(Longer { recipe, ..self.run }),
                    Err(error) => {
                        let _ = self.says.send(Message::Warning(error.to_string()));
                    }
                },
                Ok(Command::Leave | Command::Stop) | Err(TryRecvError::Disconnected) => return None,
                // There is no training left to pause, to save or to look at.
                Ok(Command::Pause | Command::Resume)
                | Ok(Command::SampleNow | Command::SampleRaw(_) | Command::ShowTeacher)
                | Ok(Command::SaveNow | Command::Diagnose | Command::Tune(_))
                | Ok(Command::StopElsewhere | Command::GoOn) => {}
                Err(TryRecvError::Empty) => {
                    let edited = self.edits.advance(&|| self.newest.clone());
                    let made = self.makes.advance(&|| self.maker.clone());
                    for message in [edited, made].into_iter().flatten() {
                        if self.says.send(message).is_err() {
                            return None;
                        }
                    }
                }
            }
        }
    }
}

/// The recipe with its last stage `kimg` thousand images long.
///
/// # Errors
/// `Kind::Usage` where that is no longer than it is.
pub(super) fn longer(recipe: &Recipe, kimg: f64) -> Result<Recipe> {
    let mut recipe = recipe.clone();
    let Some((stage, old)) = recipe.stages().pop() else { return Ok(recipe) };
    if kimg <= old {
        return Err(Error::usage(format!("{kimg} kimg are no longer than the {old} of this run"))
            .hint("give a larger number"));
    }
    if let Some(length) = recipe.number_mut(length_of(stage)) {
        *length = kimg;
    }
    recipe::check(&recipe)?;
    Ok(recipe)
}
