//! From images to transformed tiles and back, a channel at a time, as many tiles of a row at once as a vector holds:
//! first along the rows of pixels, then down the columns. Nothing is multiplied: all vectors give the same bits.

use super::super::super::fresh::Unwritten;
use super::super::super::scratch::stretch;
use super::super::sizes::Sizes;
use super::pieces::{Part, Piece};
use super::places::{PLACES, plane};
use crate::simd::Level;
use crate::simd::vector::{Sweep, Vector, sweep};

/// One channel of the images or results that a piece belongs to.
#[derive(Clone, Copy)]
pub struct Channel<'a> {
    pub sizes: &'a Sizes,
    pub piece: &'a Piece,
    pub number: usize,
}

impl Channel<'_> {
    /// Where its pixels are in a sample.
    fn pixels(&self) -> std::ops::Range<usize> {
        let pixels = self.sizes.pixels();
        self.number * pixels..(self.number + 1) * pixels
    }

    fn plane(&self) -> usize {
        plane(self.piece.tiles(self.sizes))
    }
}

/// `B^T d B` of every 4×4 tile of a channel of `images`, each `[channels, height, width]`, with zeros around:
/// `[places, tiles]`.
pub fn of_image(level: Level, channel: Channel, images: &[&[f32]], padded: &mut Vec<f32>, out: &mut [f32]) {
    let Channel { sizes, piece, .. } = channel;
    for part in piece.parts(sizes) {
        let image = &images[part.sample][channel.pixels()];
        let rows = 2 * part.rows.len() + 2;
        let padded = stretch(padded, rows * (sizes.width + 2));
        pad(sizes, image, &part, padded);
        let target = Target::new(sizes, &part, channel.plane(), out);
        // SAFETY: the processor has this level; `padded` has the rows, and `target` has looked at `out`.
        unsafe { sweep(level, sizes.width / 2, OfImage { padded, target }) }
    }
}

/// The rows of pixels that a part's tiles look at, each between two zeros.
fn pad(sizes: &Sizes, image: &[f32], part: &Part, padded: &mut [f32]) {
    for (i, row) in padded.chunks_exact_mut(sizes.width + 2).enumerate() {
        // The image's row 2 · (first row of tiles) - 1 + i.
        let y = 2 * part.rows.start + i;
        if y > 0 && y <= sizes.height {
            row[0] = 0.0;
            row[1..=sizes.width].copy_from_slice(&image[(y - 1) * sizes.width..][..sizes.width]);
            row[sizes.width + 1] = 0.0;
        } else {
            row.fill(0.0);
        }
    }
}

/// Where the tiles of a part go, place by place.
struct Target<'a> {
    rows: usize,
    columns: usize,
    start: usize,
    plane: usize,
    out: &'a mut [f32],
}

impl<'a> Target<'a> {
    fn new(sizes: &Sizes, part: &Part, plane: usize, out: &'a mut [f32]) -> Self {
        let (rows, columns, start) = (part.rows.len(), sizes.width / 2, part.start);
        assert!((PLACES - 1) * plane + start + rows * columns <= out.len(), "tiles beyond their places");
        Self { rows, columns, start, plane, out }
    }

    /// # Safety
    /// The tile, and as many behind it as a vector holds, are in the part; the place is one.
    #[inline(always)]
    unsafe fn put<V: Vector>(&mut self, place: usize, tile: usize, values: V) {
        // SAFETY: in `out`, as `new` has seen.
        unsafe { values.store(self.out.as_mut_ptr().add(place * self.plane + self.start + tile)) }
    }
}

struct OfImage<'a> {
    padded: &'a [f32],
    target: Target<'a>,
}

impl OfImage<'_> {
    /// `d B` of a row of pixels, for some tiles.
    ///
    /// # Safety
    /// The row and the tiles are there.
    #[inline(always)]
    unsafe fn along<V: Vector>(&self, row: usize, from: usize) -> [V; 4] {
        // SAFETY: a row has two pixels a tile, and two more.
        unsafe {
            let pixels = self.padded.as_ptr().add(row * (2 * self.target.columns + 2) + 2 * from);
            let (a, b) = V::apart(V::load(pixels), V::load(pixels.add(V::LANES)));
            let (c, d) = V::apart(V::load(pixels.add(2)), V::load(pixels.add(2 + V::LANES)));
            [a.minus(c), b.plus(c), c.minus(b), b.minus(d)]
        }
    }
}

