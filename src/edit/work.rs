//! The edit of one picture, done a part at a time.

use image::RgbImage;

use super::numbers::Numbers;
use super::tiles::InTiles;
use super::{Canvas, Iteration, Mode, Projection, Projector, Settings, Steps};
use crate::data::{Shape, pixels};
use crate::error::Result;
use crate::eval::rms_difference;

/// How far an edit is.
#[derive(Debug)]
pub enum Progress {
    /// So many parts of all are done: of the applications of f that make the result, and of the one that
    /// measures whether f leaves it alone.
    Parts {
        done: usize,
        total: usize,
    },
    Result(Made),
}

/// What came of an edit.
#[derive(Debug)]
pub struct Made {
    pub shape: Shape,
    /// The picture as it was given to the edit.
    pub given: Numbers,
    /// The result, C×H×W.
    pub numbers: Vec<f32>,
    /// The steps to it as pictures.
    pub projection: Projection,
}

/// An edit that has begun.
pub struct Work(Kind);

enum Kind {
    Whole(Whole),
    InTiles(InTiles),
}

impl Work {
    /// With a model of pictures of shape `own`.
    ///
    /// # Errors
    /// `Kind::Usage` for settings out of range, inpainting without a mask, or a picture too large for tiles.
    pub fn new(canvas: Canvas, settings: &Settings, own: Shape) -> Result<Self> {
        Ok(Self(if canvas.shape == own {
            Kind::Whole(Whole::new(canvas, settings)?)
        } else {
            Kind::InTiles(InTiles::new(canvas, settings, own)?)
        }))
    }

    /// Does the next part with `model`, the one that the edit began with or another of its shape.
    ///
    /// # Errors
    /// What f refuses.
    pub fn advance(&mut self, model: &dyn Projector) -> Result<Progress> {
        match &mut self.0 {
            Kind::Whole(whole) => whole.advance(model),
            Kind::InTiles(in_tiles) => in_tiles.advance(model),
        }
    }
}

/// The edit of a picture as large as the model's: every application of f is a part.
struct Whole {
    canvas: Canvas,
    edit: Steps,
    /// f once more, on the result.
    again: Option<Steps>,
    /// x before the application that is in progress.
    last: Vec<f32>,
    after: Vec<RgbImage>,
    moved_rms: Vec<f32>,
    parts_done: usize,
}

impl Whole {
    fn new(canvas: Canvas, settings: &Settings) -> Result<Self> {
        let (given, shape) = (&canvas.numbers, canvas.shape);
        let Settings { seed, picture, .. } = *settings;
        let edit = match &settings.mode {
            Mode::Direct(how) => how.begin(shape, given, seed, picture)?,
            Mode::Constrained { task, sigmas } => {
                let how = Iteration { sigmas, seed, bound: 1.0 };
                how.begin(shape, given, &task.constraint(canvas.known.clone())?, picture)?
            }
        };
        let (after, moved_rms) = (Vec::new(), Vec::with_capacity(edit.count()));
        Ok(Self { last: given.clone(), edit, again: None, after, moved_rms, parts_done: 0, canvas })
    }

    fn advance(&mut self, f: &dyn Projector) -> Result<Progress> {
        if let Some(again) = &mut self.again {
            again.advance(f)?;
            let idempotence_rms = rms_difference(again.x(), &self.last);
            return Ok(Progress::Result(self.result(idempotence_rms)));
        }
        self.edit.advance(f)?;
        self.see();
        if self.edit.is_done() {
            self.again = Some(Steps::again(self.edit.x().to_vec(), 1));
        }
        self.parts_done += 1;
        Ok(Progress::Parts { done: self.parts_done, total: self.edit.count() + 1 })
    }

    /// Keeps what the application that has just ended made.
    fn see(&mut self) {
        let x = self.edit.x();
        self.moved_rms.push(rms_difference(x, &self.last) as f32);
        self.last.copy_from_slice(x);
        self.after.push(pixels::picture_of_shape(x, self.canvas.shape));
    }

    fn result(&mut self, idempotence_rms: f64) -> Made {
        let projection = Projection {
            before: self.canvas.picture(),
            after: std::mem::take(&mut self.after),
            moved_rms: std::mem::take(&mut self.moved_rms),
            idempotence_rms,
            model: String::new(),
        };
        let given = Numbers::Exact(std::mem::take(&mut self.canvas.numbers));
        Made { shape: self.canvas.shape, given, numbers: std::mem::take(&mut self.last), projection }
    }
}

/// Edits `canvas` in one go. `progress` hears how many parts of how many are done, as in [`Progress`].
///
/// # Errors
/// `Kind::Usage` for settings out of range, or inpainting without a mask; what f refuses.
pub fn project_canvas(
    model: &dyn Projector,
    canvas: Canvas,
    settings: &Settings,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<Made> {
    let mut work = Work::new(canvas, settings, model.shape())?;
    loop {
        match work.advance(model)? {
            Progress::Parts { done, total } => progress(done, total),
            Progress::Result(made) => return Ok(made),
        }
    }
}
