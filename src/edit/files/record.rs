//! What became of one file: how it was edited, and what was measured.

use std::path::{Path, PathBuf};

use super::Request;
use crate::data::Shape;
use crate::edit::{Made, Provenance, Settings, Way};
use crate::eval::{psnr_of, ssim_of};

/// An edited file.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    pub result: PathBuf,
    pub way: Way,
    /// Of the result, pixels.
    pub width: usize,
    pub height: usize,
    /// How alike the input is to the picture that it was made from; none where nothing was spoiled.
    pub before: Option<Likeness>,
    /// How alike the result is to that picture, or to the input.
    pub after: Likeness,
    /// Root mean square of result minus input, [-1, 1] units.
    pub moved_rms: f64,
    /// Root mean square of f(y) - y for the result y, [-1, 1] units.
    pub idempotence_rms: f64,
}

/// How alike two pictures are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Likeness {
    /// dB; infinite for equal pictures.
    pub psnr: f64,
    pub ssim: f64,
}

impl Record {
    /// Measures the `result` of an edit, its `numbers`, against what was `given`, or against the picture before
    /// it was spoiled.
    pub(super) fn new(result: PathBuf, settings: &Settings, made: &Made, clean: Option<&[f32]>) -> Self {
        let Made { shape, given, numbers, projection } = made;
        let truth = |i: usize| clean.map_or_else(|| given.at(i), |clean| clean[i]);
        let squares = numbers.iter().zip(given.iter()).map(|(a, b)| (f64::from(*a) - f64::from(b)).powi(2));
        Self {
            result,
            way: settings.mode.way(),
            width: shape.width,
            height: shape.height,
            before: clean.map(|_| likeness(*shape, |i| given.at(i), truth)),
            after: likeness(*shape, |i| numbers[i], truth),
            moved_rms: (squares.sum::<f64>() / numbers.len().max(1) as f64).sqrt(),
            idempotence_rms: projection.idempotence_rms,
        }
    }
}

/// How alike two pictures are, each a function of a number's place. A large one is not copied.
fn likeness(shape: Shape, a: impl Fn(usize) -> f32, b: impl Fn(usize) -> f32) -> Likeness {
    let sides = [shape.channels, shape.height, shape.width];
    Likeness {
        psnr: psnr_of((0..shape.numbers()).map(|i| (a(i), b(i)))),
        ssim: ssim_of(sides, |within| [within.clone().map(&a).collect(), within.map(&b).collect()]),
    }
}

/// What is written into the PNG.
pub(super) fn texts(request: &Request, file: &Path, settings: &Settings) -> Vec<(&'static str, String)> {
    let provenance = Provenance {
        model: &request.model,
        file: file.display().to_string(),
        settings,
        mask: request.mask.as_ref().map(|mask| mask.display().to_string()),
        corruption: request.corruption.map(|corruption| corruption.to_string()),
    };
    provenance.texts()
}
