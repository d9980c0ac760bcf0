//! One picture projected: which way, and what came of it step by step.

use image::RgbImage;

use super::{Constraint, Direct, Fit};
use crate::data::Shape;
use crate::error::{Error, Result};

/// How a picture is edited.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    pub mode: Mode,
    pub fit: Fit,
    /// Of the noise.
    pub seed: u32,
    /// The picture's number among those of one call: pictures of one seed draw different noise.
    pub picture: u32,
    /// The class that a conditional model is to see in the image; none leaves it open.
    pub class: Option<u32>,
}

/// What f is asked for.
#[derive(Clone, Debug, PartialEq)]
pub enum Mode {
    /// f applied to the picture; without noise of its own or added it is projected as it is.
    Direct(Direct),
    /// f at each of these falling noise levels, what is known put back after each.
    Constrained { task: Task, sigmas: Vec<f64> },
}

/// What is known of a picture, and what is to be found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Task {
    /// The masked pixels are to be found.
    Inpaint,
    /// The luma is known, the colours are to be found.
    Colourise,
    /// The means of `patch`×`patch` pixels are known, the detail is to be found.
    SuperResolve { patch: usize },
}

/// A projected image.
#[derive(Clone, Debug)]
pub struct Projection {
    /// The input as it was edited: at the model's resolution, or whole where it was edited in tiles.
    pub before: RgbImage,
    /// The image after each application of f; of a picture in tiles, which may be large, the last only.
    pub after: Vec<RgbImage>,
    /// Root mean square change of the pixels, in [-1, 1] units, of each application.
    pub moved_rms: Vec<f32>,
    /// Root mean square of f(y) - y for the result y, [-1, 1] units: 0 where f leaves it alone.
    pub idempotence_rms: f64,
    /// Which weights did it, for the caption.
    pub model: String,
}

impl Task {
    /// # Errors
    /// `Kind::Usage` for what no picture of `shape` can be asked for, whatever its pixels.
    pub fn check(self, shape: Shape) -> Result<()> {
        match self {
            Task::Inpaint => Ok(()),
            Task::Colourise => Constraint::Colourise.check(shape, 1),
            Task::SuperResolve { patch } => Constraint::SuperResolve { patch }.check(shape, 1),
        }
    }

    /// What is known of a picture, `known` being what its mask leaves.
    ///
    /// # Errors
    /// `Kind::Usage` for inpainting without a mask.
    pub fn constraint(self, known: Option<Vec<bool>>) -> Result<Constraint> {
        match self {
            Task::Inpaint => match known {
                Some(known) => Ok(Constraint::Inpaint { known }),
                None => Err(Error::usage("there is no mask that says what to fill in")
                    .hint("give --mask FILE (white is filled in), or a picture with transparent pixels")),
            },
            Task::Colourise => Ok(Constraint::Colourise),
            Task::SuperResolve { patch } => Ok(Constraint::SuperResolve { patch }),
        }
    }
}
