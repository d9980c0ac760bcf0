//! Changes numbers of the stage between two steps, and makes the same changes again after a resume.

use super::changes::Line;
use super::found::{course_words, length_of};
use super::message::{Change, Message, Stage, Tuning};
use super::running::Running;
use super::session::Session;
use crate::error::{Error, Result};
use crate::recipe::{self, is_passed};
use crate::train::StageTrainer;

impl Session {
    /// Carries out a wish to change a number; one that cannot be carried out is a warning.
    pub(super) fn retune(&mut self, running: &mut Running, wish: &Tuning) -> Result<()> {
        let changed = self.change(running, wish);
        // The trainer takes what it takes: the faces show what holds now.
        self.say(Message::Tunables(running.trainer.tunables()));
        self.tolerate(changed)
    }

    fn change(&mut self, running: &mut Running, wish: &Tuning) -> Result<()> {
        let tunables = running.trainer.tunables();
        let old = tunables.iter().find(|tunable| tunable.name == wish.name).map(|tunable| tunable.value);
        if old == Some(wish.value) {
            return Ok(());
        }
        let change = Change {
            stage: running.trainer.stage(),
            step: running.at.step,
            images: running.at.images,
            elapsed_secs: self.elapsed_secs(),
            name: wish.name.clone(),
            // A name that there is none of is refused below.
            old: old.unwrap_or(wish.value),
            new: wish.value,
        };
        // What is written down is what is trained with.
        let line = Line::of(&change)?;
        let change = line.change.clone();
        let is_length = change.name == length_of(change.stage);
        if is_length && is_passed(change.new, running.at.images) {
            let trained = running.at.images as f64 / 1000.0;
            return Err(Error::usage(format!(
                "{} is {}, and {trained} are trained already",
                change.name, change.new
            ))
            .hint("give a larger number"));
        }
        let trainer = &mut running.trainer;
        trainer.tune(&change.name, change.new)?;
        if let Err(unwritten) = self.changes.add(line) {
            if let Some(old) = old {
                trainer.tune(&change.name, old)?;
            }
            return Err(unwritten);
        }
        self.say(Message::Note(change.words()));
        self.say(Message::Changed(change.clone()));
        if is_length { self.set_length(running, &change) } else { Ok(()) }
    }

    /// The recipe in the folder says how long the run is now.
    fn set_length(&mut self, running: &mut Running, change: &Change) -> Result<()> {
        running.stage_kimg = change.new;
        if let Some(length) = self.recipe.number_mut(&change.name) {
            *length = change.new;
        }
        self.say(Message::Recipe(recipe::to_toml(&self.recipe)?.into()));
        let made = self.changes.made().iter().filter(|made| made.stage == change.stage);
        let words = course_words(&self.recipe, made, change.stage, change.images, change.old);
        words.into_iter().for_each(|words| self.say(Message::Note(words)));
        self.folder.write_recipe(&self.recipe, &self.origin)
    }

    /// Tells of the changes that a resumed run goes on with.
    pub(super) fn tell_changes(&self) {
        let made = self.changes.made();
        if !made.is_empty() {
            let path = self.changes.path().display();
            self.say(Message::Note(format!("changes made earlier in this run: {} ({path})", made.len())));
        }
        made.iter().for_each(|change| self.say(Message::Changed(change.clone())));
    }

    /// Makes the changes of `stage` again that its checkpoint was trained with.
    pub(super) fn replay(&self, trainer: &mut dyn StageTrainer, stage: Stage) -> Result<()> {
        // The recipe has the length that holds.
        let made = self.changes.made().iter().filter(|c| c.stage == stage && c.name != length_of(stage));
        for change in made {
            trainer.tune(&change.name, change.new).map_err(|error| {
                let what = format!("this cannot be done again: {} ({})", change.words(), error.what);
                Error::checkpoint(self.changes.path(), what)
                    .hint("bring the file back as it was, or start over with --fresh")
            })?;
        }
        Ok(())
    }
}
