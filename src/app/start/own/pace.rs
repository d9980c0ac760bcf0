//! How long a run would take on this machine: by runs of the same shape that lie here, or by a few steps that are
//! timed when the user asks for it.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, TryRecvError, channel};

use eframe::Storage;
use eframe::egui::Context;
use serde::{Deserialize, Serialize};

use crate::app::thread;
use crate::bench;
use crate::error::{Error, Kind, Result};
use crate::gpu::{self, DeviceSpec};
use crate::plain_file;
use crate::recipe::{Recipe, Stage};
use crate::run::log::{Entry, LOG_FILE, Line};
use crate::run::{SPEED, STATS_FILE, recipe_of};

/// Under this key the paces are kept between sessions.
const KEY: &str = "paces";

/// Runs that are looked at, the newest first, and how much of a file of theirs is read, bytes.
const MOST_RUNS: usize = 32;
const MOST_BYTES: u64 = 8 << 20;

/// Training images a second of each stage, and where that was seen.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pace {
    pub stages: Vec<(Stage, f64)>,
    /// "CPU (2 threads)".
    pub device: String,
    /// The run that trained so fast; none where it was measured.
    pub run: Option<String>,
}

/// What is being done in the background.
enum Job {
    Reading(Receiver<BTreeMap<String, Pace>>),
    Measuring { shape: String, stop: Arc<AtomicBool>, outcome: Receiver<Result<Pace>> },
}

/// What is known, by the shape of what is trained.
#[derive(Default)]
pub struct Paces {
    known: BTreeMap<String, Pace>,
    job: Option<Job>,
    /// Why the last measurement failed.
    pub problem: Option<String>,
    /// Where runs lie, until they have been looked at.
    runs: Option<PathBuf>,
}

impl Paces {
    /// Paces of the runs in this folder, once they are read.
    pub fn of_runs(runs: &Path) -> Self {
        Self { known: BTreeMap::new(), job: None, problem: None, runs: Some(runs.to_path_buf()) }
    }

    /// Takes what earlier sessions have measured.
    pub fn remember(&mut self, storage: Option<&dyn Storage>) {
        let kept: Option<BTreeMap<String, Pace>> =
            storage.and_then(|storage| eframe::get_value(storage, KEY));
        for (shape, pace) in kept.into_iter().flatten() {
            self.known.entry(shape).or_insert(pace);
        }
    }

    pub fn keep(&self, storage: &mut dyn Storage) {
        // Runs say for themselves how fast they were.
        let measured: BTreeMap<&String, &Pace> =
            self.known.iter().filter(|(_, pace)| pace.run.is_none()).collect();
        eframe::set_value(storage, KEY, &measured);
    }

    pub fn of(&self, recipe: &Recipe) -> Option<&Pace> {
        self.known.get(&shape(recipe))
    }

    pub fn is_measuring(&self) -> bool {
        matches!(self.job, Some(Job::Measuring { .. }))
    }

    /// Whether runs are still being looked at: what is not known yet may come.
    pub fn is_reading(&self) -> bool {
        self.runs.is_some() || matches!(self.job, Some(Job::Reading(_)))
    }

    /// Takes what has come since the last frame, and begins with what is to be done.
    pub fn step(&mut self, ctx: &Context) {
        if let Some(runs) = self.runs.take() {
            let (say, outcome) = channel();
            let ctx = ctx.clone();
            let started = thread::start("signet-paces", "looks at runs", move || {
                // A window that is gone needs no answer.
                let _ = say.send(of_runs(&runs));
                ctx.request_repaint();
            });
            // Without a thread nothing is known, which is said.
            self.job = started.is_ok().then_some(Job::Reading(outcome));
        }
        match &self.job {
            None => {}
            Some(Job::Reading(outcome)) => match outcome.try_recv() {
                Err(TryRecvError::Empty) => {}
                outcome => {
                    for (shape, pace) in outcome.into_iter().flatten() {
                        self.known.entry(shape).or_insert(pace);
                    }
                    self.job = None;
                }
            },
            Some(Job::Measuring { shape, outcome, .. }) => {
                let measured = match outcome.try_recv() {
                    Err(TryRecvError::Empty) => return,
                    Err(TryRecvError::Disconnected) => {
                        Err(Error::new(Kind::Device, "the measurement broke off"))
                    }
                    Ok(measured) => measured,
                };
                let shape = shape.clone();
                self.job = None;
                match measured {
                    Ok(pace) => drop(self.known.insert(shape, pace)),
                    Err(error) if error.kind == Kind::Stopped => {}
                    Err(error) => self.problem = Some(error.to_string()),
                }
            }
        }
    }

