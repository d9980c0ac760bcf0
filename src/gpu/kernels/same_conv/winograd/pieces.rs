//! How a batch is cut, so that transformed tiles stay in a core's cache. The cut depends on shapes alone: sums have
//! one order, whatever the number of threads.

use std::ops::Range;

use super::super::matrices::Sizes;

/// Tiles of a piece, about: products of fewer columns are slow, more than that leave the cache.
const TILES: usize = 128;
/// A batch falls into so many groups at least where it has as many images: work for so many threads.
const GROUPS: usize = 8;

/// The cut of a batch.
#[derive(Clone, Copy, Debug)]
pub struct Pieces {
    /// Samples of a group, which one thread takes.
    pub samples: usize,
    /// Rows of tiles in a sample, and in a piece.
    rows: usize,
    piece_rows: usize,
}

/// A stretch of rows of tiles, counted through the samples of a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    pub rows: Range<usize>,
}

impl Pieces {
    pub fn of(sizes: &Sizes) -> Self {
        let (rows, columns) = (sizes.height / 2, sizes.width / 2);
        let samples = TILES.div_ceil(rows * columns).min(sizes.batch.div_ceil(GROUPS)).max(1);
        Self { samples, rows, piece_rows: TILES.div_ceil(columns) }
    }

    /// The pieces of so many samples.
    pub fn within(&self, samples: usize) -> impl Iterator<Item = Piece> {
        let (all, step) = (samples * self.rows, self.piece_rows);
        (0..all).step_by(step).map(move |from| Piece { rows: from..(from + step).min(all) })
    }
}

impl Piece {
    pub fn tiles(&self, sizes: &Sizes) -> usize {
        self.rows.len() * (sizes.width / 2)
    }
}
