//! What the trainer says and what it can be told: the only words between it and its faces.

use std::borrow::Cow;
use std::path::PathBuf;
use std::sync::Arc;

use image::{GrayImage, RgbImage};

pub use super::pictures::Pictures;
pub use crate::edit::Projection;
use crate::edit::Wish;
use crate::error::Error;
pub use crate::recipe::Stage;
pub use crate::train::Tunable;

pub use super::bad_steps::BadSteps;
pub use super::elsewhere::{Departure, Elsewhere};
pub use super::plan::Left;
pub use super::rescaling::Rescaling;
pub use super::tuning::{Change, Tuning};
pub use crate::train::Averaging;

/// Where a run stands. `kimg` counts thousands of training images within the stage.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct Progress {
    pub stage: Stage,
    /// Optimiser steps done in this stage.
    pub step: u64,
    pub kimg: f64,
    /// The stage ends here.
    pub stage_kimg: f64,
    /// Seconds of training, all sessions of this run together.
    pub elapsed_secs: f64,
}

/// What the trainer reports.
#[derive(Clone, Debug)]
pub enum Message {
    /// The run folder is open; sent before anything of the training, and again by a run that is trained longer or
    /// goes on with its device opened anew.
    Started {
        run_dir: PathBuf,
        recipe: String,
        device: String,
        /// Side of the images, pixels.
        resolution: usize,
        /// Where training goes on from, if this run is not new.
        resumed_from: Option<PathBuf>,
    },
    /// Another process trains the run: what is said of it is read from its folder, and of all commands
    /// `StopElsewhere` alone is heard. Said after `Started`, and again when more is known.
    Followed(Elsewhere),
    /// That process has ended. Now `GoOn` and `TrainLonger` are heard.
    Departed(Departure),
    /// Everything that shapes the result, as TOML; sent after `Started`, and when a stage is made longer.
    Recipe(Arc<str>),
    /// Work that is not training and takes long enough to be shown: reading data, say.
    Preparing {
        what: String,
        done: u64,
        total: u64,
        /// Unknown at first.
        eta_secs: Option<f64>,
    },
    /// A stage begins (or goes on after a resume).
    StageStarted {
        stage: Stage,
        parameters: usize,
    },
    /// One optimiser step; losses are means over its batch, the speed is of steps alone.
    Step {
        at: Progress,
        losses: Vec<(&'static str, f32)>,
        images_per_sec: f64,
        left: Left,
    },
    /// Training images, for comparison; sent once.
    Reals(Pictures),
    /// What the student, or the teacher in training, makes of the run's fixed seeds: 0, 1, 2, …
    Samples {
        at: Progress,
        averaging: Averaging,
        pictures: Pictures,
        /// The run's file of them; only grids of the average have one, and not all.
        path: Option<PathBuf>,
    },
    /// What the frozen teacher makes of the same seeds in so many evaluations of its network an image.
    TeacherSamples {
        pictures: Pictures,
        evaluations: usize,
    },
    /// How the student is being judged.
    Diagnosis(Arc<Diagnosed>),
    /// A measured number with the conditions it was measured under.
    Metric {
        at: Progress,
        name: Cow<'static, str>,
        value: f64,
        conditions: String,
        /// The same in a few words, which are one for all numbers of a measurement.
        on: Arc<str>,
    },
    /// A checkpoint is on disk, whole.
    Checkpoint {
        at: Progress,
        path: PathBuf,
    },
    /// What may change between two steps, and how it stands: at a stage's beginning, and in answer to
    /// `Command::Tune`, whether that was carried out or not.
    Tunables(Vec<Tunable>),
    /// Something was changed while the run went on; after a resume the earlier changes are told first.
    Changed(Change),
    /// A step whose gradients were not finite; training goes on.
    BadSteps(BadSteps),
    /// A step that overflowed in half precision, or enough of them that did not: the factor of a loss.
    Rescaled(Rescaling),
    /// Something the user should know; training goes on.
    Warning(String),
    /// A line for the log.
    Note(String),
    Paused,
    Resumed,
    /// So many parts of the edit with this ticket are done; the last is told by its answer.
    Editing {
        ticket: u64,
        done: usize,
        total: usize,
    },
    /// The answer to `Command::Edit`.
    Edited(Edited),
    /// The classes that the networks are told, those that have pictures; at a stage's beginning.
    Classes(Arc<[Class]>),
    /// What has come of `Command::Make`.
    Making(Making),
    /// The last message of a run that ended well, but for edits where the trainer stays.
    Done {
        why: Ending,
        run_dir: PathBuf,
    },
    /// The last message of a run that did not.
    Failed(Error),
}

/// What teacher and fake score make of the student's images under noise.
#[derive(Clone, Debug)]
pub struct Diagnosed {
    pub at: Progress,
    /// Noise levels, rising.
    pub sigmas: Vec<f64>,
    /// For every image and, within it, every level: the noisy image at the contrast of images, the teacher's
    /// and the fake score's denoised ones, and their difference, magnified to the largest of the level.
    pub pictures: Pictures,
    /// For every level the mean of (teacher - fake)² over pixels.
    pub disagreement: Vec<f64>,
    /// For every level the fake score's loss per pixel.
    pub fake_loss: Vec<f64>,
}

/// Pictures of every image and level in `Diagnosed::pictures`.
pub const PANELS: [&str; 4] = ["noisy", "teacher", "fake score", "difference"];

/// Why a run ended without an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ending {
    /// The recipe is finished.
    Finished,
    /// `Command::Stop`, Ctrl-C or a closed window; the same command goes on later.
    Stopped,
    /// `--max-kimg` or `--max-minutes`.
    Limit,
}

