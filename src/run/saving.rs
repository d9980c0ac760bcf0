//! Checkpoints of a run on its way.

use std::path::{Path, PathBuf};

use super::ending::Saved;
use super::message::Message;
use super::running::Running;
use super::session::Session;
use crate::error::Result;
use crate::train::{self, Manifest};

impl Session {
    /// Writes a checkpoint, and removes older ones. One that this step has already is only told what is due.
    pub(super) fn save(&mut self, running: &Running) -> Result<()> {
        let at = self.progress(running);
        let path = match self.saved_at(running) {
            Some(saved) => saved.path.clone(),
            None => {
                self.folder.keep_recipe(&self.recipe)?;
                let path = self.checkpoint_into(running, &self.folder.checkpoints())?;
                let (stage, step, kimg, due) = (at.stage, at.step, at.kimg, running.due);
                self.saved = Some(Saved { path: path.clone(), stage, step, kimg, due });
                path
            }
        };
        self.settle(running)?;
        self.say(Message::Checkpoint { at, path: path.clone() });
        self.tolerate(train::prune(&path, self.recipe.report.keep_checkpoints))
    }

    /// The checkpoint of this very step, if there is one.
    fn saved_at(&self, running: &Running) -> Option<&Saved> {
        self.saved.as_ref().filter(|s| (s.stage, s.step) == (running.trainer.stage(), running.at.step))
    }

    /// Has the checkpoint of this step, if there is one, say what is still due.
    pub(super) fn settle(&mut self, running: &Running) -> Result<()> {
        let stale = self.saved_at(running).filter(|saved| saved.due != running.due).cloned();
        if let Some(stale) = stale {
            train::settle(&stale.path, running.due)?;
            self.saved = Some(Saved { due: running.due, ..stale });
        }
        Ok(())
    }

    /// Writes a checkpoint below `folder`.
    pub(super) fn checkpoint_into(&self, running: &Running, folder: &Path) -> Result<PathBuf> {
        let (state, generator) = (running.trainer.save()?, running.trainer.generator()?);
        let stage = running.trainer.stage();
        let mut manifest =
            Manifest::new(&self.recipe.name, &self.recipe_hash, stage, running.at, generator.spec.clone());
        manifest.total_steps = self.before.step + running.at.step;
        manifest.images_before = self.before.images;
        manifest.elapsed_secs = self.elapsed_secs();
        manifest.data_hash = self.data.hash.clone();
        manifest.due = running.due;
        train::write(folder, manifest, &state, &generator)
    }
}
