//! Both products against sums in double precision, with each kind of vectors that this processor has.

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
        for (rows, terms, vectors) in [(1usize, 1, 1), (3, 5, 2), (9, 4, 3), (17, 2, 4), (8, 7, 5), (6, 3, 7)]
        {
            let (lanes, block) = (lanes(level), block(level));
            let pixels = vectors * lanes;
            let input = numbers(terms * 3 + pixels);
            let sources: Vec<usize> = (0..terms).map(|term| (term * 5) % (terms * 3)).collect();
            let factor = |row: usize, term: usize| ((row * 3 + term * 5) % 11) as f32 - 5.0;
            let mut values = vec![0.0; rows.div_ceil(block) * block * terms];
            for (row, term) in (0..rows).flat_map(|row| (0..terms).map(move |term| (row, term))) {
                values[(row / block * terms + term) * block + row % block] = factor(row, term);
            }
            let (factors, start) = (Factors { values: &values, stride: terms * block }, numbers(rows));
            let places = run_of(pixels, lanes);
            for start in [None, Some(&start[..])] {
                let stride = pixels + 3;
                let mut out = vec![f32::NAN; rows * stride];
                let (sources, input, places) = (&sources[..], &input[..], &places[..]);
                let product = Strips { rows, factors, sources, input, places, start, out: &mut out, stride };
                strips(level, product);
                for (row, out) in out.chunks_exact(stride).enumerate() {
                    for (p, out) in out[..pixels].iter().enumerate() {
                        let terms = sources.iter().enumerate();
                        let sum: f32 =
                            terms.map(|(term, source)| factor(row, term) * input[source + p]).sum();
                        assert_eq!(*out, sum + start.map_or(0.0, |start| start[row]), "{level:?} {row} {p}");
                    }
                    assert!(out[pixels..].iter().all(|untouched| untouched.is_nan()));
                }
            }
        }
    }
}

#[test]
fn dots_are_added_for_all_pairs_of_rows() {
    for level in Level::all() {
        for (rows, columns, vectors) in [(1, 1, 1), (3, 5, 2), (4, 4, 3), (9, 6, 1)] {
            let lanes = lanes(level);
            let pixels = vectors * lanes;
            let (a, b) = (numbers(rows * (pixels + 2)), numbers(columns * (pixels + 1)));
            let starts = |rows: usize, step: usize| (0..rows).map(|row| row * step).collect::<Vec<_>>();
            let (a_rows, b_rows) = (starts(rows, pixels + 2), starts(columns, pixels + 1));
            // Vectors may be taken in any order.
            let places: Vec<Place> = run_of(pixels, lanes).into_iter().rev().collect();
            let mut out = vec![1.0; rows * columns];
            let (a, b, places) = (&a[..], &b[..], &places[..]);
            dots(level, Dots { a, a_rows: &a_rows, b, b_rows: &b_rows, places, out: &mut out });
            for (i, out) in out.iter().enumerate() {
                let (a, b) = (&a[a_rows[i / columns]..], &b[b_rows[i % columns]..]);
                let sum: f32 = a.iter().zip(b).take(pixels).map(|(a, b)| a * b).sum();
                assert_eq!(*out, 1.0 + sum, "{level:?} {i}");
            }
        }
    }
}

#[test]
#[should_panic(expected = "beyond the input")]
fn a_term_beyond_the_input_is_a_mistake() {
    let level = Level::Oldest;
    let factors = Factors { values: &[1.0; 8], stride: 4 };
    let (input, places, mut out) = ([0.0; 8], run_of(4, lanes(level)), [0.0; 4]);
    let sources = &[0, 5];
    let product = Strips {
        rows: 1,
        factors,
        sources,
        input: &input,
        places: &places,
        start: None,
        out: &mut out,
        stride: 4,
    };
    strips(level, product);
}
