//! The edit of a picture of any size by a model of small ones, in place.

use super::sweep::{Sheet, Sweep};
use crate::data::{Shape, pixels};
use crate::edit::iterate::Levels;
use crate::edit::numbers::Numbers;
use crate::edit::rows::Rows;
use crate::edit::work::{Made, Progress};
use crate::edit::{Canvas, Direct, Iteration, Mode, Projection, Projector, Settings};
use crate::error::Result;

/// An edit that has begun. The picture is in memory once in f32 (12 bytes a pixel in colour), as it was given
/// once more (3 bytes where that was bytes), its mask (1 byte), and at the end twice as a picture to look at:
/// 22 bytes a pixel and a few rows, however many applications of f there are.
pub struct InTiles {
    picture: InPlace,
    sweep: Sweep,
    parts_done: usize,
    moved_rms: Vec<f32>,
}

/// The picture, and which application of f it is in.
struct InPlace {
    shape: Shape,
    /// As the last application left it; rows that are written already, as this one leaves them.
    x: Vec<f32>,
    given: Numbers,
    way: Way,
    step: usize,
    /// Squares of what this application has changed so far, summed.
    changed: f64,
}

enum Way {
    Direct { how: Direct, seed: u32, number: u32 },
    Constrained(Levels),
}

impl InTiles {
    /// # Errors
    /// `Kind::Usage` for settings out of range, inpainting without a mask, or a picture too large for tiles.
    pub fn new(canvas: Canvas, settings: &Settings, own: Shape) -> Result<Self> {
        let Canvas { shape, numbers: mut x, known } = canvas;
        super::check_size(shape.height, shape.width)?;
        let given = Numbers::packed(&x);
        let Settings { seed, picture: number, .. } = *settings;
        let (way, group) = match &settings.mode {
            Mode::Direct(how) => {
                how.check()?;
                (Way::Direct { how: *how, seed, number }, 1)
            }
            Mode::Constrained { task, sigmas } => {
                let constraint = task.constraint(known)?;
                constraint.check(shape, 1)?;
                let levels = Iteration { sigmas, seed, bound: 1.0 }.levels(constraint, number)?;
                levels.start(&mut x, shape);
                let group = levels.group();
                (Way::Constrained(levels), group)
            }
        };
        let picture = InPlace { shape, x, given, way, step: 0, changed: 0.0 };
        let sweep = Sweep::new(own, [shape.height, shape.width], group);
        Ok(Self { picture, sweep, parts_done: 0, moved_rms: Vec::new() })
    }

    /// Does the next part with `model`, whose pictures have the shape that the edit began with.
    ///
    /// # Errors
    /// What f refuses.
    pub fn advance(&mut self, model: &dyn Projector) -> Result<Progress> {
        let ended = self.sweep.advance(model, &mut self.picture)?;
        self.parts_done += 1;
        let total = (self.picture.applications() + 1) * self.sweep.parts();
        if !ended {
            return Ok(Progress::Parts { done: self.parts_done, total });
        }
        let rms = self.picture.end_step();
        if self.picture.step <= self.picture.applications() {
            self.moved_rms.push(rms as f32);
            self.sweep = self.sweep.again();
            return Ok(Progress::Parts { done: self.parts_done, total });
        }
        Ok(Progress::Result(self.result(rms)))
    }

    fn result(&mut self, idempotence_rms: f64) -> Made {
        let InPlace { shape, x, given, .. } = &mut self.picture;
        let numbers = std::mem::take(x);
        let given = std::mem::replace(given, Numbers::Bytes(Vec::new()));
        let projection = Projection {
            before: given.picture(*shape),
            after: vec![pixels::picture_of_shape(&numbers, *shape)],
            moved_rms: std::mem::take(&mut self.moved_rms),
            idempotence_rms,
            model: String::new(),
        };
        Made { shape: *shape, given, numbers, projection }
    }
}

impl InPlace {
    /// Applications of f that make the result; one more measures whether f leaves it alone.
    fn applications(&self) -> usize {
        match &self.way {
            Way::Direct { how, .. } => how.steps,
            Way::Constrained(levels) => levels.count(),
        }
    }

    fn is_measuring(&self) -> bool {
        self.step == self.applications()
    }

    /// Goes on to the next application; the root mean square of what this one changed.
    fn end_step(&mut self) -> f64 {
        self.step += 1;
        (std::mem::take(&mut self.changed) / self.shape.numbers().max(1) as f64).sqrt()
    }
}

impl Sheet for InPlace {
    fn read(&self, rows: &Rows) -> Vec<f32> {
        let x = rows.of(&self.x);
        match &self.way {
            _ if self.is_measuring() => x,
            Way::Direct { how, seed, number } if self.step == 0 => how.first(&x, rows, *seed, *number),
            Way::Direct { .. } => x,
            Way::Constrained(levels) => levels.before(self.step as u64, &x, rows),
        }
    }

    fn write(&mut self, rows: &Rows, mut made: Vec<f32>) {
        let measuring = self.is_measuring();
        if let (Way::Constrained(levels), false) = (&self.way, measuring) {
            levels.after(&self.given.of(rows), &mut made, rows);
        }
        // The first application is held against what was given: x had something neutral in place of the rest.
        let before = if self.step == 0 { self.given.of(rows) } else { rows.of(&self.x) };
        self.changed +=
            made.iter().zip(before).map(|(a, b)| (f64::from(*a) - f64::from(b)).powi(2)).sum::<f64>();
        if !measuring {
            rows.put(&made, &mut self.x);
        }
    }
}
