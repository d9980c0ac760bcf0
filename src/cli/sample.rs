//! `signet sample`: pictures of chosen seeds from a trained model.

use std::path::PathBuf;

use clap::Args as ClapArgs;

use super::parse_seeds;
use crate::data::pixels;
use crate::error::{Error, Result};
use crate::gpu::{self, DeviceSpec};
use crate::train;

#[derive(Debug, ClapArgs)]
pub struct Args {
    /// A run folder (its newest checkpoint), a checkpoint folder, or a model.safetensors
    model: PathBuf,
    /// Which pictures: one seed is always the same picture
    #[arg(long, default_value = "0-63", value_name = "LIST")]
    seeds: String,
    /// Steps: Heun steps of a teacher, applications of a SIGN model [default: the model's own]
    #[arg(long, default_value_t = 0, hide_default_value = true)]
    steps: usize,
    /// Folder for the pictures
    #[arg(long, value_name = "DIR", default_value = "samples")]
    out: PathBuf,
    /// auto, cpu, wgpu or wgpu:N
    #[arg(long, default_value = "auto")]
    device: DeviceSpec,
}

/// Pictures of the sheet are drawn this much larger.
const SHEET_SCALE: u32 = 4;
/// Most pictures on the sheet; single files are written for all.
const MOST_ON_SHEET: usize = 256;
/// Most steps that make sense.
const MOST_STEPS: usize = 1000;

impl Args {
    pub fn run(self) -> Result<()> {
        let seeds = parse_seeds(&self.seeds)
            .map_err(|e| Error::usage(format!("--seeds {}: {e}", self.seeds)).hint("write 0-63 or 1,5,9"))?;
        if self.steps > MOST_STEPS {
            return Err(Error::usage(format!("--steps {}", self.steps)).hint(format!("at most {MOST_STEPS}")));
        }
        let opened = gpu::open(&self.device)?;
        println!("device: {} ({})", opened.name, opened.reason);
        let generator = train::load_generator(&self.model, None, &opened.device)?;
        let len = generator.image_len();
        let latents = generator.latents(seeds.iter().copied());
        let clock = std::time::Instant::now();
        let images = generator.sample(&latents, self.steps)?;
        let secs = clock.elapsed().as_secs_f64();

        std::fs::create_dir_all(&self.out).map_err(|e| Error::io(&self.out, "create the folder", &e))?;
        let unet = &generator.spec.unet;
        let mut pictures = Vec::with_capacity(seeds.len());
        for (seed, chw) in seeds.iter().zip(images.chunks(len)) {
            let picture = pixels::picture_from_chw(chw, unet.img_channels, unet.img_resolution);
            super::edit::save(&picture, &self.out.join(format!("seed-{seed:06}.png")))?;
            pictures.push(picture);
        }
        pictures.truncate(MOST_ON_SHEET);
        let columns = (pictures.len() as f64).sqrt().ceil() as usize;
        let sheet = self.out.join("sheet.png");
        super::edit::save(&pixels::grid(&pictures, columns, SHEET_SCALE, 2), &sheet)?;
        println!(
            "{} pictures in {secs:.2} s, {:.0} images/s; sheet: {}",
            seeds.len(),
            seeds.len() as f64 / secs,
            sheet.display()
        );
        Ok(())
    }
}
