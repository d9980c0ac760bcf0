//! What became of one file: how it was edited, and what was measured.

use std::path::{Path, PathBuf};

use super::Request;
use crate::edit::{Canvas, Provenance, Settings, Way};
use crate::eval::{psnr, ssim};

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
    /// Measures the `result` in `edited` against what was `given`, or against the picture before it was
    /// spoiled.
    pub(super) fn new(
        result: PathBuf,
        settings: &Settings,
        edited: &Canvas,
        given: &[f32],
        clean: Option<&[f32]>,
        [moved_rms, idempotence_rms]: [f64; 2],
    ) -> Self {
        let shape = edited.shape;
        let sides = [shape.channels, shape.height, shape.width];
        let alike = |a: &[f32], b: &[f32]| Likeness { psnr: psnr(a, b), ssim: ssim(a, b, sides) };
        Self {
            result,
            way: settings.mode.way(),
            width: shape.width,
            height: shape.height,
            before: clean.map(|clean| alike(given, clean)),
            after: alike(&edited.numbers, clean.unwrap_or(given)),
            moved_rms,
            idempotence_rms,
        }
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
