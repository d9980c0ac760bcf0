//! One picture projected: which way, and what came of it step by step.

use image::RgbImage;

use super::{Canvas, Constraint, Direct, Fit, Iteration, Model, Projector, Tiled, direct, iterate};
use crate::data::{Shape, pixels};
use crate::diffusion::Generator;
use crate::error::{Error, Result};
use crate::eval::rms_difference;

/// How a picture is edited.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    pub mode: Mode,
    pub fit: Fit,
    /// Of the noise.
    pub seed: u32,
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

impl Mode {
    /// Applications of f.
    pub fn steps(&self) -> usize {
        match self {
            Mode::Direct(how) => how.steps,
            Mode::Constrained { sigmas, .. } => sigmas.len(),
        }
    }
}

impl Settings {
    /// Direct projection at the model's resolution of a picture without noise of its own.
    pub fn direct(steps: usize, strength_sigma: f32, seed: u32) -> Self {
        let how = Direct { steps, noise_sigma: 0.0, strength_sigma: f64::from(strength_sigma) };
        Self { mode: Mode::Direct(how), fit: Fit::Resize, seed, class: None }
    }
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
    /// Which weights did it, for the caption.
    pub model: String,
}

/// Edits `image`, of any size and without a mask, with `generator`, which is called `model`.
///
/// # Errors
/// `Kind::Usage` for settings out of range or a model without projection.
pub fn project(
    generator: &Generator,
    model: &str,
    image: &RgbImage,
    settings: &Settings,
) -> Result<Projection> {
    let own = Model::new(generator, settings.class)?;
    let canvas = Canvas::new(image, None, own.shape(), settings.fit)?;
    let (_, projection) = project_canvas(&own, &canvas, settings, &mut |_| {})?;
    Ok(Projection { model: model.to_string(), ..projection })
}

/// The result in numbers, and the steps to it as pictures. `progress` hears how many applications are done.
///
/// # Errors
/// As [`project`]; `Kind::Usage` for inpainting without a mask.
pub fn project_canvas(
    model: &dyn Projector,
    canvas: &Canvas,
    settings: &Settings,
    progress: &mut dyn FnMut(usize),
) -> Result<(Vec<f32>, Projection)> {
    let keeps_all = canvas.shape == model.shape();
    let (mut after, mut moved_rms, mut last) = (Vec::new(), Vec::new(), canvas.numbers.clone());
    let mut watch = |x: &[f32]| {
        moved_rms.push(rms_difference(x, &last) as f32);
        last.copy_from_slice(x);
        if !keeps_all {
            after.clear();
        }
        after.push(pixels::picture_of_shape(x, canvas.shape));
        progress(moved_rms.len());
    };
    let seed = settings.seed;
    let result = at_size_of(model, canvas, |f| match &settings.mode {
        Mode::Direct(how) => direct(f, &canvas.numbers, *how, seed, &mut watch),
        Mode::Constrained { task, sigmas } => {
            let how = Iteration { sigmas, seed, bound: 1.0 };
            iterate(f, &canvas.numbers, &task.constraint(canvas)?, how, &mut watch)
        }
    })?;
    Ok((result, Projection { before: canvas.picture(), after, moved_rms, model: String::new() }))
}

/// Root mean square of f(y) - y for a result y of `canvas`'s shape, [-1, 1] units: 0 where f leaves it alone.
///
/// # Errors
/// What f refuses.
pub fn idempotence_error(model: &dyn Projector, canvas: &Canvas, result: &[f32]) -> Result<f64> {
    let again = at_size_of(model, canvas, |f| f.project(result))?;
    Ok(rms_difference(&again, result))
}

/// Runs `edit` with f at the canvas's size.
fn at_size_of<T>(
    model: &dyn Projector,
    canvas: &Canvas,
    edit: impl FnOnce(&dyn Projector) -> Result<T>,
) -> Result<T> {
    if canvas.shape == model.shape() {
        return edit(model);
    }
    edit(&Tiled::new(model, canvas.shape.height, canvas.shape.width)?)
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

    fn constraint(self, canvas: &Canvas) -> Result<Constraint> {
        match self {
            Task::Inpaint => match &canvas.known {
                Some(known) => Ok(Constraint::Inpaint { known: known.clone() }),
                None => Err(Error::usage("there is no mask that says what to fill in")
                    .hint("give --mask FILE (white is filled in), or a picture with transparent pixels")),
            },
            Task::Colourise => Ok(Constraint::Colourise),
            Task::SuperResolve { patch } => Ok(Constraint::SuperResolve { patch }),
        }
    }
}
