//! How a run is started: where it goes, on what, until when.

use std::path::PathBuf;

use crate::gpu::DeviceSpec;

/// Where a run goes and how it begins; nothing here changes what it computes.
#[derive(Clone, Debug)]
pub struct Options {
    /// Folder that holds run folders.
    pub out: PathBuf,
    /// Start over in a new folder even if there is a run to go on with.
    pub fresh: bool,
    /// Go on with this very run.
    pub resume: Option<PathBuf>,
    pub device: DeviceSpec,
    /// Train on a GPU without the checks that come before its first training.
    pub untested_device: bool,
    pub limits: Limits,
    /// Which lengths of the recipe are meant for a run that is gone on with, whatever it began with.
    pub meant: Meant,
    /// Go on answering edits when the run has ended well, until `Command::Leave` or `Command::Stop`.
    pub stays: bool,
}

/// Lengths that somebody has named.
#[derive(Clone, Copy, Debug, Default)]
pub struct Meant {
    pub teacher_kimg: bool,
    pub student_kimg: bool,
}

/// When to end early; the same command goes on later.
#[derive(Clone, Copy, Debug, Default)]
pub struct Limits {
    /// Thousand training images of the whole run, all stages together.
    pub max_kimg: Option<f64>,
    /// Minutes of this process.
    pub max_minutes: Option<f64>,
}