/// What a face can ask for. Each is carried out between two training steps.
#[derive(Clone, Debug)]
pub enum Command {
    Pause,
    Resume,
    SampleNow,
    /// Whether each grid is drawn from the raw weights too; the first one at once.
    SampleRaw(bool),
    /// Draw the teacher's grid: now, or when a student begins.
    ShowTeacher,
    SaveNow,
    /// Say how the student is being judged.
    Diagnose,
    /// Change a number of the stage. What cannot be is answered by a warning.
    Tune(Tuning),
    /// Train the last stage of a run that is finished on to so many thousand images. A stage that is not over
    /// is made longer by `Tune`.
    TrainLonger {
        kimg: f64,
    },
    /// Save, then end. Of a run that is followed: stop following, whatever the other process does.
    Stop,
    /// Ask the process that trains a run that is followed to save and end.
    StopElsewhere,
    /// Train the run here that another process has trained until now.
    GoOn,
    /// Done a part at a time, in turn with other edits, between steps.
    Edit(EditRequest),
    /// Drop the edit with this ticket; it is not answered.
    CancelEdit(u64),
    /// Make pictures of new seeds, a few at a time between steps.
    Make(MakeRequest),
    /// Drop the pictures with this ticket; they are not answered.
    CancelMake(u64),
    /// The face is gone: nobody is answered once the run has ended.
    Leave,
}

/// A class of the training images.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Class {
    pub number: u32,
    pub name: String,
    /// Training images of it.
    pub pictures: usize,
}

/// Pictures to make from the run's averaged weights, as they are when that begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MakeRequest {
    /// Comes back in the answer.
    pub ticket: u64,
    /// One picture a seed, from this one on.
    pub first_seed: u32,
    /// At most [`MOST_MADE`](super::MOST_MADE).
    pub count: usize,
    /// Of this class; none is all in turn, where there are classes.
    pub class: Option<u32>,
}

/// How far pictures are that were asked for.
#[derive(Clone, Debug)]
pub enum Making {
    Part { ticket: u64, done: usize, total: usize },
    Done { ticket: u64, outcome: Result<Made, Error> },
}

/// Pictures with what they were made from, one entry a picture.
#[derive(Clone, Debug)]
pub struct Made {
    pub pictures: Pictures,
    pub seeds: Vec<u32>,
    /// None where the model knows no classes.
    pub classes: Option<Vec<u32>>,
    /// Where the weights stood in their training.
    pub at: Progress,
}

/// An image to edit.
#[derive(Clone, Debug)]
pub struct EditRequest {
    /// Comes back in the answer.
    pub ticket: u64,
    pub name: String,
    /// Any size.
    pub image: Arc<RgbImage>,
    /// As large as the image; white (128 and up) is filled in. For inpainting alone: other ways pass it over.
    pub mask: Option<Arc<GrayImage>>,
    pub wish: Wish,
    pub weights: Weights,
}

/// Whose weights edit an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Weights {
    /// The run's averaged ones, as they are when the edit begins.
    Newest,
    /// A run folder's newest, a checkpoint folder's or a file's.
    Checkpoint(PathBuf),
}

/// A projected image, or why there is none.
#[derive(Clone, Debug)]
pub struct Edited {
    pub ticket: u64,
    pub name: String,
    pub outcome: Result<Projection, Error>,
}
