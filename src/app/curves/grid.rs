//! Grid lines at round numbers, as many as there is room to name.

use std::ops::RangeInclusive;

use eframe::egui::Rangef;
use egui_plot::{AxisHints, GridInput, GridMark};

use crate::app::words;

/// Least distance between two lines, in the steps that `GridInput` calls base: eight points of the screen.
const STEPS_UP: f64 = 3.0;

/// The same where that leaves fewer than two lines: just far enough apart to be named.
const CLOSE_STEPS_UP: f64 = 2.2;

const STEPS_ACROSS: f64 = 9.0;

/// Distances between two names on the vertical axis, points: nearer ones are not shown, farther ones in full.
const NAMED: Rangef = Rangef { min: 12.0, max: 20.0 };

/// Values that differ by no more than this share of them are one line.
const ONE_LINE: f64 = 1e-6;

/// Share of an axis that is kept free at most.
const MOST_HEADROOM: f32 = 0.3;

/// Below so many decades a logarithmic axis has its lines at round numbers of the logarithm.
const FEW_DECADES: f64 = 0.7;

/// The vertical axis, with its numbers in words.
pub fn y_axis(log: bool) -> AxisHints<'static> {
    AxisHints::new_y().formatter(move |mark, _| tick(mark.value, log)).label("").label_spacing(NAMED)
}

/// A number of the horizontal axis, with as many decimals as tell it from its neighbours.
pub fn x_name(mark: GridMark, _shown: &RangeInclusive<f64>) -> String {
    let decimals = (-mark.step_size.log10() - 1e-9).ceil().clamp(0.0, 12.0);
    format!("{:.*}", decimals as usize, mark.value)
}

/// Where values lie on one line, a vertical axis that shows it in its middle; none where they do not.
pub fn room_around(low: f64, high: f64, log: bool) -> Option<[f64; 2]> {
    let size = low.abs().max(high.abs());
    if !size.is_finite() || high - low > size * ONE_LINE {
        return None;
    }
    let room = match (log, size > 0.0) {
        (true, _) | (false, false) => 0.5,
        (false, true) => size / 2.0,
    };
    Some([low - room, high + room])
}

/// How far beyond `high` an axis of `points` has to reach so that `room` points at its top are free of curves; it
/// has the share `margin` of what it shows free at either end already.
pub fn headroom(low: f64, high: f64, points: f32, room: f32, margin: f32) -> f64 {
    let share = f64::from((room / points.max(1.0)).min(MOST_HEADROOM));
    let (margin, whole) = (f64::from(margin), 1.0 + 2.0 * f64::from(margin));
    ((high - low) * (whole * share - margin) / (1.0 + margin - whole * share)).max(0.0)
}

fn tick(value: f64, log: bool) -> String {
    words::short(if log { 10_f64.powf(value) } else { value })
}

/// Lines of the vertical axis.
pub fn up(input: GridInput) -> Vec<GridMark> {
    let marks = round(&input, STEPS_UP);
    // A single number gives no scale.
    let close = if marks.len() < 2 { round(&input, CLOSE_STEPS_UP) } else { Vec::new() };
    if close.len() > marks.len() { close } else { marks }
}

/// Lines of the horizontal axis.
pub fn across(input: GridInput) -> Vec<GridMark> {
    round(&input, STEPS_ACROSS)
}

/// Lines at multiples of 1, 2 or 5 times a power of ten, at least `steps` base steps apart.
fn round(input: &GridInput, steps: f64) -> Vec<GridMark> {
    let (low, high) = input.bounds;
    let least = input.base_step_size * steps;
    if !(low.is_finite() && high.is_finite() && least > 0.0 && least.is_finite()) {
        return Vec::new();
    }
    let decade = 10_f64.powf(least.log10().floor());
    let step_size = [1.0, 2.0, 5.0, 10.0].map(|f| f * decade).into_iter().find(|s| *s >= least);
    let step_size = step_size.unwrap_or(10.0 * decade);
    let (first, last) = ((low / step_size).ceil(), (high / step_size).floor());
    // As many as a screen has room for, even where the numbers are too large to tell neighbours apart.
    let count = (last - first).clamp(-1.0, 1000.0) + 1.0;
    (0..count as usize).map(|i| GridMark { value: (first + i as f64) * step_size, step_size }).collect()
}

