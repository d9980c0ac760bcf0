//! How a batch is cut, so that transformed tiles stay in a core's cache. No sum goes from tile to tile: the cut changes
//! no bit.

use std::ops::Range;

use super::super::sizes::Sizes;

/// A group has about so many tiles, where images are small.
const TILES: usize = 128;
/// With fewer, vectors are too few to fill the registers.
const FEW_TILES: usize = 48;
/// Outputs that are worth transforming images for.
const OUTPUTS: usize = 64;

/// A stretch of rows of tiles, counted through several samples.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    pub rows: Range<usize>,
}

/// What one task takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Task {
    /// Samples of a group.
    pub samples: usize,
    /// Outputs of its results. Tasks of one group share its images, and transform them each for itself.
    pub outputs: usize,
}

impl Task {
    /// For so many threads: a share of the samples each or, where those are few, of the outputs too.
    pub fn new(sizes: &Sizes, threads: usize) -> Self {
        let tiles = sizes.pixels() / 4;
        let samples = |most: usize| TILES.div_ceil(tiles).min(most).max(1);
        let mut group = samples(sizes.batch.div_ceil(threads));
        if group * tiles < FEW_TILES && sizes.outputs >= 2 * OUTPUTS {
            group = samples(sizes.batch);
        }
        let sharers = threads.div_ceil(sizes.batch.div_ceil(group)).min(sizes.outputs / OUTPUTS).max(1);
        Self { samples: group, outputs: sizes.outputs.div_ceil(sharers) }
    }
}

/// Pieces of about so many tiles of so many samples.
pub fn of(sizes: &Sizes, samples: usize, tiles: usize) -> impl Iterator<Item = Piece> {
    let (all, step) = (samples * (sizes.height / 2), tiles.div_ceil(sizes.width / 2));
    (0..all).step_by(step).map(move |from| Piece { rows: from..(from + step).min(all) })
}

/// Rows of tiles of one sample.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    pub sample: usize,
    pub rows: Range<usize>,
    /// The number of its first tile in the piece.
    pub start: usize,
}

impl Piece {
    /// The piece, sample by sample.
    pub fn parts(&self, sizes: &Sizes) -> impl Iterator<Item = Part> {
        let (all, rows, columns) = (self.rows.clone(), sizes.height / 2, sizes.width / 2);
        (all.start / rows..all.end.div_ceil(rows)).map(move |sample| {
            let first = sample * rows;
            let (from, to) = (all.start.max(first), all.end.min(first + rows));
            Part { sample, rows: from - first..to - first, start: (from - all.start) * columns }
        })
    }

    pub fn tiles(&self, sizes: &Sizes) -> usize {
        self.rows.len() * (sizes.width / 2)
    }
}