    /// Times a few steps of each stage of `recipe`, on images of so many channels and classes.
    pub fn measure(&mut self, ctx: &Context, recipe: Recipe, channels: usize, classes: usize) {
        if self.job.is_some() {
            return;
        }
        let (say, outcome) = channel();
        let stop = Arc::new(AtomicBool::new(false));
        let (asked, shape, ctx) = (Arc::clone(&stop), shape(&recipe), ctx.clone());
        let started = thread::start("signet-pace", "times a few steps", move || {
            let _ = say.send(measured(&recipe, channels, classes, &asked));
            ctx.request_repaint();
        });
        self.problem = started.as_ref().err().map(ToString::to_string);
        self.job = started.is_ok().then_some(Job::Measuring { shape, stop, outcome });
    }

    /// Calls a measurement off; it ends with the step that it is at.
    pub fn stop(&mut self) {
        if let Some(Job::Measuring { stop, .. }) = &self.job {
            stop.store(true, Ordering::Relaxed);
        }
    }
}

impl Drop for Paces {
    fn drop(&mut self) {
        self.stop();
    }
}

/// # Errors
/// What the device or the recipe refuses, and `Kind::Stopped`.
fn measured(recipe: &Recipe, channels: usize, classes: usize, stop: &AtomicBool) -> Result<Pace> {
    let work = || -> Result<Pace> {
        let opened = gpu::open(&DeviceSpec::Auto)?;
        let mut watch = |_, _| match stop.load(Ordering::Relaxed) {
            true => Err(Error::new(Kind::Stopped, "the measurement was called off")),
            false => Ok(()),
        };
        let stages = bench::pace(recipe, channels, classes, &opened.device, &mut watch)?;
        Ok(Pace { stages, device: opened.name, run: None })
    };
    // A driver that gives up takes the measurement with it, and nothing else.
    let outcome = std::panic::catch_unwind(std::panic::AssertUnwindSafe(work));
    outcome.unwrap_or_else(|_| {
        Err(Error::new(Kind::Device, "the device gave up on it").hint("see what `signet doctor` says"))
    })
}

/// All that the pace of a recipe follows from.
fn shape(recipe: &Recipe) -> String {
    let Recipe { precision, data, network, teacher, student, .. } = recipe;
    let augments = teacher.augment > 0.0;
    format!(
        "{network:?} {precision:?} {} {} {} {} {augments} {} {:?} {} {}",
        data.size,
        data.use_labels,
        teacher.batch,
        teacher.micro_batch,
        teacher.path.is_some(),
        student.method,
        student.batch,
        student.micro_batch
    )
}

/// How fast the runs in a folder were; of two of one shape the newer one counts.
fn of_runs(runs: &Path) -> BTreeMap<String, Pace> {
    let entries = fs::read_dir(runs).into_iter().flatten().flatten();
    let changed =
        |path: &PathBuf| path.join(STATS_FILE).symlink_metadata().and_then(|meta| meta.modified()).ok();
    let mut found: Vec<_> =
        entries.filter_map(|entry| Some((changed(&entry.path())?, entry.path()))).collect();
    found.sort();
    let mut known = BTreeMap::new();
    for (_, run) in found.into_iter().rev().take(MOST_RUNS) {
        if let Some((shape, pace)) = of_run(&run) {
            known.entry(shape).or_insert(pace);
        }
    }
    known
}

