//! How a run stands at one moment.

use std::path::PathBuf;
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use super::curve::Curve;
use super::files::{self, CHECKPOINTS};
use super::history::{History, SPEED, WALL_SPEED};
use super::run::Run;
use super::state::State;
use super::story::Warned;
use crate::plain_file;
use crate::recipe::Stage;
use crate::run::{BEST_FILE, CHANGES_FILE, Change, MOST_NAMES, SUMMARY_FILE, changes_of};
use crate::train::Manifest;
use crate::words;

/// Everything worth telling; `null` in JSON is what is not known.
#[derive(Clone, Debug, Serialize)]
pub struct Snapshot {
    pub run_dir: PathBuf,
    pub recipe: Option<String>,
    pub state: State,
    pub device: Option<String>,
    /// Side of the images, pixels.
    pub resolution: Option<usize>,
    pub stage: Option<Stage>,
    /// Steps of the stage, and of all stages.
    pub step: Option<u64>,
    pub total_steps: Option<u64>,
    /// Thousand images of the stage, and where it ends.
    pub kimg: Option<f64>,
    pub stage_kimg: Option<f64>,
    /// Thousand images of all stages, and where the run ends.
    pub run_kimg: Option<f64>,
    pub run_total_kimg: Option<f64>,
    /// Seconds of training, all processes together.
    pub elapsed_secs: Option<f64>,
    /// By training steps alone, and by the clock with everything beside them.
    pub images_per_sec: Option<f64>,
    pub images_per_wall_sec: Option<f64>,
    /// Seconds to the end of the stage; none where nothing is trained.
    pub eta_secs: Option<f64>,
    /// Which stage of the run that is, from 1, and how many there are.
    pub stage_number: Option<usize>,
    pub stages: Option<usize>,
    /// Seconds to the end of the run, all stages with everything in them, by the run's own plan.
    pub left_secs: Option<f64>,
    /// Seconds since the run wrote anything.
    pub since_secs: Option<f64>,
    /// Last values of the present stage.
    pub losses: Vec<Number>,
    /// Last values of all stages.
    pub metrics: Vec<Number>,
    pub best: Option<Best>,
    pub newest_checkpoint: Option<PathBuf>,
    pub newest_samples: Option<PathBuf>,
    pub data: Option<DataSet>,
    /// What was changed while it trained, oldest first.
    pub changes: Vec<Change>,
    /// The newest of `warning_count`.
    pub warnings: Vec<Warned>,
    pub warning_count: usize,
    /// What could not be read, in words.
    pub troubles: Vec<String>,
}

/// A number and what it was measured under.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Number {
    pub stage: Stage,
    pub name: String,
    /// NaN (`null`) where it was not finite.
    pub value: f64,
    pub kimg: f64,
    pub conditions: Option<String>,
}

impl Number {
    /// Whether both say the same; a value that was not finite says the same as another such.
    pub fn is(&self, other: &Self) -> bool {
        let same_value = self.value == other.value || self.value.is_nan() && other.value.is_nan();
        same_value && Self { value: 0.0, ..self.clone() } == Self { value: 0.0, ..other.clone() }
    }
}

/// The checkpoint with the best number.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Best {
    pub stage: Stage,
    pub kimg: f64,
    pub metric: String,
    pub value: f64,
    pub conditions: String,
    /// Its folder within the run.
    pub checkpoint: String,
}

/// The training images.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DataSet {
    pub name: Option<String>,
    pub images: Option<u64>,
    pub hash: String,
}

