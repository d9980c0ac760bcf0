use super::*;
use crate::app::curves::measure::Measure;
use crate::app::curves::moment::Moment;
use crate::random::{Random, Stream};

/// Values every half kimg.
fn series(values: &[f64]) -> Series {
    let mut series = Series::new("sign", Measure::of_step("rec"));
    for (step, value) in values.iter().enumerate() {
        let moment = Moment { step: step as u64, kimg: step as f64 * 0.5, secs: step as f64 };
        series.push(moment, *value);
    }
    series
}

fn frame(x: [f64; 2], columns: usize) -> Frame {
    Frame { axis: XAxis::Kimg, x, columns, log: false }
}

fn noise(len: usize) -> Vec<f64> {
    let normals = Random::new(3, Stream::SelfTest).normals(0, 0, len);
    let value = |(i, v): (usize, f32)| if i % 5003 == 77 { f64::NAN } else { f64::from(v) };
    normals.into_iter().enumerate().map(value).collect()
}

fn points(stretches: &[Stretch]) -> Vec<[f64; 2]> {
    stretches.concat()
}

/// Least and greatest of the finite values.
fn extremes(values: impl Iterator<Item = f64>) -> Option<[f64; 2]> {
    let finite = values.filter(|v| v.is_finite());
    finite.fold(None, |found, v| Some(found.map_or([v, v], |[a, b]: [f64; 2]| [a.min(v), b.max(v)])))
}

#[test]
fn every_column_keeps_its_extremes_at_any_zoom() {
    let values = noise(60_000);
    let series = series(&values);
    for (from, to, columns) in [
        (0.0, 29_999.5, 640),
        (-500.0, 40_000.0, 300),
        (1234.1, 9876.7, 333),
        (20_000.0, 20_003.0, 640),
        (17.2, 17.3, 640),
        (50_000.0, 60_000.0, 10),
    ] {
        let sketch = frame([from, to], columns).sketch(&series);
        let drawn = points(&sketch.stretches);
        assert!(drawn.len() <= 2 * columns + 2, "{} points for {columns} columns", drawn.len());
        assert!(drawn.windows(2).all(|pair| pair[0][0] <= pair[1][0]), "places must rise");
        let few = series.between(XAxis::Kimg, [from, to]).len() <= 2 * columns;
        for column in 0..columns {
            let edge = |c: usize| from + (to - from) * c as f64 / columns as f64;
            let inside =
                |x: f64| x >= edge(column) && (x < edge(column + 1) || (column + 1 == columns && x <= to));
            let measured = values.iter().enumerate().filter(|(i, _)| inside(*i as f64 * 0.5));
            let shown = drawn.iter().filter(|[x, _]| inside(*x)).map(|[_, y]| *y);
            if few {
                let all: Vec<f64> = measured.map(|(_, v)| *v).filter(|v| v.is_finite()).collect();
                assert_eq!(shown.collect::<Vec<_>>(), all, "column {column} of {from}..{to}");
            } else {
                assert_eq!(
                    extremes(shown),
                    extremes(measured.map(|(_, v)| *v)),
                    "column {column} of {from}..{to}"
                );
            }
        }
    }
}

#[test]
fn what_is_not_finite_breaks_the_line_and_is_marked() {
    let series = series(&[1.0, 2.0, f64::NAN, 3.0, f64::INFINITY, f64::NAN, 4.0]);
    let sketch = frame([0.0, 3.0], 100).sketch(&series);
    let expected: Vec<Stretch> = vec![vec![[0.0, 1.0], [0.5, 2.0]], vec![[1.5, 3.0]], vec![[3.0, 4.0]]];
    assert_eq!(sketch.stretches, expected);
    assert_eq!(sketch.gaps, [1.0, 2.0, 2.5]);
}

