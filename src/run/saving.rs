//! Checkpoints of a run on its way.

use std::path::Path;

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
                self.folder.keep_recipe(&self.recipe, &self.origin)?;
                let saved = self.checkpoint_into(running, &self.folder.checkpoints())?;
                let path = saved.path.clone();
                self.saved = Some(saved);
                path
            }
        };
        self.settle(running)?;
        self.say(Message::Checkpoint { at, path: path.clone() });
        self.tolerate(train::prune(&path, self.recipe.report.keep_checkpoints))
    }

    /// The checkpoint of this very step, if there is one.
    fn saved_at(&self, running: &Running) -> Option<&Saved> {
        let here = (running.trainer.stage(), running.at.step);
        self.saved.as_ref().filter(|saved| (saved.manifest.stage, saved.manifest.step) == here)
    }

    /// Has the checkpoint of this step, if there is one, say what is still due.
    pub(super) fn settle(&mut self, running: &Running) -> Result<()> {
        let stale = self.saved_at(running).filter(|saved| saved.manifest.due != running.due).cloned();
        if let Some(Saved { path, manifest }) = stale {
            let manifest = Manifest { due: running.due, ..manifest };
            train::settle(&path, &manifest)?;
            self.saved = Some(Saved { path, manifest });
        }
        Ok(())
    }

    /// Writes a checkpoint below `folder`.
    ///
    /// # Errors
    /// `Kind::Diverged` for weights that nothing good comes of any more: they are not written.
    pub(super) fn checkpoint_into(&self, running: &Running, folder: &Path) -> Result<Saved> {
        let (state, generator) = (running.trainer.save()?, running.trainer.generator()?);
        train::check_weights(&state)?;
        let (stage, identity) = (running.trainer.stage(), self.identity.clone());
        let mut manifest =
            Manifest::new(&self.recipe.name, identity, stage, running.at, generator.spec.clone());
        manifest.stage_kimg = Some(running.stage_kimg);
        manifest.sums = running.sums.clone();
        manifest.total_steps = self.before.step + running.at.step;
        manifest.images_before = self.before.images;
        manifest.elapsed_secs = self.elapsed_secs();
        manifest.data_hash = self.data.hash.clone();
        manifest.due = running.due;
        let path = train::write(folder, &mut manifest, &state, &generator)?;
        Ok(Saved { path, manifest })
    }
}