/// Lines of a logarithmic axis: powers of ten, and twice and five times those where there is room.
pub fn decades(input: GridInput) -> Vec<GridMark> {
    let (low, high) = input.bounds;
    if !(high - low).is_finite() || high - low < FEW_DECADES {
        return up(input);
    }
    // Beyond what numbers can express there is no decade.
    let (first, last) = (low.floor().max(-400.0) as i32, high.ceil().min(400.0) as i32);
    let step = ((last - first) / 10).max(1) as usize;
    let marks = (first..=last).step_by(step).flat_map(|decade| {
        let mark = |factor: f64, step_size| GridMark { value: f64::from(decade) + factor.log10(), step_size };
        [mark(1.0, step as f64), mark(2.0, 0.3), mark(5.0, 0.3)]
    });
    let seen = |mark: &GridMark| (low..=high).contains(&mark.value);
    marks.filter(|mark| seen(mark) && (step == 1 || mark.step_size >= 1.0)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words_of(marks: &[GridMark], log: bool) -> Vec<String> {
        marks.iter().map(|mark| tick(mark.value, log)).collect()
    }

    #[test]
    fn lines_stand_at_round_numbers() {
        // 200 points of height: a base step is eight of them.
        let marks =
            |low: f64, high: f64| up(GridInput { bounds: (low, high), base_step_size: (high - low) / 25.0 });
        assert_eq!(words_of(&marks(-0.02, 1.02), false), ["0", "0.2", "0.4", "0.6", "0.8", "1"]);
        assert_eq!(words_of(&marks(0.151, 0.249), false), ["0.16", "0.18", "0.2", "0.22", "0.24"]);
        // 61 points of height: at tens there would be one line.
        let low = up(GridInput { bounds: (5.0, 19.0), base_step_size: 14.0 / 61.0 * 8.0 });
        assert_eq!(words_of(&low, false), ["5", "10", "15"]);
        assert!(marks(1e300, 1e300).is_empty() && marks(f64::NAN, 1.0).is_empty());
        assert!(marks(1e16, 1e16 + 4.0).len() <= 1001);
    }

    #[test]
    fn neighbours_on_the_horizontal_axis_have_names_of_their_own() {
        let names = |low: f64, high: f64| {
            let marks = across(GridInput { bounds: (low, high), base_step_size: (high - low) / 40.0 });
            marks.into_iter().map(|mark| x_name(mark, &(low..=high))).collect::<Vec<_>>()
        };
        assert_eq!(names(0.0, 1.1), ["0.0", "0.5", "1.0"]);
        assert_eq!(names(0.12, 0.18), ["0.12", "0.14", "0.16", "0.18"]);
        assert_eq!(names(0.0, 30.0), ["0", "10", "20", "30"]);
        assert_eq!(names(0.0, 24e6), ["0", "10000000", "20000000"]);
    }

    #[test]
    fn a_single_value_stands_in_the_middle_of_a_sensible_axis() {
        assert_eq!(room_around(40.0, 40.0, false), Some([20.0, 60.0]));
        assert_eq!(room_around(-4.0, -4.0, false), Some([-6.0, -2.0]));
        assert_eq!(room_around(0.0, 0.0, false), Some([-0.5, 0.5]));
        assert_eq!(room_around(-2.0, -2.0, true), Some([-2.5, -1.5]), "half a decade to each side");
        assert_eq!(room_around(0.1, 0.2, false), None);
        assert_eq!(room_around(f64::NEG_INFINITY, f64::NEG_INFINITY, true), None);
    }

    #[test]
    fn the_top_of_an_axis_is_kept_free() {
        for (low, high, points) in [(0.0, 1.0, 200.0), (-3.0, 5.0, 100.0), (0.0, 1e-6, 90.0)] {
            let most = high + headroom(low, high, points, 24.0, 0.08);
            let edge = 0.08 * (most - low);
            let (bottom, top) = (low - edge, most + edge);
            let free = (top - high) / (top - bottom) * f64::from(points);
            assert!((free - 24.0).abs() < 1e-3, "{free} points above {high}");
        }
        assert_eq!(headroom(0.0, 1.0, 4000.0, 24.0, 0.08), 0.0, "the margin is enough");
        assert!(headroom(0.0, 1.0, 10.0, 24.0, 0.08) < 1.0, "a low chart is not all free");
    }

    #[test]
    fn a_logarithmic_axis_is_marked_at_powers_of_ten() {
        let marks = |low, high| decades(GridInput { bounds: (low, high), base_step_size: 0.01 });
        assert_eq!(words_of(&marks(-1.0, 1.0), true), ["0.1", "0.2", "0.5", "1", "2", "5", "10"]);
        assert!(marks(-300.0, 300.0).len() <= 12);
        assert!(marks(0.1, 0.2).len() > 1, "less than a decade has lines too");
    }
}
