//! `signet edit`: images in, their projections out.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use clap::Args as ClapArgs;
use image::RgbImage;

use crate::data::{self, pixels};
use crate::edit::{self, Settings};
use crate::error::{Error, Result};
use crate::gpu::{self, DeviceSpec};
use crate::train;

#[derive(Debug, ClapArgs)]
pub struct Args {
    /// A run folder of a SIGN model, a checkpoint folder, or a model.safetensors
    model: PathBuf,
    /// Images, or folders of images
    #[arg(required = true)]
    images: Vec<PathBuf>,
    /// Applications of f
    #[arg(long, default_value_t = 1)]
    steps: usize,
    /// Noise level added first: 0 keeps as much as it can, 2 changes a lot
    #[arg(long, default_value_t = 0.0)]
    strength: f32,
    /// Seed of that noise
    #[arg(long, default_value_t = 0)]
    seed: u32,
    /// The class that a model with classes is to see in the images [default: left open]
    #[arg(long, value_name = "N")]
    class: Option<u32>,
    /// Folder for the results
    #[arg(long, value_name = "DIR", default_value = "edits")]
    out: PathBuf,
    /// auto, cpu, wgpu or wgpu:N
    #[arg(long, default_value = "auto")]
    device: DeviceSpec,
}

/// Pictures of a before/after sheet are drawn this much larger.
const SHEET_SCALE: u32 = 4;

impl Args {
    pub fn run(self) -> Result<()> {
        let opened = gpu::open(&self.device)?;
        println!("device: {} ({})", opened.name, opened.reason);
        let generator = train::load_generator(&self.model, None, &opened.device)?;
        let model = self.model.display().to_string();
        let settings =
            Settings { class: self.class, ..Settings::direct(self.steps, self.strength, self.seed) };
        std::fs::create_dir_all(&self.out).map_err(|e| Error::io(&self.out, "create the folder", &e))?;
        let (mut done, mut last_error) = (0, None);
        let mut names = HashSet::new();
        for path in list(&self.images)? {
            // One bad file among good ones is told and left out.
            let name = unused(&mut names, &path);
            match one(&path, &self.out, &name, |image| edit::project(&generator, &model, image, &settings)) {
                Ok(line) => {
                    println!("{line}");
                    done += 1;
                }
                Err(error) => {
                    eprintln!("skipped: {error}");
                    last_error = Some(error);
                }
            }
        }
        match last_error {
            Some(error) if done == 0 => Err(error),
            _ => Ok(()),
        }
    }
}

/// The file's name without its ending, numbered where an earlier file of the same call has it.
fn unused(names: &mut HashSet<String>, path: &Path) -> String {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let numbered = (2..).map(|n| format!("{stem}-{n}"));
    let free = std::iter::once(stem.clone()).chain(numbered).find(|name| !names.contains(name));
    let name = free.unwrap_or(stem);
    names.insert(name.clone());
    name
}

fn one(
    path: &Path,
    out: &Path,
    stem: &str,
    project: impl Fn(&RgbImage) -> Result<edit::Projection>,
) -> Result<String> {
    let projection = project(&data::open_picture(path)?)?;
    let result = out.join(format!("{stem}-projected.png"));
    if let Some(last) = projection.after.last() {
        save(last, &result)?;
    }
    let mut row = vec![projection.before];
    row.extend(projection.after);
    let sheet = pixels::grid(&row, row.len(), SHEET_SCALE, 2);
    save(&sheet, &out.join(format!("{stem}-before-after.png")))?;
    let moved: Vec<_> = projection.moved_rms.iter().map(|m| format!("{m:.4}")).collect();
    Ok(format!("{} -> {}  (moved rms {})", path.display(), result.display(), moved.join(", ")))
}

/// Files as given; folders by their files, sorted.
fn list(inputs: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for input in inputs {
        if !input.is_dir() {
            files.push(input.clone());
            continue;
        }
        let entries = std::fs::read_dir(input).map_err(|e| Error::io(input, "list the folder", &e))?;
        let mut inside: Vec<_> = entries.flatten().map(|e| e.path()).filter(|p| p.is_file()).collect();
        inside.sort();
        if inside.is_empty() {
            return Err(
                Error::data(input, "the folder has no files").hint("give images or a folder of images")
            );
        }
        files.extend(inside);
    }
    Ok(files)
}

/// Writes a PNG whole or not at all.
pub fn save(picture: &RgbImage, path: &Path) -> Result<()> {
    let temporary = path.with_extension("png.tmp");
    picture
        .save_with_format(&temporary, image::ImageFormat::Png)
        .map_err(|e| Error::data(path, format!("the picture cannot be written: {e}")))?;
    std::fs::rename(&temporary, path).map_err(|e| Error::io(path, "write", &e))
}
