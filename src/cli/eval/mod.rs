//! `signet eval`: measures what models make, or images, against a set of images.

mod extras;
mod own;

use std::path::{Path, PathBuf};

use super::bar::Bar;
use super::can_be_written;
use super::output::{print, say};
use crate::compare::{self, Comparison, Metric, Opened, Reference, Row, Source, Subject, Wanted};
use crate::data::Dataset;
use crate::error::{Error, Result};
use crate::eval::features::Resize;
use crate::gpu::{self, DeviceSpec};
use crate::recipe;
use crate::words;
use clap::Args as ClapArgs;
use extras::Extras;
use own::Own;

#[derive(Debug, ClapArgs)]
pub struct Args {
    /// Run folders, checkpoint folders or model files; without any (and without --images) one half of the
    /// set is held against the other: the floor that no model can beat
    models: Vec<PathBuf>,
    /// Images to measure, as --data takes them; more than once for more sets
    #[arg(long, value_name = "PATH")]
    images: Vec<PathBuf>,
    /// Images to compare with: a folder, zip, IDX or CIFAR file, or the .npz of their statistics
    #[arg(long, value_name = "PATH")]
    data: PathBuf,
    #[arg(long, value_delimiter = ',', default_value = "fd", help = metrics_help())]
    metrics: Vec<Metric>,
    /// What distances stand on: pixel, random, or a file of weights (Inception's .pth for FID, a CIFAR-10
    /// ResNet, a network with its operations beside it as .json); more than once for more features
    #[arg(long, value_name = "FEATURES", default_value = "pixel")]
    features: Vec<Source>,
    /// How Inception's input is brought to 299×299: tf1 (as published FIDs) or pytorch-fid
    #[arg(long, default_value = "tf1", value_parser = parse_resize)]
    resize: Resize,
    /// Samples of each model, and images of each set
    #[arg(long, default_value_t = 10_000)]
    n: usize,
    /// First seed of the samples
    #[arg(long, default_value_t = 0)]
    seed: u32,
    /// Times that samples are made anew; the mean is reported, with the deviation
    #[arg(long, default_value_t = 1, value_name = "N")]
    seeds: u32,
    /// Side of the images, where no model says it
    #[arg(long, default_value_t = 32)]
    size: usize,
    /// Images that go through the features' network at once
    #[arg(long)]
    batch: Option<usize>,
    #[command(flatten)]
    own: Own,
    #[command(flatten)]
    extras: Extras,
    /// Also write the numbers and their conditions to this file
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Say below the table all that each number depends on
    #[arg(long)]
    conditions: bool,
    /// auto, cpu, wgpu or wgpu:N
    #[arg(long, default_value = "auto")]
    device: DeviceSpec,
}

fn metrics_help() -> String {
    format!("What to measure, with commas between them: {}", Metric::names())
}

fn parse_resize(text: &str) -> Result<Resize, String> {
    match text {
        "tf1" => Ok(Resize::Tf1),
        "pytorch-fid" => Ok(Resize::PytorchFid),
        _ => Err("the rules are tf1 and pytorch-fid".into()),
    }
}

/// Most samples: FID's 50,000 and to spare.
const MOST: usize = 100_000;
/// Where the rest of what numbers depend on is.
const MORE: &str = "(all conditions: --conditions, or --json FILE)";
/// Most repeats.
const MOST_REPEATS: u32 = 100;

impl Args {
    pub fn run(self) -> Result<()> {
        self.check()?;
        let opened = gpu::open(&self.device)?;
        say!("device: {} ({})", opened.name, opened.reason);
        let comparison = Comparison {
            metrics: self.metrics.clone(),
            count: self.n,
            first_seed: self.seed,
            repeats: self.seeds,
        };
        let (subjects, mut reference) = self.sides(&opened.device)?;
        let bar = Bar::new();
        let mut watch = |what: &str, done: u64, total: u64| {
            let share = format!("{} of {}", words::count(done), words::count(total));
            let left = if done > 0 { words::time_left(bar.bar.eta().as_secs_f64()) } else { String::new() };
            bar.show([done, total], &[what.to_string(), share, left]);
            Ok(())
        };
        let mut extractors = Vec::new();
        for subject in &subjects {
            let shape = subject.shape();
            let own = self.own.source(&mut reference, shape[1], self.seed, &opened.device)?;
            extractors.push(self.extractors(shape, own, &opened.device)?);
        }
        for all in &extractors {
            comparison.check(&subjects, all)?;
        }
        let mut rows: Vec<Row> = Vec::new();
        let mut measure = || -> Result<()> {
            for (subject, extractors) in subjects.iter().zip(&extractors) {
                if self.metrics.contains(&Metric::Idempotence) && !subject.is_sign() {
                    bar.bar.suspend(|| say!("{} is no SIGN model: idem is left out", subject.name));
                }
                rows.extend(comparison.of(subject, &mut reference, extractors, &mut watch)?);
                // Numbers that took hours are not lost to what comes after them.
                self.write(&rows)?;
            }
            let settings = (self.n, self.seed);
            self.extras.run(&subjects, &mut reference, &extractors, settings, &mut watch)
        };
        let done = measure();
        bar.bar.finish_and_clear();
        if !rows.is_empty() {
            print(format_args!("{}", compare::table(&rows)));
            let all = if self.conditions { compare::conditions(&rows) } else { format!("{MORE}\n") };
            print(format_args!("{all}"));
        }
        done
    }

