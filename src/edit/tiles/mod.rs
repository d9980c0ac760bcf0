//! f on pictures of any size: tile by tile, overlapping, the seams blended.

mod window;

use self::window::Tiling;
use super::Projector;
use crate::data::Shape;
use crate::error::{Error, Result};

/// Most pixels of a picture that is edited in tiles: half an hour of a small model on two cores.
pub const MOST_PIXELS: usize = 1 << 22;
/// Tiles that are in memory at once: as many as a model takes at once.
const PIECE: usize = 64;

/// A model of small pictures on a picture of another size. A picture with a shorter side than the
/// model's is continued beyond its edge by its last pixels.
pub struct Tiled<'a> {
    tile: &'a dyn Projector,
    shape: Shape,
    rows: Tiling,
    columns: Tiling,
}

/// # Errors
/// `Kind::Usage` for a picture without pixels or with more than [`MOST_PIXELS`].
pub fn check_size(height: usize, width: usize) -> Result<()> {
    if (1..=MOST_PIXELS).contains(&height.saturating_mul(width)) {
        return Ok(());
    }
    Err(Error::usage(format!("{width}×{height} pixels cannot be edited in tiles: 1 to {MOST_PIXELS} can"))
        .hint("make the picture smaller, or edit it with --fit resize"))
}

impl<'a> Tiled<'a> {
    /// `tile` for pictures of `height`×`width` pixels.
    ///
    /// # Errors
    /// As [`check_size`].
    pub fn new(tile: &'a dyn Projector, height: usize, width: usize) -> Result<Self> {
        check_size(height, width)?;
        let own = tile.shape();
        let [rows, columns] = [(height, own.height), (width, own.width)].map(|(n, t)| Tiling::new(n, t));
        Ok(Self { tile, shape: Shape { channels: own.channels, height, width }, rows, columns })
    }

    /// Upper left corners of all tiles: indices of a row and a column of tiles.
    fn places(&self) -> impl Iterator<Item = (usize, usize)> {
        let columns = self.columns.starts.len();
        (0..self.rows.starts.len() * columns).map(move |i| (i / columns, i % columns))
    }

    /// Pieces that a picture's tiles are projected in.
    fn pieces(&self) -> usize {
        (self.rows.starts.len() * self.columns.starts.len()).div_ceil(PIECE)
    }

    fn cut(&self, picture: &[f32], (row, column): (usize, usize), tile: &mut Vec<f32>) {
        let Shape { height, width, .. } = self.shape;
        let own = self.tile.shape();
        for plane in picture.chunks_exact(self.shape.pixels()) {
            for y in 0..own.height {
                let y = (self.rows.starts[row] + y).min(height - 1);
                let across = |x: usize| plane[y * width + (self.columns.starts[column] + x).min(width - 1)];
                tile.extend((0..own.width).map(across));
            }
        }
    }

    fn add(&self, tile: &[f32], (row, column): (usize, usize), picture: &mut [f32]) {
        let width = self.shape.width;
        let own = self.tile.shape();
        let planes = tile.chunks_exact(own.pixels()).zip(picture.chunks_exact_mut(self.shape.pixels()));
        for (tile, plane) in planes {
            for (y, down) in self.rows.weights[row].iter().enumerate() {
                let start = (self.rows.starts[row] + y) * width + self.columns.starts[column];
                let values = tile[y * own.width..].iter().zip(&self.columns.weights[column]);
                for (out, (value, across)) in plane[start..].iter_mut().zip(values) {
                    *out += value * down * across;
                }
            }
        }
    }
}

impl Projector for Tiled<'_> {
    fn shape(&self) -> Shape {
        self.shape
    }

    fn project(&self, u: &[f32]) -> Result<Vec<f32>> {
        let mut made = vec![0.0; u.len()];
        (0..self.parts(u)).try_for_each(|part| self.project_part(u, part, &mut made))?;
        Ok(made)
    }

    fn parts(&self, u: &[f32]) -> usize {
        u.len() / self.shape.numbers() * self.pieces()
    }

    fn project_part(&self, u: &[f32], part: usize, made: &mut Vec<f32>) -> Result<()> {
        let (picture, piece) = (part / self.pieces(), part % self.pieces());
        let within = picture * self.shape.numbers()..(picture + 1) * self.shape.numbers();
        let (picture, made) = (&u[within.clone()], &mut made[within]);
        let places: Vec<_> = self.places().skip(piece * PIECE).take(PIECE).collect();
        let mut tiles = Vec::with_capacity(places.len() * self.tile.shape().numbers());
        places.iter().for_each(|place| self.cut(picture, *place, &mut tiles));
        let projected = self.tile.project(&tiles)?;
        for (tile, place) in projected.chunks_exact(self.tile.shape().numbers()).zip(places) {
            self.add(tile, place, made);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Adds a number of its own to every tile, 0 for the identity.
    struct Shift(f32, Shape);

    impl Projector for Shift {
        fn shape(&self) -> Shape {
            self.1
        }

        fn project(&self, u: &[f32]) -> Result<Vec<f32>> {
            let tiles = u.chunks(self.1.numbers()).enumerate();
            Ok(tiles.flat_map(|(i, t)| t.iter().map(move |v| v + self.0 * (i % 2) as f32)).collect())
        }
    }

    fn waves(shape: Shape, count: usize) -> Vec<f32> {
        (0..count * shape.numbers()).map(|i| (i as f32 * 0.37).sin()).collect()
    }

    #[test]
    fn the_identity_reproduces_pictures_of_every_size() {
        let tile = Shape::square(3, 8);
        for (height, width) in [(8, 8), (9, 8), (23, 41), (3, 30), (5, 4), (64, 1)] {
            let f = Shift(0.0, tile);
            let tiled = Tiled::new(&f, height, width).expect("it fits");
            let picture = waves(tiled.shape(), 2);
            let out = tiled.project(&picture).expect("it runs");
            let worst = picture.iter().zip(&out).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
            assert!(out.len() == picture.len() && worst < 1e-5, "{width}×{height}: {worst}");
        }
    }

    /// Neighbouring tiles that disagree by 1 make slopes, not steps.
    #[test]
    fn seams_are_blended() {
        let f = Shift(1.0, Shape::square(1, 16));
        let tiled = Tiled::new(&f, 16, 40).expect("it fits");
        let out = tiled.project(&vec![0.0; 640]).expect("it runs");
        assert!(out.iter().any(|v| *v < 0.05) && out.iter().any(|v| *v > 0.95));
        for row in out.chunks(40) {
            let steepest = row.windows(2).map(|w| (w[1] - w[0]).abs()).fold(0.0, f32::max);
            assert!(steepest < 0.25, "{steepest}: {row:?}");
        }
    }

    #[test]
    fn huge_pictures_are_refused_with_a_remedy() {
        let f = Shift(0.0, Shape::square(1, 8));
        for (height, width) in [(2049, 2048), (0, 8), (usize::MAX, 2)] {
            let error = Tiled::new(&f, height, width).err().expect("too large");
            assert!(error.remedy.is_some_and(|r| r.contains("--fit resize")));
        }
        assert!(Tiled::new(&f, 2048, 2048).is_ok());
    }
}
