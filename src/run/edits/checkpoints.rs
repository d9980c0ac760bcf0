//! Models from files, for edits with other weights than the run's newest.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use burn::tensor::Device;

use super::model::Model;
use crate::error::Result;
use crate::train;

/// Opens models, and keeps the last one: a picture is edited many times with the same weights.
pub struct Checkpoints {
    device: Device,
    last: Option<(Stamp, Model)>,
}

/// Tells a model from another: its path, and when that last changed. A run folder that gets a newer
/// checkpoint is another model.
#[derive(PartialEq)]
struct Stamp {
    path: PathBuf,
    changed: [Option<SystemTime>; 2],
}

impl Stamp {
    fn of(path: &Path) -> Self {
        let changed = |path: &Path| path.metadata().and_then(|meta| meta.modified()).ok();
        Self { path: path.to_path_buf(), changed: [changed(path), changed(&path.join("checkpoints"))] }
    }
}

impl Checkpoints {
    pub fn new(device: Device) -> Self {
        Self { device, last: None }
    }

    /// # Errors
    /// Where there is no model at `path`, or a damaged one.
    pub fn open(&mut self, path: &Path) -> Result<Model> {
        let stamp = Stamp::of(path);
        if let Some((_, model)) = self.last.as_ref().filter(|(last, _)| *last == stamp) {
            return Ok(model.clone());
        }
        // The one before makes room first.
        self.last = None;
        let train::Found { generator, passed_over, .. } = train::find_generator(path, None, &self.device)?;
        let older = if passed_over.is_some() { " (an older checkpoint: the newest is damaged)" } else { "" };
        let model = Model { generator, label: format!("{}{older}", path.display()) };
        self.last = Some((stamp, model.clone()));
        Ok(model)
    }
}
