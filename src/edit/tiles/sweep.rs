//! One application of f to a picture in tiles: from the top down, row by row of tiles, the seams blended.

use std::collections::VecDeque;

use super::window::Tiling;
use crate::data::Shape;
use crate::edit::Projector;
use crate::edit::rows::Rows;
use crate::error::Result;

/// Tiles that are in memory at once: as many as a model takes at once.
const PIECE: usize = 64;

/// A picture that f is applied to. Rows are read before those above them are written, never after.
pub trait Sheet {
    /// What f is given of some rows.
    fn read(&self, rows: &Rows) -> Vec<f32>;

    /// Takes what f made of some rows: of those that follow the last ones.
    fn write(&mut self, rows: &Rows, made: Vec<f32>);
}

/// An application that is going on. A picture with a shorter side than the model's is continued beyond its
/// edge by its last pixels. Besides the sheet, a few rows of the picture are in memory.
pub struct Sweep {
    /// Of a tile, and of the picture.
    own: Shape,
    picture: Shape,
    rows: Tiling,
    columns: Tiling,
    /// Rows of the sheet are written in groups of so many, counted from the top.
    group: usize,
    /// The next tile, counted row by row.
    next: usize,
    /// The row of tiles that was last read, and what f is given of the picture there.
    band: Option<(usize, Vec<f32>)>,
    /// Rows that are written.
    written: usize,
    /// The rows after these, channels one after another: sums of the tiles so far, each times its weight.
    sums: VecDeque<Vec<f32>>,
}

impl Sweep {
    /// f of pictures of shape `own`, for one of `height`×`width` pixels.
    pub fn new(own: Shape, [height, width]: [usize; 2], group: usize) -> Self {
        let [rows, columns] = [(height, own.height), (width, own.width)].map(|(n, t)| Tiling::new(n, t));
        let picture = Shape { channels: own.channels, height, width };
        let (band, sums) = (None, VecDeque::new());
        Self { own, picture, rows, columns, group: group.max(1), next: 0, band, written: 0, sums }
    }

    /// The next application, to the same picture.
    pub fn again(&self) -> Self {
        Self::new(self.own, [self.picture.height, self.picture.width], self.group)
    }

    fn count(&self) -> usize {
        self.rows.starts.len() * self.columns.starts.len()
    }

    /// Parts that the application is done in.
    pub fn parts(&self) -> usize {
        self.count().div_ceil(PIECE)
    }

    /// Does the next part; whether it was the last.
    ///
    /// # Errors
    /// What f refuses.
    pub fn advance(&mut self, f: &dyn Projector, sheet: &mut dyn Sheet) -> Result<bool> {
        let piece = self.next..(self.next + PIECE).min(self.count());
        let mut tiles = Vec::with_capacity(piece.len() * self.own.numbers());
        piece.clone().for_each(|tile| self.cut(tile, sheet, &mut tiles));
        let projected = f.project(&tiles)?;
        for (tile, made) in piece.clone().zip(projected.chunks_exact(self.own.numbers().max(1))) {
            self.add(tile, made);
            if (tile + 1) % self.columns.starts.len() == 0 {
                self.write(tile / self.columns.starts.len(), sheet);
            }
        }
        self.next = piece.end;
        Ok(self.next == self.count())
    }

    fn cut(&mut self, tile: usize, sheet: &dyn Sheet, tiles: &mut Vec<f32>) {
        let (row, column) = (tile / self.columns.starts.len(), tile % self.columns.starts.len());
        let top = self.rows.starts[row];
        let rows =
            Rows { picture: self.picture, range: top..(top + self.own.height).min(self.picture.height) };
        let band = match self.band.take_if(|(read, _)| *read == row) {
            Some((_, band)) => band,
            None => sheet.read(&rows),
        };
        let (width, left) = (self.picture.width, self.columns.starts[column]);
        for plane in band.chunks_exact(rows.shape().pixels().max(1)) {
            for y in 0..self.own.height {
                let line = &plane[y.min(rows.range.len() - 1) * width..];
                tiles.extend((left..left + self.own.width).map(|x| line[x.min(width - 1)]));
            }
        }
        self.band = Some((row, band));
    }

    fn add(&mut self, tile: usize, made: &[f32]) {
        let (row, column) = (tile / self.columns.starts.len(), tile % self.columns.starts.len());
        let (width, left) = (self.picture.width, self.columns.starts[column]);
        let line_len = self.picture.channels * width;
        for (y, down) in self.rows.weights[row].iter().enumerate() {
            let at = self.rows.starts[row] + y - self.written;
            if self.sums.len() <= at {
                self.sums.resize_with(at + 1, || vec![0.0; line_len]);
            }
            for (channel, plane) in made.chunks_exact(self.own.pixels().max(1)).enumerate() {
                let sums = &mut self.sums[at][channel * width + left..];
                let values = plane[y * self.own.width..].iter().zip(&self.columns.weights[column]);
                sums.iter_mut().zip(values).for_each(|(sum, (value, across))| *sum += value * down * across);
            }
        }
    }

    /// Writes what no tile below row `row` of tiles touches.
    fn write(&mut self, row: usize, sheet: &mut dyn Sheet) {
        let end = match self.rows.starts.get(row + 1) {
            Some(next) => next / self.group * self.group,
            None => self.picture.height,
        };
        if end <= self.written {
            return;
        }
        let rows = Rows { picture: self.picture, range: self.written..end };
        let lines: Vec<Vec<f32>> = self.sums.drain(..rows.range.len()).collect();
        let width = self.picture.width;
        let places = (0..self.picture.channels).flat_map(|c| lines.iter().map(move |line| (c, line)));
        let made = places.flat_map(|(c, line)| &line[c * width..(c + 1) * width]).copied().collect();
        sheet.write(&rows, made);
        self.written = end;
    }
}
