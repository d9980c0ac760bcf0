//! `signet edit`: images in, their projections out.

use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use clap::{Args as ClapArgs, ValueEnum};
use indicatif::{ProgressBar, ProgressStyle};

use super::Sigmas;
use super::output::{complain, say};
use crate::edit::{self, Corruption, Event, Fit, PATCH, Record, Request, STEPS, Way, Wish};
use crate::error::Result;
use crate::gpu::{self, DeviceSpec};
use crate::words;

#[derive(Debug, ClapArgs)]
#[command(after_help = WHY_A_MASK_IS_INPAINTED)]
pub struct Args {
    /// A run folder of a SIGN model, a checkpoint folder, or a model.safetensors
    model: PathBuf,
    /// Images, or folders of images
    #[arg(required = true)]
    images: Vec<PathBuf>,
    /// direct, inpaint (needs a mask), colourise (keeps the luma) or super-resolve (keeps the means of
    /// patches) [default: inpaint where there is a mask, else direct]
    #[arg(long, value_name = "NAME")]
    mode: Option<Way>,
    /// What to fill in: a picture as large as the image, white is filled in, black and transparent is kept;
    /// or a folder with one for each image under the same name. What is transparent in an image itself is
    /// filled in too
    #[arg(long, value_name = "PATH")]
    mask: Option<PathBuf>,
    #[arg(long, help = steps_help())]
    steps: Option<usize>,
    /// Noise level added first. Directly: 0 keeps as much as it can, 2 changes a lot [default: 0].
    /// Constrained: where the levels begin [default: 3/8 of the model's side in pixels]
    #[arg(long, allow_negative_numbers = true, value_name = "SIGMA")]
    strength: Option<f64>,
    /// Noise that the images have already, at the size that is edited: its standard deviation where black
    /// is -1 and white is 1. Only directly, without a mask [default: 0, none that is known]
    #[arg(long, allow_negative_numbers = true, value_name = "SIGMA")]
    noise: Option<f64>,
    /// Falling noise levels of a constrained mode, in place of --steps and --strength: 10,3,1,0.3
    #[arg(long, value_name = "LIST", conflicts_with_all = ["steps", "strength"])]
    sigmas: Option<Sigmas>,
    #[arg(long, value_name = "PIXELS", help = format!("Side of super-resolve's patches [default: {PATCH}]"))]
    patch: Option<usize>,
    /// resize: the middle square at the model's resolution; tiles: the whole image at its own size, in
    /// overlapping tiles with blended seams. Tiles take about 22 bytes of memory a pixel: 2.4 GB for 108
    /// megapixels
    #[arg(long, value_enum, default_value_t = FitName::Resize)]
    fit: FitName,
    #[arg(long, value_name = "NAME", help = corrupt_help())]
    corrupt: Option<Corruption>,
    /// Seed of all noise. Each image draws its own, by its place in the list: the same list gives the same
    /// results, and two images with the same hole are not filled with the same noise
    #[arg(long, default_value_t = 0)]
    seed: u32,
    /// The class that a model with classes is to see in the images [default: left open]
    #[arg(long, value_name = "N")]
    class: Option<u32>,
    /// Folder for the results, a before/after sheet of each, and edits.csv; none that images are in
    #[arg(long, value_name = "DIR", default_value = "edits")]
    out: PathBuf,
    /// auto, cpu, wgpu or wgpu:N
    #[arg(long, default_value = "auto")]
    device: DeviceSpec,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum FitName {
    Resize,
    Tiles,
}

const WHY_A_MASK_IS_INPAINTED: &str = "\
Without a mask, images are projected directly: the model f is applied to them, after noise if --strength \
asks for it. That removes noise and the like (more of it where --noise says how much there is), but does not fill in a hidden part: f leaves an image with a \
black half nearly as it is. So with a mask, or another constrained --mode, f is applied at falling noise \
levels, and what is known of the image is put back after each application.";

fn steps_help() -> String {
    format!("Applications of f [default: 1; {STEPS} in constrained modes]")
}

fn corrupt_help() -> String {
    format!(
        "Spoil the images first, and measure results against what they were: {} (or another noise-SIGMA)",
        Corruption::names()
    )
}

impl Args {
    pub fn run(self) -> Result<()> {
        // A teacher that still trains is found, but edits nothing.
        if let Some(error) = super::yet::no_sign(&self.model) {
            return Err(error);
        }
        let opened = gpu::open(&self.device)?;
        say!("device: {} ({})", opened.name, opened.reason);
        let generator = super::open_model(&self.model, &opened.device)?;
        let mut teller = Teller::new();
        let edited = edit::edit_files(&generator, &self.request(), &mut |event| teller.tell(event));
        teller.bar.finish_and_clear();
        edited
    }