impl Run {
    /// How the run stands at `now`, with what else lies in its folder.
    pub fn snapshot(&self, now: SystemTime) -> Snapshot {
        let History { curves, last, unreadable, left_out, .. } = &self.history;
        let (state, stages) = (self.state(now), self.stages());
        let stage = last.as_ref().map(|line| line.stage);
        let kimg = last.as_ref().map(|line| line.kimg);
        let place = stages.iter().position(|(s, _)| Some(*s) == stage);
        let stage_kimg = place.and_then(|at| stages.get(at)).map(|(_, kimg)| *kimg);
        let before = place.map(|at| stages.iter().take(at).map(|(_, kimg)| kimg).sum::<f64>());
        let images_per_sec = self.history.images_per_sec();
        let images_per_wall_sec = self.history.images_per_wall_sec();
        let left = stage_kimg.zip(kimg).map(|(end, at)| (end - at).max(0.0) * 1000.0);
        // Before a release measured it, the speed by the clock was not known.
        let speed = images_per_wall_sec.or(images_per_sec);
        let eta = left.zip(speed).map(|(left, speed)| left / speed.max(1e-9));
        let since_secs = self.since_secs(now);
        let is_training = state == State::Training;
        let checkpoint = files::newest_checkpoint(&self.dir);
        let mut troubles = Vec::new();
        if let Err(error) = &self.recipe {
            troubles.push(format!("lengths are not known: {}", error.what));
        }
        if *unreadable > 0 {
            troubles.push(format!("{unreadable} lines of stats.jsonl cannot be read"));
        }
        if *left_out > 0 {
            troubles.push(format!(
                "stats.jsonl has more than {MOST_NAMES} names, or too long ones: {left_out} numbers are left out"
            ));
        }
        troubles.extend(
            self.cut_files().map(|path| {
                format!("{}: a line never ends, and what follows is not read", words::path(path))
            }),
        );
        troubles.extend(plain_file::check_folder(&self.dir.join(CHECKPOINTS)).err().map(|e| e.to_string()));
        let (changes, no_changes) = changes_of(&self.dir).unwrap_or_else(|error| {
            troubles.push(error.to_string());
            Default::default()
        });
        if no_changes > 0 {
            troubles.push(format!("{no_changes} lines of {CHANGES_FILE} cannot be read"));
        }
        Snapshot {
            run_dir: self.dir.clone(),
            recipe: self.recipe.as_ref().ok().map(|recipe| recipe.name.clone()),
            device: self.story.device.clone(),
            resolution: self.story.resolution,
            stage,
            step: last.as_ref().map(|line| line.step),
            total_steps: last.as_ref().map(|line| line.total_steps),
            kimg,
            stage_kimg,
            run_kimg: before.zip(kimg).map(|(before, kimg)| before + kimg),
            run_total_kimg: place.map(|_| stages.iter().map(|(_, kimg)| kimg).sum()),
            elapsed_secs: last.as_ref().map(|line| line.elapsed_secs),
            images_per_sec,
            images_per_wall_sec,
            eta_secs: eta.filter(|_| is_training),
            stage_number: place.map(|place| place + 1),
            stages: place.map(|_| stages.len()),
            left_secs: self.left_secs(since_secs).filter(|_| is_training),
            since_secs,
            losses: numbers(curves, |c| {
                let is_speed = [SPEED, WALL_SPEED].contains(&&*c.name);
                c.conditions.is_none() && Some(c.stage) == stage && !is_speed
            }),
            metrics: numbers(curves, |c| c.conditions.is_some()),
            best: files::json(&self.dir.join(BEST_FILE)),
            data: data(self, checkpoint.as_ref()),
            newest_checkpoint: checkpoint,
            newest_samples: files::pictures(&self.dir).pop().map(|pictures| pictures.path),
            changes,
            warnings: self.story.warnings.iter().cloned().collect(),
            warning_count: self.story.warning_count,
            troubles,
            state,
        }
    }
}

impl Run {
    /// What the run said last, less the time since.
    fn left_secs(&self, since_secs: Option<f64>) -> Option<f64> {
        let [left, then] = self.history.left?;
        let elapsed = self.history.last.as_ref().map_or(0.0, |line| line.elapsed_secs - then);
        Some((left - elapsed - since_secs.unwrap_or(0.0)).max(0.0))
    }
}

fn numbers(curves: &[Curve], wanted: impl Fn(&Curve) -> bool) -> Vec<Number> {
    let number = |c: &Curve| Number {
        stage: c.stage,
        name: c.name.clone(),
        value: c.latest,
        kimg: c.latest_kimg,
        conditions: c.conditions.clone(),
    };
    curves.iter().filter(|c| wanted(c)).map(number).collect()
}

/// A summary says most; a run that has not ended has checkpoints.
fn data(run: &Run, checkpoint: Option<&PathBuf>) -> Option<DataSet> {
    #[derive(Deserialize)]
    struct Summary {
        data: DataSet,
    }
    #[derive(Deserialize)]
    struct Stamp {
        data_hash: String,
    }
    let summary: Option<Summary> = files::json(&run.dir.join(SUMMARY_FILE));
    let stamp = || files::json::<Stamp>(&checkpoint?.join(Manifest::FILE));
    summary
        .map(|summary| summary.data)
        .or_else(|| Some(DataSet { name: None, images: None, hash: stamp()?.data_hash }))
}
