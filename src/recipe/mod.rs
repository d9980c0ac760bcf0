//! The one configuration of a run: everything that shapes the result, nothing that only shapes how
//! it is shown. A recipe is a TOML file or one of the presets; the run folder keeps it resolved.

mod check;
mod file;
mod knobs;
mod optimiser;
mod presets;
mod sign;
mod stage;

pub use check::check;
pub use file::{from_toml, hash, read, to_toml};
pub use knobs::{ALPHA, FAKE_RATE, Knob, SIGN_WEIGHTS, STUDENT_RATE, TEACHER_RATE};
pub use optimiser::{BadGradients, Optimiser};
pub use presets::{PRESETS, fit, names, preset};
pub use sign::{Head, Sign, no_terms};
pub use stage::Stage;

use serde::{Deserialize, Serialize};
use std::path::PathBuf;

use crate::world::World;

/// A whole run: data, networks, the teacher's stage and the student's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipe {
    pub name: String,
    pub seed: u32,
    pub data: Data,
    pub network: Network,
    pub teacher: Teacher,
    pub student: Student,
    #[serde(default)]
    pub optimiser: Optimiser,
    pub report: Report,
}

impl Recipe {
    /// What is trained, in this order, and how long: thousand images.
    pub fn stages(&self) -> Vec<(Stage, f64)> {
        let mut stages = Vec::new();
        if self.teacher.path.is_none() {
            stages.push((Stage::Teacher, self.teacher.kimg));
        }
        if self.student.kimg > 0.0 {
            stages.push((self.student.method.into(), self.student.kimg));
        }
        stages
    }
}

/// Where training images come from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Data {
    /// Zip, folder, IDX or CIFAR file; none is the procedural demo set.
    pub path: Option<PathBuf>,
    /// Samples of a toy world (ring8, img64) instead of images; it brings its own size.
    pub world: Option<World>,
    /// Side of the square training images, pixels, a power of two.
    pub size: usize,
    /// Pictures in the procedural set; with a path, the most that are read (none: all).
    pub limit: Option<usize>,
    /// Mirror half of the images.
    pub x_flip: bool,
    /// Train with the images' class labels: the networks are told the class.
    pub use_labels: bool,
}

impl Default for Data {
    fn default() -> Self {
        Self { path: None, world: None, size: 16, limit: None, x_flip: false, use_labels: false }
    }
}

/// The network's shape, at any size.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Network {
    pub family: Family,
    pub model_channels: usize,
    pub channel_mult: Vec<usize>,
    pub num_blocks: usize,
    pub attn_resolutions: Vec<usize>,
    /// Share of activations dropped while the teacher, the fake score and SiD's generator train; SIGN's
    /// student trains without. Where a teacher is given and this is 0, the teacher's own share holds.
    pub dropout: f64,
}

impl Default for Network {
    fn default() -> Self {
        Self {
            family: Family::Ddpmpp,
            model_channels: 32,
            channel_mult: vec![1, 2],
            num_blocks: 1,
            attn_resolutions: vec![8],
            dropout: 0.0,
        }
    }
}

/// Families of networks, as Karras et al. (2022) configure them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Family {
    Ddpmpp,
    Ncsnpp,
    /// Attention needs levels of 64 channels or more.
    Adm,
    /// `num_blocks` dense layers of `model_channels`, for toy worlds.
    Mlp,
}

