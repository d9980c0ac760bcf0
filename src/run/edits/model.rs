//! Weights that edit, and what they are called.

use crate::diffusion::Generator;
use crate::error::{Error, Result};
use crate::recipe::Stage;
use crate::run::running::Running;

/// A generator with its name. A clone is cheap: weights are shared until training replaces them.
#[derive(Clone, Debug)]
pub struct Model {
    pub generator: Generator,
    /// Where the weights are from, for a caption.
    pub label: String,
}

/// The averaged weights of the stage that is in training.
///
/// # Errors
/// `Kind::Usage` for a teacher: it has no projection.
pub fn newest(running: &Running) -> Result<Model> {
    let stage = running.trainer.stage();
    if stage == Stage::Teacher {
        return Err(Error::usage(
            "the run is at its teacher, which makes images; only a SIGN model can edit one",
        )
        .hint("wait for the SIGN stage if the run has one, or edit with a checkpoint of a SIGN model"));
    }
    let label = format!("{} at {:.1} kimg", stage.name(), running.at.images as f64 / 1000.0);
    Ok(Model { generator: running.trainer.generator()?, label })
}
