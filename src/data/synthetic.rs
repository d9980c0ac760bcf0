//! The demo set: little scenes painted in code, so that training needs no download.
//!
//! Bold shapes and smooth colours in six kinds, varied in colour, place, light and time of day:
//! little enough to learn for a small network within minutes, varied enough to show that it did.
//! Only +, -, ×, ÷ and √ are used, which round alike everywhere: the same seed paints the same bytes
//! on every machine.

mod backdrop;
mod colour;
mod dice;
mod paint;
mod scenes;
mod shape;

use std::path::Path;

use rayon::prelude::*;

use super::pile::Pile;
use super::plan::Plan;
use super::{Dataset, Progress, Report};
use crate::error::Result;
use dice::Dice;
use paint::Canvas;
use scenes::SCENES;

/// Pictures in the set unless the recipe says otherwise: more than a short demo looks at twice
/// a minute, and painted in less than a second.
pub const DEFAULT_COUNT: usize = 4096;

/// Name of the set.
pub const NAME: &str = "demo";

/// Pictures painted between two calls of the progress function.
const PIECE: usize = 1024;

/// Paints the set; the plan's limit is the number of pictures.
///
/// # Errors
/// More pictures than memory should hold.
pub fn open(plan: &Plan, progress: Progress<'_>) -> Result<(Dataset, Report)> {
    let count = plan.limit.unwrap_or(DEFAULT_COUNT);
    let mut pile = Pile::new(Path::new(NAME), plan.size, count)?;
    while pile.count() < count {
        let first = pile.count();
        let last = (first + PIECE).min(count);
        let painted: Vec<Vec<u8>> =
            (first..last).into_par_iter().map(|i| paint(plan.seed, i, plan.size)).collect();
        for planes in &painted {
            pile.push(3, planes)?;
        }
        progress(last as u64, count as u64)?;
    }
    let labels = (0..count).map(|i| class(i) as u32).collect();
    let names = SCENES.iter().map(|(name, _)| name.to_string()).collect();
    let dataset = pile.finish(Some(labels), names)?;
    let report = Report::new("painted by Signet", &dataset);
    Ok((dataset, report))
}

/// Picture `index` at `size`×`size`, 3×H×W. Size changes its sharpness, nothing else.
pub fn paint(seed: u32, index: usize, size: usize) -> Vec<u8> {
    let mut canvas = Canvas::new(size);
    let (_, scene) = SCENES[class(index)];
    scene(&mut canvas, &mut Dice::new(seed, index));
    canvas.into_planes()
}

/// Scenes take turns, so that every class is there however few pictures there are.
fn class(index: usize) -> usize {
    index % SCENES.len()
}

#[cfg(test)]
mod tests;