#[test]
fn one_bad_step_in_a_hundred_thousand_still_breaks_the_line() {
    let mut values = vec![1.0; 100_000];
    values[54_321] = f64::NAN;
    let sketch = frame([0.0, 50_000.0], 500).sketch(&series(&values));
    assert_eq!(sketch.stretches.len(), 2);
    assert!(sketch.gaps.len() == 1 && (sketch.gaps[0] - 27_160.5).abs() <= 100.0, "{:?}", sketch.gaps);
}

#[test]
fn a_logarithmic_axis_leaves_out_what_has_no_logarithm() {
    let sketch = Frame { log: true, ..frame([0.0, 9.0], 50) }.sketch(&series(&[100.0, -1.0, 0.0, 0.1]));
    assert_eq!(sketch.stretches, vec![vec![[0.0, 2.0]], vec![[1.5, -1.0]]]);
    assert!(sketch.gaps.is_empty(), "the numbers are sound");
}

#[test]
fn the_average_is_the_mean_of_what_lies_around() {
    let values = noise(30_000);
    let series = series(&values);
    // Two values a kimg: a width of 3.5 kimg holds three on either side.
    for (columns, width, reach) in [(40_000, 3.5, 3), (40_000, 0.0, 0), (40_000, 9_000.0, 9_000)] {
        let drawn = points(&frame([0.0, 15_000.0], columns).average(&series, width));
        assert_eq!(drawn.len(), values.iter().filter(|v| v.is_finite()).count());
        for [x, y] in drawn.into_iter().step_by(101) {
            let middle = (x * 2.0).round() as usize;
            let sound = |i: &usize| values[*i].is_finite();
            let reach = reach.min(middle);
            let before = (middle.saturating_sub(reach)..=middle).rev().take_while(sound);
            let after = (middle + 1..(middle + reach + 1).min(values.len())).take_while(sound);
            let around: Vec<f64> = before.chain(after).map(|i| values[i]).collect();
            let mean = around.iter().sum::<f64>() / around.len() as f64;
            assert!((mean - y).abs() < 1e-9, "at {x}: {y} is not {mean}");
        }
    }
}

#[test]
fn an_average_of_columns_takes_in_the_whole_column() {
    let values: Vec<f64> = (0..10_000).map(|i| f64::from(i % 10)).collect();
    let drawn = points(&frame([0.0, 5_000.0], 100).average(&series(&values), 0.0));
    assert_eq!(drawn.len(), 100);
    assert!(drawn.iter().all(|point| (point[1] - 4.5).abs() < 0.1), "{drawn:?}");
    let far = points(&frame([1_000.0, 1_001.0], 100).average(&series(&values), 5_000.0));
    assert!(far.iter().all(|point| (point[1] - 4.5).abs() < 0.01), "also of values that are not in sight");
}

#[test]
fn an_average_restarts_behind_a_gap() {
    let stretches = frame([0.0, 9.0], 50).average(&series(&[8.0, 6.0, f64::NAN, 2.0, 4.0]), 99.0);
    let heights: Vec<Vec<f64>> =
        stretches.iter().map(|stretch| stretch.iter().map(|point| point[1]).collect()).collect();
    assert_eq!(heights, [[8.0, 7.0], [3.0, 3.0]]);
}

#[test]
fn an_average_begins_at_the_first_value() {
    let values: Vec<f64> = (0..1000).map(|i| (-f64::from(i) / 100.0).exp()).collect();
    let drawn = points(&frame([0.0, 500.0], 2_000).average(&series(&values), 200.0));
    assert!((drawn[0][1] - 1.0).abs() < 1e-12, "{:?}", drawn[0]);
    assert!(drawn.windows(2).all(|pair| pair[1][1] < pair[0][1]), "it falls as the values do");
}

#[test]
fn the_line_runs_out_of_the_picture_on_both_sides() {
    let series = series(&[0.0, 1.0, 2.0, 3.0, 4.0]);
    let sketch = frame([0.7, 1.3], 10).sketch(&series);
    assert_eq!(sketch.stretches, vec![vec![[0.5, 1.0], [1.0, 2.0], [1.5, 3.0]]]);
}
