//! Sums of weighted stretches: `out[row][p] = start + Σ_term factor[row][term] · input[source(term) + p]`.

#![expect(clippy::needless_range_loop, reason = "indices that the compiler knows keep arrays in registers")]

use super::super::fresh::Unwritten;
use crate::simd::Level;
use crate::simd::vector::{Vector, Work, at_level, lanes, rows};

/// Terms that are added one after another; such sums are then added up.
const SUM: usize = 256;

/// Where a vector of results lies, from the beginning of a row on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// In what is read.
    pub from: usize,
    /// In what is written.
    pub to: usize,
}

/// Vectors that follow each other, `len` numbers together, in both.
pub fn run_of(len: usize, lanes: usize) -> Vec<Place> {
    (0..len).step_by(lanes).map(|at| Place { from: at, to: at }).collect()
}

/// Where a term's factors and numbers begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Term {
    /// From the beginning of a block on; its factors for the rows of the block follow each other.
    pub factor: usize,
    pub source: usize,
}

/// All that are summed, in this order.
#[derive(Clone, Debug)]
pub struct Terms {
    terms: Vec<Term>,
    /// The last factor and the last source.
    last: Term,
}

impl FromIterator<Term> for Terms {
    fn from_iter<I: IntoIterator<Item = Term>>(terms: I) -> Self {
        let terms: Vec<Term> = terms.into_iter().collect();
        let last = terms.iter().fold(Term { factor: 0, source: 0 }, |last, term| Term {
            factor: last.factor.max(term.factor),
            source: last.source.max(term.source),
        });
        Self { terms, last }
    }
}

/// The weights.
#[derive(Clone, Copy, Debug)]
pub struct Factors<'a> {
    pub values: &'a [f32],
    /// Numbers from a block of rows to the next one. The last block is as long as the others; what stands there for
    /// rows that it has not, is not used.
    pub stride: usize,
}

/// What the terms are added to.
#[derive(Clone, Copy, Debug)]
pub enum Start<'a> {
    Zero,
    /// One number a row.
    Rows(&'a [f32]),
    /// What stands in the result.
    Result,
}

/// One product.
pub struct Strips<'a> {
    pub rows: usize,
    pub factors: Factors<'a>,
    pub terms: &'a Terms,
    pub input: &'a [f32],
    pub places: &'a [Place],
    pub start: Start<'a>,
    /// Of `Start::Result`, numbers.
    pub out: &'a mut [Unwritten],
    /// Numbers of `out` from row to row.
    pub stride: usize,
}

/// Rows of a block.
pub fn block(level: Level) -> usize {
    rows(level)
}

/// Calculates one product with the vectors of `level`.
///
/// # Panics
/// If a term, a place or a row lies beyond its slice, or the processor has no such level.
pub fn strips(level: Level, strips: Strips) {
    assert!(level <= Level::here(), "this processor has no {level:?}");
    let Strips { rows, factors, terms, input, places, start, ref out, stride } = strips;
    let (lanes, block) = (lanes(level), block(level));
    let [from, to] = places.iter().fold([0; 2], |[from, to], place| [from.max(place.from), to.max(place.to)]);
    let Term { factor, source } = terms.last;
    assert!(source + from + lanes <= input.len(), "strips: beyond the input");
    let (last_row, last_block) = (rows.saturating_sub(1), rows.div_ceil(block).saturating_sub(1));
    assert!(last_row * stride + to + lanes <= out.len(), "strips: beyond the result");
    assert!(last_block * factors.stride + factor + block <= factors.values.len(), "strips: too few factors");
    assert!(!matches!(start, Start::Rows(start) if start.len() < rows), "strips: too few starts");
    // SAFETY: the processor has this level; every number read or written lies in its slice, as has been asserted.
    unsafe { at_level(level, strips) }
}

impl Work for Strips<'_> {
    #[inline(always)]
    unsafe fn run<V: Vector, const ROWS: usize, const RUN: usize>(mut self) {
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
        for (number, row) in (0..self.rows).step_by(ROWS).enumerate() {
            let held = ROWS.min(self.rows - row);
            // SAFETY: a block's factors, the terms' vectors at these places, and `held` rows of the result and its
            // starts lie in their slices: the caller promised.
            unsafe {
                let factors = self.factors.values.as_ptr().add(number * self.factors.stride);
                let mut start = self.start;
                // Sums of long sums: rounding grows with the longer of the two only.
                let mut terms = self.terms.terms.as_slice();
                loop {
                    let (now, later) = terms.split_at(SUM.min(terms.len()));
                    // Every index of `sums` is known to the compiler: it stays in registers.
                    let mut sums = [[V::splat(0.0); RUN]; ROWS];
                    for term in now {
                        let (factor, input) =
                            (factors.add(term.factor), self.input.as_ptr().add(term.source));
                        let mut seen = [V::splat(0.0); RUN];
                        for v in 0..RUN {
                            seen[v] = V::load(input.add(places[v].from));
                        }
                        for r in 0..ROWS {
                            let factor = V::splat(*factor.add(r));
                            for v in 0..RUN {
                                sums[r][v] = sums[r][v].add_product(factor, seen[v]);
                            }
                        }
                    }
                    for r in 0..ROWS {
                        if r < held {
                            for v in 0..RUN {
                                let result = self.result(row + r, places[v]);
                                let sum = match start {
                                    Start::Zero => sums[r][v],
                                    Start::Rows(start) => sums[r][v].plus(V::splat(start[row + r])),
                                    Start::Result => sums[r][v].plus(V::load(result)),
                                };
                                sum.store(result);
                            }
                        }
                    }
                    start = Start::Result;
                    terms = later;
                    if terms.is_empty() {
                        break;
                    }
                }
            }
        }
    }

    /// # Safety
    /// The row and the place are in the result.
    #[inline(always)]
    unsafe fn result(&mut self, row: usize, place: Place) -> *mut f32 {
        // SAFETY: as the caller promised.
        unsafe { self.out.as_mut_ptr().cast::<f32>().add(row * self.stride + place.to) }
    }
}
