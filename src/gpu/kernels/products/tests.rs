//! Against plain sums, with each kind of vectors that this processor has.

use super::super::fresh::to_write;
use super::*;
use crate::simd::Level;
use crate::simd::vector::lanes;

/// Whole numbers: their products and sums are exact, whatever the order.
fn numbers(len: usize) -> Vec<f32> {
    (0..len).map(|i| ((i * 7919 + i / 13) % 17) as f32 - 8.0).collect()
}

#[test]
fn strips_are_weighted_sums_of_stretches() {
    for level in Level::all() {
        // One row and vector; parts of blocks; more vectors than registers hold, in all remainders.
        for (rows, terms, vectors) in [(1, 1, 1), (3, 5, 2), (9, 4, 3), (17, 2, 4), (8, 7, 5), (6usize, 3, 7)]
        {
            let (lanes, block) = (lanes(level), block(level));
            let pixels = vectors * lanes;
            let (input, before) = (numbers(terms * 3 + pixels), numbers(rows * (pixels + 3)));
            let source = |term: usize| (term * 5) % (terms * 3);
            let factor = |row: usize, term: usize| ((row * 3 + term * 5) % 11) as f32 - 5.0;
            // Terms in reverse.
            let at = |term: usize| (terms - 1 - term) * block;
            let mut values = vec![f32::NAN; rows.div_ceil(block) * block * terms];
            for (row, term) in (0..rows).flat_map(|row| (0..terms).map(move |term| (row, term))) {
                values[row / block * terms * block + at(term) + row % block] = factor(row, term);
            }
            let (factors, starts) = (Factors { values: &values, stride: terms * block }, numbers(rows));
            let list: Terms =
                (0..terms).map(|term| Term { factor: at(term), source: source(term) }).collect();
            let (places, stride) = (run_of(pixels, lanes), pixels + 3);
            for start in [Start::Zero, Start::Rows(&starts), Start::Result] {
                let mut out = before.clone();
                let (terms_of, input, places) = (&list, &input[..], &places[..]);
                let product = Strips {
                    rows,
                    factors,
                    terms: terms_of,
                    input,
                    places,
                    start,
                    out: to_write(&mut out),
                    stride,
                };
                strips(level, product);
                for (i, (out, before)) in out.iter().zip(&before).enumerate() {
                    let (row, p) = (i / stride, i % stride);
                    let start = match start {
                        Start::Zero => 0.0,
                        Start::Rows(starts) => starts[row],
                        Start::Result => *before,
                    };
                    let sum: f32 =
                        (0..terms).map(|term| factor(row, term) * input[source(term) + p % pixels]).sum();
                    let expected = if p < pixels { start + sum } else { *before };
                    assert_eq!(*out, expected, "{level:?}: row {row}, {p} of {pixels}");
                }
            }
        }
    }
}

#[test]
fn transposed_are_whole_squares_and_what_is_left() {
    for level in Level::all() {
        let lanes = lanes(level);
        for (rows, columns) in
            [(1, 1), (lanes, lanes), (lanes + 3, 2 * lanes + 1), (3, lanes), (2 * lanes, 5)]
        {
            let (from_row, stride) = (columns + 3, rows.next_multiple_of(lanes) + 2);
            let input = numbers(rows * from_row);
            let mut out = vec![0.5; columns * stride];
            transpose(level, Rows { values: &input, rows, columns, stride: from_row }, &mut out, stride);
            for (row, column) in (0..rows).flat_map(|row| (0..columns).map(move |column| (row, column))) {
                assert_eq!(
                    out[column * stride + row],
                    input[row * from_row + column],
                    "{level:?} {row} {column}"
                );
            }
            // Nothing is written between rows of whole vectors.
            assert!(out.iter().skip(stride - 2).step_by(stride).all(|untouched| *untouched == 0.5));
        }
    }
}

#[test]
#[should_panic(expected = "beyond the input")]
fn a_term_beyond_the_input_is_a_mistake() {
    let level = Level::Oldest;
    let terms: Terms = [0, 5].into_iter().map(|source| Term { factor: 0, source }).collect();
    let (places, mut out) = (run_of(4, lanes(level)), [0.0; 4]);
    let product = Strips {
        rows: 1,
        factors: Factors { values: &[1.0; 8], stride: 4 },
        terms: &terms,
        input: &[0.0; 8],
        places: &places,
        start: Start::Zero,
        out: to_write(&mut out),
        stride: 4,
    };
    strips(level, product);
}