    fn request(self) -> Request {
        Request {
            inputs: self.images,
            mask: self.mask,
            corruption: self.corrupt,
            wish: Wish {
                way: self.mode,
                steps: self.steps,
                noise_sigma: self.noise,
                strength_sigma: self.strength,
                sigmas: self.sigmas.map(|list| list.0),
                patch: self.patch,
                fit: match self.fit {
                    FitName::Resize => Fit::Resize,
                    FitName::Tiles => Fit::Tiles,
                },
                seed: self.seed,
                // Each file's is its place in the list.
                picture: 0,
                class: self.class,
            },
            out: self.out,
            model: self.model.display().to_string(),
        }
    }
}

/// The bar of one file's edit.
const BAR: &str = "{msg} {wide_bar} {pos}/{len} parts, {eta} left";

/// Without a terminal to redraw, the progress of a long edit is a line every so often.
const LINE_EVERY: Duration = Duration::from_secs(30);

/// A line a file; the applications of f on the way are a bar.
struct Teller {
    bar: ProgressBar,
    redraws: bool,
    /// When the first part of the file in progress was done, and when progress was last spoken of.
    begun: Instant,
    last_line: Instant,
}

impl Teller {
    fn new() -> Self {
        let bar = ProgressBar::new(0);
        bar.set_style(ProgressStyle::with_template(BAR).unwrap_or_else(|_| ProgressStyle::default_bar()));
        let (redraws, now) = (std::io::stderr().is_terminal(), Instant::now());
        Self { bar, redraws, begun: now, last_line: now }
    }

    fn tell(&mut self, event: Event<'_>) {
        match event {
            Event::Step { file, done, total } => self.step(file, done as u64, total as u64),
            Event::Note { file, words } => {
                self.bar.suspend(|| complain(&format!("note: {}: {words}", file.display())));
            }
            Event::Done { file, edited } => {
                self.bar.suspend(|| done(file, edited));
                self.bar.reset();
            }
            Event::All { done, skipped } => {
                if done + skipped > 1 {
                    self.bar.suspend(|| say!("{done} edited, {skipped} skipped"));
                }
            }
        }
    }

    fn step(&mut self, file: &Path, done: u64, total: u64) {
        if done <= 1 {
            // The first part was slow: reading the picture, preparing the device.
            self.begun = Instant::now();
        }
        if self.redraws {
            self.bar.set_message(words::path(Path::new(file.file_name().unwrap_or_default())));
            self.bar.set_length(total);
            self.bar.set_position(done);
        } else if self.last_line.elapsed() >= LINE_EVERY {
            self.last_line = Instant::now();
            let a_part = self.begun.elapsed().as_secs_f64() / done.saturating_sub(1).max(1) as f64;
            let secs = a_part * total.saturating_sub(done) as f64;
            say!("{}: {done} of {total} parts, {}", words::path(file), words::time_left(secs));
        }
    }
}

fn done(file: &Path, edited: &Result<Record>) {
    match edited {
        Err(error) => complain(&format!("skipped: {error}")),
        Ok(record) => {
            let psnr = match record.before {
                Some(before) => format!("PSNR {:.2} -> {:.2} dB, ", before.psnr, record.after.psnr),
                None => String::new(),
            };
            say!(
                "{} -> {}  ({}, {psnr}moved rms {:.4}, idempotence rms {:.4})",
                words::path(file),
                words::path(&record.result),
                record.way,
                record.moved_rms,
                record.idempotence_rms
            );
        }
    }
}
