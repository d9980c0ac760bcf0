//! What the trainer says and what it can be told: the only words between it and its faces.

use std::borrow::Cow;
use std::path::PathBuf;
use std::sync::Arc;

use image::RgbImage;

pub use super::pictures::Pictures;
pub use crate::edit::Projection;
use crate::error::Error;
pub use crate::recipe::Stage;

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
    /// The run folder is open; sent once, first.
    Started {
        run_dir: PathBuf,
        recipe: String,
        device: String,
        /// Side of the images, pixels.
        resolution: usize,
        /// Where training goes on from, if this run is not new.
        resumed_from: Option<PathBuf>,
    },
    /// Everything that shapes the result, as TOML; sent once, after `Started`.
    Recipe(Arc<str>),
    /// Work that is not training and takes long enough to be shown: reading data, say.
    Preparing {
        what: String,
        done: u64,
        total: u64,
    },
    /// A stage begins (or goes on after a resume).
    StageStarted {
        stage: Stage,
        parameters: usize,
    },
    /// One optimiser step; losses are means over its batch.
    Step {
        at: Progress,
        losses: Vec<(&'static str, f32)>,
        images_per_sec: f64,
        eta_secs: f64,
    },
    /// Training images, for comparison; sent once.
    Reals(Pictures),
    /// What the EMA weights make of the run's fixed seeds.
    Samples {
        at: Progress,
        pictures: Pictures,
        path: Option<PathBuf>,
    },
    /// How the student is being judged.
    Diagnosis(Arc<Diagnosed>),
    /// A measured number with the conditions it was measured under.
    Metric {
        at: Progress,
        name: Cow<'static, str>,
        value: f64,
        conditions: String,
    },
    /// A verified checkpoint is on disk.
    Checkpoint {
        at: Progress,
        path: PathBuf,
    },
    /// Something the user should know; training goes on.
    Warning(String),
    /// A line for the log.
    Note(String),
    Paused,
    Resumed,
    /// The answer to `Command::Edit`.
    Edited(Edited),
    /// The last message of a run that ended well.
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
    SaveNow,
    /// Say how the student is being judged.
    Diagnose,
    /// Save, then end.
    Stop,
    Edit(EditRequest),
}

/// An image to project with the newest EMA weights.
#[derive(Clone, Debug)]
pub struct EditRequest {
    /// Comes back in the answer.
    pub ticket: u64,
    pub name: String,
    /// Any size: it is fitted to the model's resolution.
    pub image: RgbImage,
    /// Applications of f.
    pub steps: usize,
    /// Noise level added before the first application; 0 projects the image as it is.
    pub strength_sigma: f32,
    pub seed: u32,
}

/// A projected image, or why there is none.
#[derive(Clone, Debug)]
pub struct Edited {
    pub ticket: u64,
    pub name: String,
    pub outcome: Result<Projection, Error>,
}