    fn check(&self) -> Result<()> {
        if !(2..=MOST).contains(&self.n) {
            return Err(Error::usage(format!("--n {}", self.n)).hint(format!("give 2 to {MOST}")));
        }
        if !(1..=MOST_REPEATS).contains(&self.seeds) {
            return Err(
                Error::usage(format!("--seeds {}", self.seeds)).hint(format!("give 1 to {MOST_REPEATS}"))
            );
        }
        if let Some(batch) = self.batch.filter(|batch| !(1..=4096).contains(batch)) {
            return Err(Error::usage(format!("--batch {batch}")).hint("give 1 to 4096"));
        }
        if let Some(file) = &self.json {
            can_be_written(file, "--json")?;
        }
        self.extras.check(!is_statistics(&self.data))
    }

    /// What is measured and what it is held against.
    fn sides(&self, device: &burn::tensor::Device) -> Result<(Vec<Subject>, Reference<'_>)> {
        let mut subjects = Vec::new();
        for path in &self.models {
            let generator = super::open_model(path, device)?;
            let unet = &generator.spec.unet;
            if unet.img_channels == 2 || unet.img_resolution < 8 || !unet.img_resolution.is_power_of_two() {
                let what = format!(
                    "its samples are {0}×{0} of {1} channels",
                    unet.img_resolution, unet.img_channels
                );
                return Err(Error::checkpoint(path, what).hint(
                    "images of 8, 16, 32, … pixels can be measured; toy worlds are measured by signet train",
                ));
            }
            subjects.push(Subject::model(path.display().to_string(), generator));
        }
        let side = subjects.first().map_or(self.size, |model| model.shape()[1]);
        for path in &self.images {
            subjects.push(Subject::images_of(path.display().to_string(), open(path, side)?));
        }
        if is_statistics(&self.data) {
            if subjects.is_empty() {
                return Err(Error::usage("there is nothing to measure").hint("give models or --images"));
            }
            return Ok((subjects, Reference::statistics(self.data.clone())));
        }
        if subjects.is_empty() {
            let (subject, reference) = compare::halves(&open(&self.data, side)?, self.n, self.seed)?;
            return Ok((vec![subject], reference));
        }
        Ok((subjects, Reference::set(|side| open(&self.data, side))))
    }

    fn extractors(
        &self,
        [channels, side]: [usize; 2],
        own: Option<Source>,
        device: &burn::tensor::Device,
    ) -> Result<Vec<Opened>> {
        let wanted = Wanted { channels, side, resize: self.resize, batch: self.batch, device };
        self.features.iter().chain(&own).map(|source| compare::open(source, &wanted)).collect()
    }

    fn write(&self, rows: &[Row]) -> Result<()> {
        let Some(file) = &self.json else { return Ok(()) };
        let text = serde_json::to_string_pretty(rows)
            .map_err(|e| Error::usage(format!("the numbers cannot be written: {e}")))?;
        std::fs::write(file, text).map_err(|e| Error::io(file, "write", &e))
    }
}

fn is_statistics(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("npz"))
}

/// Opens a set, and says what became of its images: resizing changes every number.
fn open(path: &Path, size: usize) -> Result<Dataset> {
    let source = recipe::Data { path: Some(path.to_path_buf()), size, ..recipe::Data::default() };
    let (mut set, report) = super::data::open(&source, 0)?;
    if report.resized > 0 || !report.skipped.is_empty() || !report.warnings.is_empty() {
        say!("{report}");
    }
    if report.resized > 0 {
        // The name goes into every row's conditions.
        set.name = format!(
            "{} ({} of {} images resized to {size}, {})",
            set.name, report.resized, report.used, report.filter
        );
    }
    Ok(set)
}