impl Sweep for OfImage<'_> {
    #[inline(always)]
    unsafe fn run<V: Vector>(mut self) {
        let (rows, columns) = (self.target.rows, self.target.columns);
        // SAFETY: the caller promised.
        unsafe {
            for from in (0..columns).step_by(V::LANES) {
                // Two rows of pixels are the next tiles', too.
                let (mut a, mut b) = (self.along::<V>(0, from), self.along::<V>(1, from));
                for row in 0..rows {
                    let (c, d) = (self.along::<V>(2 * row + 2, from), self.along::<V>(2 * row + 3, from));
                    let tile = row * columns + from;
                    for j in 0..4 {
                        self.target.put(j, tile, a[j].minus(c[j]));
                        self.target.put(4 + j, tile, b[j].plus(c[j]));
                        self.target.put(8 + j, tile, c[j].minus(b[j]));
                        self.target.put(12 + j, tile, b[j].minus(d[j]));
                    }
                    (a, b) = (c, d);
                }
            }
        }
    }
}

/// `A^T m A` of every tile of a channel's `made`, `[places, tiles]`, and its bias: into `results`, each
/// `[channels, height, width]`.
pub fn to_result(level: Level, channel: Channel, made: &[f32], bias: f32, results: &mut [&mut [Unwritten]]) {
    let Channel { sizes, piece, .. } = channel;
    let plane = channel.plane();
    assert!(PLACES * plane <= made.len(), "places without their tiles");
    for part in piece.parts(sizes) {
        let image = &mut results[part.sample][channel.pixels()];
        let rows = &mut image[2 * part.rows.start * sizes.width..2 * part.rows.end * sizes.width];
        let (made, columns) = (&made[part.start..], sizes.width / 2);
        // SAFETY: the processor has this level; these are the rows of the result, and `made` has all places of a
        // part's tiles.
        unsafe { sweep(level, columns, ToResult { made, plane, columns, bias, rows }) }
    }
}

struct ToResult<'a> {
    made: &'a [f32],
    plane: usize,
    columns: usize,
    bias: f32,
    rows: &'a mut [Unwritten],
}

impl ToResult<'_> {
    /// One place of some tiles.
    ///
    /// # Safety
    /// They are there.
    #[inline(always)]
    unsafe fn of<V: Vector>(&self, i: usize, j: usize, tile: usize) -> V {
        // SAFETY: as the caller promised.
        unsafe { V::load(self.made.as_ptr().add((4 * i + j) * self.plane + tile)) }
    }
}

/// The two numbers of `A^T m`, and the bias.
///
/// # Safety
/// The processor has vectors of this kind.
#[inline(always)]
unsafe fn two<V: Vector>(m: [V; 4], bias: V) -> [V; 2] {
    // SAFETY: as the caller promised.
    unsafe { [m[0].plus(m[1]).plus(m[2]).plus(bias), m[1].minus(m[2]).minus(m[3]).plus(bias)] }
}

impl Sweep for ToResult<'_> {
    #[inline(always)]
    unsafe fn run<V: Vector>(self) {
        let tiles = self.rows.len() / 4;
        // SAFETY: the caller promised; a row has two pixels a tile.
        unsafe {
            let bias = V::splat(self.bias);
            for tile in (0..tiles).step_by(V::LANES) {
                let (mut left, mut right) = ([bias; 4], [bias; 4]);
                for i in 0..4 {
                    let (b, c) = (self.of::<V>(i, 1, tile), self.of::<V>(i, 2, tile));
                    left[i] = self.of::<V>(i, 0, tile).plus(b.plus(c));
                    right[i] = b.minus(c.plus(self.of(i, 3, tile)));
                }
                let (left, right) = (two(left, bias), two(right, bias));
                let (row, column) = (tile / self.columns, tile % self.columns);
                let pixels = self.rows.as_mut_ptr().cast::<f32>().add(4 * row * self.columns + 2 * column);
                for below in 0..2 {
                    let (first, second) = V::together(left[below], right[below]);
                    let pixels = pixels.add(below * 2 * self.columns);
                    first.store(pixels);
                    second.store(pixels.add(V::LANES));
                }
            }
        }
    }
}
