//! Sample grids of fixed seeds: for the run folder, and for whoever is looking.

use std::sync::Arc;

use super::message::{Message, Pictures};
use super::preparing::Preparing;
use super::running::Running;
use super::session::Session;
use crate::data::pixels;
use crate::diffusion::{Classes, Generator, Starts};
use crate::error::Result;
use crate::gpu::DevicePictures;
use crate::train::Averaging;

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
}

/// Images that `generator` made, one after another, to look at.
pub(super) fn pictures(generator: &Generator, images: &[f32]) -> Pictures {
    let unet = &generator.spec.unet;
    let picture = |chw| pixels::picture_from_chw(chw, unet.img_channels, unet.img_resolution);
    images.chunks(generator.image_len()).map(picture).collect()
}
