//! The edit of one picture, done a part at a time.

use image::RgbImage;

use super::{Canvas, Iteration, Mode, Projection, Projector, Settings, Steps, Tiled};
use crate::data::pixels;
use crate::error::Result;
use crate::eval::rms_difference;

/// How far an edit is.
#[derive(Debug)]
pub enum Progress {
    /// So many parts of all are done: of the applications of f that make the result, and of the one that
    /// measures whether f leaves it alone.
    Parts { done: usize, total: usize },
    /// The result in numbers, and the steps to it as pictures.
    Result(Vec<f32>, Projection),
}

/// An edit that has begun.
pub struct Work {
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

impl Work {
    /// # Errors
    /// `Kind::Usage` for settings out of range, or inpainting without a mask.
    pub fn new(canvas: Canvas, settings: &Settings) -> Result<Self> {
        let (given, shape, seed) = (&canvas.numbers, canvas.shape, settings.seed);
        let edit = match &settings.mode {
            Mode::Direct(how) => how.begin(shape, given, seed)?,
            Mode::Constrained { task, sigmas } => {
                let how = Iteration { sigmas, seed, bound: 1.0 };
                how.begin(shape, given, &task.constraint(&canvas)?)?
            }
        };
        let (after, moved_rms) = (Vec::new(), Vec::with_capacity(edit.count()));
        Ok(Self { last: given.clone(), edit, again: None, after, moved_rms, parts_done: 0, canvas })
    }

    /// Does the next part with `model`, whose pictures the canvas was made for.
    ///
    /// # Errors
    /// What f refuses.
    pub fn advance(&mut self, model: &dyn Projector) -> Result<Progress> {
        let shape = self.canvas.shape;
        if shape == model.shape() {
            return self.part(model, true);
        }
        self.part(&Tiled::new(model, shape.height, shape.width)?, false)
    }

    /// A picture in tiles may be large: `keeps_all` says whether more than the last is kept.
    fn part(&mut self, f: &dyn Projector, keeps_all: bool) -> Result<Progress> {
        if let Some(again) = &mut self.again {
            again.advance(f)?;
        } else if self.edit.advance(f)? {
            self.see(keeps_all);
            if self.edit.is_done() {
                self.again = Some(Steps::again(self.edit.x().to_vec(), 1));
            }
        }
        self.parts_done += 1;
        let total = (self.edit.count() + 1) * f.parts(&self.canvas.numbers);
        Ok(match &self.again {
            Some(again) if again.is_done() => {
                let result = std::mem::take(&mut self.last);
                let idempotence_rms = rms_difference(again.x(), &result);
                Progress::Result(result, self.projection(idempotence_rms))
            }
            _ => Progress::Parts { done: self.parts_done, total },
        })
    }

    /// Keeps what the application that has just ended made.
    fn see(&mut self, keeps_all: bool) {
        let x = self.edit.x();
        self.moved_rms.push(rms_difference(x, &self.last) as f32);
        self.last.copy_from_slice(x);
        if !keeps_all {
            self.after.clear();
        }
        self.after.push(pixels::picture_of_shape(x, self.canvas.shape));
    }

    fn projection(&mut self, idempotence_rms: f64) -> Projection {
        Projection {
            before: self.canvas.picture(),
            after: std::mem::take(&mut self.after),
            moved_rms: std::mem::take(&mut self.moved_rms),
            idempotence_rms,
            model: String::new(),
        }
    }
}

/// Edits `canvas` in one go. `progress` hears how many parts of how many are done, as in [`Progress`].
///
/// # Errors
/// `Kind::Usage` for settings out of range, or inpainting without a mask; what f refuses.
pub fn project_canvas(
    model: &dyn Projector,
    canvas: &Canvas,
    settings: &Settings,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<(Vec<f32>, Projection)> {
    let mut work = Work::new(canvas.clone(), settings)?;
    loop {
        match work.advance(model)? {
            Progress::Parts { done, total } => progress(done, total),
            Progress::Result(numbers, projection) => return Ok((numbers, projection)),
        }
    }
}
