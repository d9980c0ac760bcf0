//! Images with zeros around them: what each tap of a kernel sees is then a stretch of one image, in place of a copy.

use crate::simd::Level;
use crate::simd::vector::{LINE, lanes};

use super::super::fresh::Unwritten;
use super::super::products::{Place, run_of};
use super::sizes::Sizes;

/// How images with zeros around them lie.
#[derive(Clone, Copy, Debug)]
pub struct Padded {
    /// Numbers from row to row: the zeros at a row's end are those before the next one.
    row: usize,
    /// Numbers from channel to channel.
    pub plane: usize,
    /// Rows of zeros above, columns of zeros to the left.
    margin: [usize; 2],
    /// Whether vectors of pixels divide a row: then results need no zeros between their rows.
    is_even: bool,
    lanes: usize,
}

impl Padded {
    pub fn of(level: Level, sizes: &Sizes) -> Self {
        let (lanes, margin) = (lanes(level), sizes.kernel.map(|taps| taps / 2));
        let [above, left] = margin;
        let row = sizes.width + left;
        // The last vector may begin at the last pixel, and the last tap look past it.
        let plane = (sizes.height + 2 * above) * row + 2 * left + lanes;
        let is_even =
            sizes.width.is_multiple_of(lanes) || (row == sizes.width && sizes.pixels().is_multiple_of(lanes));
        Self { row, plane: plane.next_multiple_of(LINE), margin, is_even, lanes }
    }

    /// The images themselves, where no tap looks beyond them and no vector beyond a channel.
    pub fn none(level: Level, sizes: &Sizes) -> Option<Self> {
        let lanes = lanes(level);
        let is_plain = sizes.taps() == 1 && sizes.pixels().is_multiple_of(lanes);
        is_plain.then_some(Self {
            row: sizes.width,
            plane: sizes.pixels(),
            margin: [0; 2],
            is_even: true,
            lanes,
        })
    }

    /// Numbers of one channel of results that keep the zeros between rows, with room for a last vector.
    pub fn result(&self, sizes: &Sizes) -> usize {
        if self.is_even {
            sizes.pixels()
        } else {
            (sizes.height * self.row + self.lanes).next_multiple_of(LINE)
        }
    }

    /// Whether results lie as images do: no zeros between rows.
    pub fn is_even(&self) -> bool {
        self.is_even
    }

    /// Where the vectors of a channel lie, in padded images and in results.
    pub fn places(&self, sizes: &Sizes) -> Vec<Place> {
        if !self.is_even || self.row == sizes.width {
            return run_of(sizes.height * self.row, self.lanes);
        }
        let row = |y: usize| run_of(sizes.width, self.lanes).into_iter().map(move |place| (y, place));
        let place = |(y, place): (usize, Place)| Place {
            from: y * self.row + place.from,
            to: y * sizes.width + place.to,
        };
        (0..sizes.height).flat_map(row).map(place).collect()
    }

    /// Where each tap of each input begins: `[inputs, taps]`.
    pub fn sources(&self, sizes: &Sizes) -> Vec<usize> {
        let [rows, columns] = sizes.kernel;
        let tap = |i: usize, y: usize, x: usize| i * self.plane + y * self.row + x;
        let taps = |i: usize| (0..rows).flat_map(move |y| (0..columns).map(move |x| tap(i, y, x)));
        (0..sizes.inputs).flat_map(taps).collect()
    }

    /// Channels of `images`, `[channels, height, width]`, with zeros around: `[channels, plane]`.
    pub fn pad(&self, sizes: &Sizes, images: &[f32], out: &mut [f32]) {
        let [above, left] = self.margin;
        for (image, plane) in images.chunks_exact(sizes.pixels()).zip(out.chunks_exact_mut(self.plane)) {
            spread(image, sizes.width, &mut plane[above * self.row + left..], self.row);
            plane[..above * self.row + left].fill(0.0);
            plane[(above + sizes.height) * self.row..].fill(0.0);
        }
    }

    /// What lies between rows of `results`, `[channels, result]`, left out: `[channels, height, width]`.
    pub fn join(&self, sizes: &Sizes, results: &[f32], out: &mut [Unwritten]) {
        let planes = results.chunks_exact(self.result(sizes));
        for (plane, image) in planes.zip(out.chunks_exact_mut(sizes.pixels())) {
            let rows = plane.chunks_exact(self.row).zip(image.chunks_exact_mut(sizes.width));
            rows.for_each(|(from, to)| {
                to.write_copy_of_slice(&from[..sizes.width]);
            });
        }
    }
}

/// Rows of so many numbers, each moved to where a longer one begins, and zeros between them.
fn spread(image: &[f32], width: usize, out: &mut [f32], row: usize) {
    for (y, from) in image.chunks_exact(width).enumerate() {
        let end = (y * row + row).min(out.len());
        let to = &mut out[y * row..end];
        to[..width].copy_from_slice(from);
        to[width..].fill(0.0);
    }
}
