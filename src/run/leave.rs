//! What a stage leaves behind on its way: sample grids, metrics, checkpoints.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::ending::Saved;
use super::message::{Message, Pictures, Stage};
use super::preparing::Preparing;
use super::running::Running;
use super::session::Session;
use crate::data::pixels;
use crate::diffusion::{Classes, Generator, Starts};
use crate::error::{Kind, Result};
use crate::gpu::DevicePictures;
use crate::measure::{Measured, Reference, alarms};
use crate::train::{self, Averaging, Manifest};

impl Session {
    /// The grid of fixed seeds, from the averaged weights, into the run folder.
    pub(super) fn sample(&mut self, running: &mut Running) -> Result<()> {
        let pictures = self.grid(running, Averaging::Ema)?;
        let at = self.progress(running);
        let path = self.record_samples(&at, self.before.step + running.at.step, &pictures)?;
        self.say(Message::Samples { at, averaging: Averaging::Ema, pictures, path });
        running.due.samples = false;
        self.sample_raw(running)
    }

    /// The same grid for whoever is looking, out of turn: no file of the run changes.
    pub(super) fn preview(&mut self, running: &Running) -> Result<()> {
        self.show_grid(running, Averaging::Ema)?;
        self.sample_raw(running)
    }

    /// The same grid from the raw weights, while somebody looks at them.
    pub(super) fn sample_raw(&mut self, running: &Running) -> Result<()> {
        if self.raw_wanted { self.show_grid(running, Averaging::Raw) } else { Ok(()) }
    }

    fn show_grid(&mut self, running: &Running, averaging: Averaging) -> Result<()> {
        let pictures = self.grid(running, averaging)?;
        self.say(Message::Samples { at: self.progress(running), averaging, pictures, path: None });
        Ok(())
    }

    fn grid(&mut self, running: &Running, averaging: Averaging) -> Result<Pictures> {
        let generator = running.trainer.generator_of(averaging)?;
        let mut preparing = Preparing::new(&self.says, &self.hears.interrupt);
        let made = generator.make(&self.grid_starts(&generator)?, &mut |done, total| {
            preparing.tell("drawing samples", done, total)
        })?;
        let pictures = pictures(&generator, &made.images);
        let newest = &mut self.on_device[averaging as usize];
        *newest = DevicePictures::of(made.on_device, &pixels::BYTE_EDGES).map(Arc::new);
        Ok(match newest {
            Some(on_device) => pictures.also(on_device),
            None => pictures,
        })
    }

    /// What every grid of the run starts from.
    pub(super) fn grid_starts(&self, generator: &Generator) -> Result<Starts> {
        let seeds: Vec<u32> = (0..self.recipe.report.grid as u32).collect();
        Starts::new(&generator.spec.unet, &seeds, Classes::Spread)
    }

    /// Metrics of the averaged weights. A teacher takes many evaluations an image: it is measured
    /// once, when it is finished.
    pub(super) fn measure(&mut self, running: &mut Running) -> Result<()> {
        if running.trainer.stage() == Stage::Teacher && !running.finished() {
            running.due.metrics = false;
            return Ok(());
        }
        let count = self.recipe.report.metric_samples;
        let mut preparing = Preparing::new(&self.says, &self.hears.interrupt);
        preparing.announce(&format!("measuring {count} samples"), count as u64)?;
        let mut watch = |what: &str, done, total| preparing.tell(what, done, total);
        let reference = match self.reference.take() {
            Some(reference) => reference,
            None => Reference::of(&self.data, self.recipe.data.world, self.network.take(), &mut watch)?,
        };
        let measured = reference.measure(&running.trainer.generator()?, count, &mut watch);
        self.reference = Some(reference);
        running.due.metrics = measured.as_ref().is_err_and(|error| error.kind == Kind::Stopped);
        let measured = match measured {
            // The guard of the gradients decides whether training can go on, not a metric.
            Err(error) if error.kind == Kind::Diverged => {
                self.say(Message::Warning(format!(
                    "nothing could be measured: the samples hold no numbers ({})",
                    error.what
                )));
                return Ok(());
            }
            measured => measured?,
        };
        let at = self.progress(running);
        for m in &measured {
            let total = self.before.step + running.at.step;
            self.record(&at, total, &[(&m.name, m.value)], Some(&m.conditions))?;
            let Measured { name, value, conditions } = m.clone();
            self.say(Message::Metric { at, name, value, conditions });
        }
        self.alarm(running, &measured);
        let kept = self.keep_best(running, &measured);
        self.tolerate(kept)
    }

    /// Says what the numbers are bad signs of, once for each until it has passed. A student's first steps
    /// are no sign: it begins as a blurred teacher.
    fn alarm(&mut self, running: &Running, measured: &[Measured]) {
        let begun = running.at.images > (self.recipe.report.metric_every_kimg * 1000.0) as u64;
        let raised = if begun { alarms(measured) } else { Vec::new() };
        for alarm in raised.iter().filter(|alarm| !self.alarmed.contains(alarm)) {
            self.say(Message::Warning(alarm.words().to_string()));
        }
        self.alarmed = raised;
    }

    /// Writes a checkpoint, and removes older ones.
    pub(super) fn save(&mut self, running: &Running) -> Result<()> {
        let folder = self.folder.checkpoints();
        let path = self.checkpoint_into(running, &folder)?;
        let at = self.progress(running);
        self.saved = Some(Saved { stage: at.stage, step: at.step, kimg: at.kimg });
        self.say(Message::Checkpoint { at, path });
        self.tolerate(train::prune(&folder, self.recipe.report.keep_checkpoints))
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

/// Images that `generator` made, one after another, to look at.
pub(super) fn pictures(generator: &Generator, images: &[f32]) -> Pictures {
    let unet = &generator.spec.unet;
    let picture = |chw| pixels::picture_from_chw(chw, unet.img_channels, unet.img_resolution);
    images.chunks(generator.image_len()).map(picture).collect()
}
