//! Sums over pixels: `out[i][j] += Σ_p a[i][p] · b[j][p]`.

#![expect(clippy::needless_range_loop, reason = "indices that the compiler knows keep arrays in registers")]

use crate::simd::Level;
use crate::simd::vector::{Vector, Work, at_level, lanes};

use super::Place;

/// One product.
pub struct Dots<'a> {
    pub a: &'a [f32],
    /// Where each row of `a` begins.
    pub a_rows: &'a [usize],
    pub b: &'a [f32],
    pub b_rows: &'a [usize],
    /// In `a`, and in `b`.
    pub places: &'a [Place],
    /// `[rows of a, rows of b]`; added to.
    pub out: &'a mut [f32],
}

/// Adds one product, with the vectors of `level`.
///
/// # Panics
/// If a row or a place lies beyond its slice, or the processor has no such level.
pub fn dots(level: Level, dots: Dots) {
    assert!(level <= Level::here(), "this processor has no {level:?}");
    let last = |rows: &[usize], end: fn(&Place) -> usize| {
        let place = dots.places.iter().map(end).max().unwrap_or(0);
        rows.iter().max().copied().unwrap_or(0) + place + lanes(level)
    };
    assert!(last(dots.a_rows, |place| place.from) <= dots.a.len(), "dots: beyond the first matrix");
    assert!(last(dots.b_rows, |place| place.to) <= dots.b.len(), "dots: beyond the second matrix");
    assert_eq!(dots.out.len(), dots.a_rows.len() * dots.b_rows.len(), "dots: another result");
    // SAFETY: the processor has this level; every number read lies in its slice, as has been asserted.
    unsafe { at_level(level, dots) }
}

impl Work for Dots<'_> {
    #[inline(always)]
    unsafe fn run<V: Vector, const ROWS: usize, const RUN: usize, const SIDE: usize>(self) {
        let columns = self.b_rows.len();
        for (i, a_rows) in self.a_rows.chunks(SIDE).enumerate() {
            for (j, b_rows) in self.b_rows.chunks(SIDE).enumerate() {
                // SAFETY: as the caller promised.
                let sums = unsafe { self.square::<V, SIDE>(a_rows, b_rows) };
                for r in 0..a_rows.len() {
                    for c in 0..b_rows.len() {
                        self.out[(i * SIDE + r) * columns + j * SIDE + c] += sums[r][c];
                    }
                }
            }
        }
    }
}

impl Dots<'_> {
    /// At most `SIDE` rows of each; what is beyond them repeats the last.
    ///
    /// # Safety
    /// The bounds hold that [`dots`] asserts, and the processor has such vectors.
    #[inline(always)]
    unsafe fn square<V: Vector, const SIDE: usize>(
        &self,
        a_rows: &[usize],
        b_rows: &[usize],
    ) -> [[f32; SIDE]; SIDE] {
        let (mut a, mut b) = ([self.a.as_ptr(); SIDE], [self.b.as_ptr(); SIDE]);
        // SAFETY: rows and places lie in their slices: the caller promised.
        unsafe {
            for k in 0..SIDE {
                a[k] = a[k].add(a_rows[k.min(a_rows.len() - 1)]);
                b[k] = b[k].add(b_rows[k.min(b_rows.len() - 1)]);
            }
            let mut sums = [[V::splat(0.0); SIDE]; SIDE];
            for place in self.places {
                let mut seen = [V::splat(0.0); SIDE];
                for c in 0..SIDE {
                    seen[c] = V::load(b[c].add(place.to));
                }
                for r in 0..SIDE {
                    let value = V::load(a[r].add(place.from));
                    for c in 0..SIDE {
                        sums[r][c] = sums[r][c].add_product(value, seen[c]);
                    }
                }
            }
            V::sums(sums)
        }
    }
}
