//! Sums of weighted stretches: `out[row][p] = start[row] + Σ_term factor[row][term] · input[source(term) + p]`.

#![expect(clippy::needless_range_loop, reason = "indices that the compiler knows keep arrays in registers")]

use crate::simd::Level;
use crate::simd::vector::{Vector, Work, at_level, lanes, rows};

use super::Place;

/// The weights, in the order in which they are read: `[blocks of rows, terms, rows of a block]`, zeros where the last
/// block has no row.
#[derive(Clone, Copy, Debug)]
pub struct Factors<'a> {
    pub values: &'a [f32],
    /// Numbers from block to block.
    pub stride: usize,
}

/// One product.
pub struct Strips<'a> {
    pub rows: usize,
    pub factors: Factors<'a>,
    /// Where each term begins in `input`.
    pub sources: &'a [usize],
    pub input: &'a [f32],
    pub places: &'a [Place],
    /// One number a row; none is zeros.
    pub start: Option<&'a [f32]>,
    pub out: &'a mut [f32],
    /// Numbers of `out` from row to row.
    pub stride: usize,
}

/// Rows of a block, for [`Factors`].
pub fn block(level: Level) -> usize {
    rows(level)
}

/// Calculates one product with the vectors of `level`.
///
/// # Panics
/// If a term, a place or a row lies beyond its slice, or the processor has no such level.
pub fn strips(level: Level, strips: Strips) {
    assert!(level <= Level::here(), "this processor has no {level:?}");
    let (lanes, block) = (lanes(level), rows(level));
    let last = |end: fn(&Place) -> usize| strips.places.iter().map(end).max().unwrap_or(0);
    let source = strips.sources.iter().max().copied().unwrap_or(0);
    assert!(source + last(|place| place.from) + lanes <= strips.input.len(), "strips: beyond the input");
    let (last_row, last_block) =
        (strips.rows.saturating_sub(1), strips.rows.div_ceil(block).saturating_sub(1));
    assert!(
        last_row * strips.stride + last(|place| place.to) + lanes <= strips.out.len(),
        "strips: beyond the result"
    );
    let factors = last_block * strips.factors.stride + strips.sources.len() * block;
    assert!(factors <= strips.factors.values.len(), "strips: too few factors");
    assert!(strips.start.is_none_or(|start| start.len() >= strips.rows), "strips: too few starts");
    // SAFETY: the processor has this level; every number read or written lies in its slice, as has been asserted.
    unsafe { at_level(level, strips) }
}

impl Work for Strips<'_> {
    #[inline(always)]
    unsafe fn run<V: Vector, const ROWS: usize, const RUN: usize, const SIDE: usize>(mut self) {
        let mut places = self.places;
        while !places.is_empty() {
            // Two and two rather than three and one.
            let most = if places.len() == RUN + 1 { RUN.min(2) } else { RUN };
            let (now, later) = places.split_at(most.min(places.len()));
            places = later;
            // SAFETY: as the caller promised.
            unsafe {
                match *now {
                    [a, b, c] => self.at::<V, ROWS, 3>([a, b, c]),
                    [a, b] => self.at::<V, ROWS, 2>([a, b]),
                    _ => now.iter().for_each(|a| self.at::<V, ROWS, 1>([*a])),
                }
            }
        }
    }
}

impl Strips<'_> {
    /// All rows at these places.
    ///
    /// # Safety
    /// The bounds hold that [`strips`] asserts, and the processor has such vectors.
    #[inline(always)]
    unsafe fn at<V: Vector, const ROWS: usize, const RUN: usize>(&mut self, places: [Place; RUN]) {
        let mut row = 0;
        let mut factors = self.factors.values.as_ptr();
        while row < self.rows {
            let held = ROWS.min(self.rows - row);
            // SAFETY: a block's factors, the terms' vectors at these places, and `held` rows of the result and its
            // starts lie in their slices: the caller promised.
            unsafe {
                // Every index of `sums` is known to the compiler: it stays in registers.
                let mut sums = [[V::splat(0.0); RUN]; ROWS];
                for r in 0..ROWS {
                    let start = match self.start {
                        Some(start) if r < held => start[row + r],
                        _ => 0.0,
                    };
                    for v in 0..RUN {
                        sums[r][v] = V::splat(start);
                    }
                }
                let mut factor = factors;
                for source in self.sources {
                    let term = self.input.as_ptr().add(*source);
                    let mut seen = [V::splat(0.0); RUN];
                    for v in 0..RUN {
                        seen[v] = V::load(term.add(places[v].from));
                    }
                    for r in 0..ROWS {
                        let factor = V::splat(*factor.add(r));
                        for v in 0..RUN {
                            sums[r][v] = sums[r][v].add_product(factor, seen[v]);
                        }
                    }
                    factor = factor.add(ROWS);
                }
                for r in 0..ROWS {
                    if r < held {
                        for v in 0..RUN {
                            sums[r][v]
                                .store(self.out.as_mut_ptr().add((row + r) * self.stride + places[v].to));
                        }
                    }
                }
                factors = factors.wrapping_add(self.factors.stride);
            }
            row += ROWS;
        }
    }
}