/// The EDM teacher: trained here, or read from a file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Teacher {
    /// A pretrained teacher (a run, a checkpoint, or a file that `signet import` knows); none trains one.
    pub path: Option<PathBuf>,
    /// A toy world itself judges the student, not this network. Students start from the network all the
    /// same, and SIGN's pairs (`reg`) are made by it.
    pub exact: bool,
    pub kimg: f64,
    pub batch: usize,
    /// Images that go through the network at once, the gradients of a batch being added up; 0 is the
    /// whole batch.
    pub micro_batch: usize,
    pub learning_rate: f64,
    /// Probability of each transformation of EDM's augmentation (0.12 for CIFAR-10); 0 is none. It mirrors
    /// every other image itself, instead of `data.x_flip`.
    pub augment: f64,
    /// The learning rate rises linearly over the first so many thousand images.
    pub warmup_kimg: f64,
    /// Share of the learning rate that is left at the end of the stage, falling linearly from its
    /// beginning; 1 keeps it constant.
    pub last_learning_rate: f64,
    pub ema_halflife_kimg: f64,
    /// Steps of the deterministic Heun sampler for sample grids.
    pub sample_steps: usize,
}

impl Default for Teacher {
    fn default() -> Self {
        Self {
            path: None,
            exact: false,
            kimg: 60.0,
            batch: 32,
            micro_batch: 0,
            learning_rate: 2e-3,
            augment: 0.0,
            warmup_kimg: 1.0,
            last_learning_rate: 1.0,
            ema_halflife_kimg: 5.0,
            sample_steps: 12,
        }
    }
}

/// How the one-step generator is distilled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Method {
    Sid,
    Sign,
}

/// The one-step generator and its fake score.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Student {
    pub method: Method,
    pub kimg: f64,
    pub batch: usize,
    /// As in the teacher.
    pub micro_batch: usize,
    pub learning_rate: f64,
    pub fake_learning_rate: f64,
    /// As in the teacher, for the student's own rate. The fake score's stays, so that it keeps up with a
    /// student that moves less and less.
    pub last_learning_rate: f64,
    pub ema_halflife_kimg: f64,
    pub sid: Sid,
    pub sign: Sign,
}

impl Default for Student {
    fn default() -> Self {
        Self {
            method: Method::Sign,
            kimg: 60.0,
            batch: 16,
            micro_batch: 0,
            learning_rate: 2e-4,
            fake_learning_rate: 6e-4,
            last_learning_rate: 1.0,
            ema_halflife_kimg: 5.0,
            sid: Sid::default(),
            sign: Sign::default(),
        }
    }
}

/// Score identity Distillation (Zhou et al., 2024).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Sid {
    pub objective: Objective,
    pub alpha: f64,
    /// Noise level at which the generator is queried.
    pub sigma_init: f64,
    /// Largest time of the loss's noise schedule, of 1000.
    pub t_max: f64,
    /// Factor of the summed generator loss.
    pub loss_scale: f64,
}

/// What a one-step generator goes down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Objective {
    /// SiD's model-based Fisher divergence.
    Sid,
    /// Distribution matching (DMD, Yin et al., 2024) without its regression: to compare with; `alpha` does
    /// not apply.
    Dmd,
}

impl Default for Sid {
    fn default() -> Self {
        Self { objective: Objective::Sid, alpha: 1.2, sigma_init: 2.5, t_max: 800.0, loss_scale: 100.0 }
    }
}

/// What a run leaves behind, and how often.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Report {
    pub sample_every_kimg: f64,
    pub checkpoint_every_kimg: f64,
    pub metric_every_kimg: f64,
    /// Pictures in a sample grid (its seeds are 0, 1, …).
    pub grid: usize,
    /// Samples behind every metric.
    pub metric_samples: usize,
    /// Checkpoints kept per run.
    pub keep_checkpoints: usize,
    /// The student's checkpoint with the lowest of this number is kept in the run's `best`; none is kept
    /// where nothing of this name is measured.
    pub best: String,
    /// Weights of a network (as `signet eval --features` takes them) whose features are compared beside
    /// pixels.
    pub features: Option<PathBuf>,
}

impl Default for Report {
    fn default() -> Self {
        Self {
            sample_every_kimg: 2.0,
            checkpoint_every_kimg: 10.0,
            metric_every_kimg: 10.0,
            grid: 36,
            metric_samples: 512,
            keep_checkpoints: 2,
            best: "fd_pixel".into(),
            features: None,
        }
    }
}