/// None where it is no run, or has not trained each of its stages.
fn of_run(run: &Path) -> Option<(String, Pace)> {
    let (recipe, _) = recipe_of(run).ok()?;
    let mut last: BTreeMap<&'static str, (Stage, f64)> = BTreeMap::new();
    for line in last_lines(&run.join(STATS_FILE)).ok()? {
        let Ok(entry) = serde_json::from_str::<serde_json::Value>(&line) else { continue };
        let stage = entry.get("stage").and_then(|stage| serde_json::from_value::<Stage>(stage.clone()).ok());
        let pace = entry.get(SPEED).and_then(serde_json::Value::as_f64).filter(|pace| *pace > 0.0);
        if let Some((stage, pace)) = stage.zip(pace) {
            last.insert(stage.name(), (stage, pace));
        }
    }
    let stages: Option<Vec<_>> =
        recipe.stages().iter().map(|(stage, _)| last.get(stage.name()).copied()).collect();
    let name = run.file_name()?.to_string_lossy().into_owned();
    let pace = Pace { stages: stages?, device: device(run).unwrap_or_default(), run: Some(name) };
    Some((shape(&recipe), pace))
}

/// The device that the run was last trained on.
fn device(run: &Path) -> Option<String> {
    let lines = last_lines(&run.join(LOG_FILE)).ok()?;
    let started = |line: String| match serde_json::from_str::<Line>(&line).ok()?.entry {
        Entry::Started { device, .. } => Some(device),
        _ => None,
    };
    lines.into_iter().filter_map(started).next_back()
}

/// The lines at the end of a file; what is no text of them is replaced.
fn last_lines(path: &Path) -> Result<Vec<String>> {
    let mut file = plain_file::open(path)?;
    let mut bytes = Vec::new();
    let len = file.metadata().map(|meta| meta.len());
    len.and_then(|len| file.seek(SeekFrom::Start(len.saturating_sub(MOST_BYTES))))
        .and_then(|_| file.take(MOST_BYTES).read_to_end(&mut bytes))
        .map_err(|e| Error::io(path, "read", &e))?;
    Ok(String::from_utf8_lossy(&bytes).lines().map(str::to_owned).collect())
}

/// "about 12 min": no more exact than it is.
pub fn about(secs: f64) -> String {
    match secs {
        secs if !secs.is_finite() => "a time that is not known".to_owned(),
        secs if secs < 90.0 => "about a minute".to_owned(),
        secs if secs < 5_400.0 => format!("about {:.0} min", secs / 60.0),
        secs if secs < 129_600.0 => format!("about {:.0} h", secs / 3_600.0),
        secs => format!("about {:.0} days", secs / 86_400.0),
    }
}

impl Pace {
    /// "about 12 min for the teacher, about 25 min for SIGN".
    pub fn words(&self, recipe: &Recipe) -> String {
        let kimg: BTreeMap<&str, f64> =
            recipe.stages().into_iter().map(|(stage, kimg)| (stage.name(), kimg)).collect();
        let stages = self.stages.iter().filter_map(|(stage, pace)| {
            let secs = kimg.get(stage.name())? * 1000.0 / pace.max(f64::MIN_POSITIVE);
            let name = match stage {
                Stage::Teacher => "the teacher",
                Stage::Sid => "SiD",
                Stage::Sign => "SIGN",
            };
            Some(format!("{} for {name}", about(secs)))
        });
        stages.collect::<Vec<_>>().join(", ")
    }

    /// Where that is known from, without brackets: it stands in some.
    pub fn source(&self) -> String {
        let device = match self.device.strip_suffix(')').and_then(|device| device.rsplit_once(" (")) {
            Some((name, detail)) => format!("{name}, {detail}"),
            None => self.device.clone(),
        };
        let on = if device.is_empty() { String::new() } else { format!(" on {device}") };
        match &self.run {
            Some(run) => format!("as fast as {run}{on}"),
            None => format!("measured{on}"),
        }
    }
}

#[cfg(test)]
mod tests;
