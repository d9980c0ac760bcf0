//! One curve: the values that were measured, with their pyramid; of a very long one, the extremes of the values.
//! About 35 bytes a value.

use std::ops::Range;

use eframe::egui::Color32;

use super::measure::Measure;
use super::moment::{Moment, XAxis};
use super::pyramid::Pyramid;

/// Values kept of a curve, some 35 MiB: at so many, half of them are let go of.
const MOST: usize = 1 << 20;

/// Neighbours of which two are kept then.
const NEIGHBOURS: usize = 4;

#[derive(Clone, Debug)]
pub struct Series {
    pub stage: String,
    pub measure: Measure,
    pub visible: bool,
    /// The user's choice; without one the palette decides.
    pub colour: Option<Color32>,
    /// Of each value. Kimg, steps and seconds never fall.
    moments: Vec<Moment>,
    values: Pyramid,
    latest: Option<f64>,
    magnitude: Option<f64>,
}

impl Series {
    pub fn new(stage: &str, measure: Measure) -> Self {
        Self {
            stage: stage.to_owned(),
            measure,
            visible: true,
            colour: None,
            moments: Vec::new(),
            values: Pyramid::default(),
            latest: None,
            magnitude: None,
        }
    }

    pub fn label(&self) -> String {
        format!("{}/{}", self.stage, self.measure.name)
    }

    /// Adds the value `y`; one that is not finite is a gap. A moment without a place is left out. Training
    /// that goes back to an earlier moment measures all later ones anew: the old values are forgotten.
    pub fn push(&mut self, moment: Moment, y: f64) {
        if !moment.kimg.is_finite() {
            return;
        }
        if self.moments.last().is_some_and(|last| moment.kimg < last.kimg) {
            let kept = self.moments.partition_point(|earlier| earlier.kimg < moment.kimg);
            self.moments.truncate(kept);
            self.values.truncate(kept);
            self.latest = self.values().iter().rev().copied().find(|y| y.is_finite());
        }
        let (step, secs) = self.moments.last().map_or((0, 0.0), |last| (last.step, last.secs));
        // `max` leaves out a time that is NaN.
        let moment = Moment { step: moment.step.max(step), secs: moment.secs.max(secs), ..moment };
        self.moments.push(moment);
        self.values.push(y);
        if y.is_finite() {
            self.latest = Some(y);
        }
        if self.len().is_power_of_two() {
            self.magnitude = self.measured_magnitude().or(self.magnitude);
        }
        if self.len() >= MOST {
            self.thin();
        }
    }

    /// How large the later half of the values is; none where all of it is 0, or not finite.
    fn measured_magnitude(&self) -> Option<f64> {
        let [low, high] = self.values.summary(self.len() / 2..self.len()).extremes(false)?;
        let mean = self.values.summary(self.len() / 2..self.len()).mean()?;
        // Where values are of both signs the mean says little of their size.
        let size = if low < 0.0 && high > 0.0 { high.max(-low) / 2.0 } else { mean.abs() };
        (size > 0.0 && size.is_finite()).then_some(size)
    }

    /// How large its values are, in its own unit. It is measured anew only when the curve is twice as long, so that
    /// what is decided by it does not change from step to step; none as long as all values are 0, or not finite.
    pub fn magnitude(&self) -> Option<f64> {
        self.magnitude
    }

    /// Keeps the least and the greatest of each few neighbours, which draw the same line, and one gap where
    /// there was any.
    fn thin(&mut self) {
        let mut kept = 0;
        let mut values = Pyramid::default();
        for start in (0..self.len()).step_by(NEIGHBOURS) {
            let end = (start + NEIGHBOURS).min(self.len());
            let y = |i: &usize| self.values.values()[*i];
            let order = |a: &usize, b: &usize| y(a).total_cmp(&y(b));
            let finite = || (start..end).filter(|i| y(i).is_finite());
            // Of equal ones the first and the last: a level line keeps its ends.
            let ends = [finite().min_by(order), finite().max_by(order)];
            let gap = (start..end).find(|i| !y(i).is_finite());
            for i in (start..end).filter(|i| ends.contains(&Some(*i)) || gap == Some(*i)) {
                values.push(y(&i));
                self.moments[kept] = self.moments[i];
                kept += 1;
            }
        }
        self.moments.truncate(kept);
        self.values = values;
    }

    /// Puts the values of `earlier` that lie before the first of this one in front of it.
    pub fn precede(&mut self, mut earlier: Self) {
        for (moment, y) in self.moments.iter().zip(self.values.values()) {
            earlier.push(*moment, *y);
        }
        (self.moments, self.values, self.latest) = (earlier.moments, earlier.values, earlier.latest);
        self.magnitude = earlier.magnitude;
    }

    pub fn len(&self) -> usize {
        self.moments.len()
    }

    pub fn moments(&self) -> &[Moment] {
        &self.moments
    }

    pub fn values(&self) -> &[f64] {
        self.values.values()
    }

    pub fn pyramid(&self) -> &Pyramid {
        &self.values
    }

    /// The last finite value.
    pub fn latest(&self) -> Option<f64> {
        self.latest
    }

    /// First and last place on the axis.
    pub fn extent(&self, axis: XAxis) -> Option<[f64; 2]> {
        Some([axis.of(self.moments.first()?), axis.of(self.moments.last()?)])
    }

    /// Indices of the values from place `from` to place `to`, both included.
    pub fn between(&self, axis: XAxis, [from, to]: [f64; 2]) -> Range<usize> {
        let first = self.moments.partition_point(|moment| axis.of(moment) < from);
        let end = self.moments.partition_point(|moment| axis.of(moment) <= to);
        first..end.max(first)
    }

    /// The value that lies nearest to place `x`.
    pub fn nearest(&self, axis: XAxis, x: f64) -> Option<(Moment, f64)> {
        let after = self.moments.partition_point(|moment| axis.of(moment) < x);
        let far = |i: usize| self.moments.get(i).map_or(f64::INFINITY, |m| (axis.of(m) - x).abs());
        let before = after.saturating_sub(1);
        let index = if far(before) <= far(after) { before } else { after };
        Some((*self.moments.get(index)?, *self.values().get(index)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(step: u64) -> Moment {
        Moment { step, kimg: step as f64 * 0.5, secs: step as f64 * 30.0 }
    }

    fn series(values: &[f64]) -> Series {
        let mut series = Series::new("sign", Measure::of_step("rec"));
        for (step, value) in values.iter().enumerate() {
            series.push(at(step as u64), *value);
        }
        series
    }

    #[test]
    fn a_place_is_found_on_every_axis() {
        let series = series(&[0.0, 1.0, 2.0, 3.0, 4.0]);
        assert_eq!(series.between(XAxis::Kimg, [0.5, 1.5]), 1..4);
        assert_eq!(series.between(XAxis::Steps, [0.5, 1.5]), 1..2);
        assert_eq!(series.between(XAxis::Minutes, [1.6, 1.9]), 4..4);
        assert_eq!(series.nearest(XAxis::Minutes, 1.2).map(|(m, y)| (m.step, y)), Some((2, 2.0)));
        assert_eq!(series.nearest(XAxis::Kimg, 99.0).map(|(m, y)| (m.step, y)), Some((4, 4.0)));
        assert_eq!(series.nearest(XAxis::Kimg, -9.0).map(|(m, y)| (m.step, y)), Some((0, 0.0)));
        assert_eq!(Series::new("sid", Measure::of_step("sid")).nearest(XAxis::Kimg, 0.0), None);
        assert_eq!(series.extent(XAxis::Kimg), Some([0.0, 2.0]));
    }

    #[test]
    fn a_curve_knows_how_large_it_is() {
        assert_eq!(series(&[]).magnitude(), None);
        assert_eq!(series(&[0.0, f64::NAN]).magnitude(), None);
        assert_eq!(series(&[3.0]).magnitude(), Some(3.0));
        assert_eq!(series(&[900.0, 90.0, 2.0, 4.0]).magnitude(), Some(3.0), "a high beginning is past");
        assert_eq!(
            series(&[900.0, 90.0, 2.0, 4.0, 700.0]).magnitude(),
            Some(3.0),
            "measured at 1, 2, 4, 8, …"
        );
        assert_eq!(series(&[0.0, 0.0, -3.0, 1.0]).magnitude(), Some(1.5));
    }

    #[test]
    fn training_that_goes_back_is_measured_anew() {
        let mut series = series(&[0.0, 1.0, 2.0, f64::NAN]);
        assert_eq!(series.latest(), Some(2.0));
        series.push(at(1), 9.0);
        assert_eq!(series.values(), [0.0, 9.0]);
        assert_eq!((series.len(), series.latest()), (2, Some(9.0)));
        series.push(Moment { step: 0, kimg: 0.5, secs: f64::NAN }, 8.0);
        assert_eq!(series.moments().last(), Some(&at(1)), "neither steps nor time go back without kimg");
        series.push(Moment { kimg: f64::NAN, ..at(9) }, 1.0);
        assert_eq!(series.len(), 3);
    }

    #[test]
    fn a_thinned_curve_keeps_its_extremes_and_gaps_in_their_order() {
        let nan = f64::NAN;
        let mut thinned =
            series(&[5.0, 1.0, 9.0, 2.0, 7.0, 7.0, 7.0, 7.0, 3.0, nan, 8.0, nan, nan, nan, nan, nan, 4.0]);
        thinned.thin();
        let steps: Vec<u64> = thinned.moments().iter().map(|moment| moment.step).collect();
        assert_eq!(steps, [1, 2, 4, 7, 8, 9, 10, 12, 16]);
        let values: Vec<String> = thinned.values().iter().map(ToString::to_string).collect();
        assert_eq!(values, ["1", "9", "7", "7", "3", "NaN", "8", "NaN", "4"]);
        assert_eq!(thinned.pyramid().summary(0..9).extremes(false), Some([1.0, 9.0]));
        thinned.push(at(17), 6.0);
        assert_eq!((thinned.len(), thinned.latest()), (10, Some(6.0)));
    }

    #[test]
    fn a_curve_does_not_grow_for_ever() {
        let mut series = Series::new("sign", Measure::of_step("rec"));
        for step in 0..3 << 20 {
            series.push(at(step), (step % 7) as f64);
            assert!(series.len() < MOST);
        }
        assert_eq!(series.extent(XAxis::Steps), Some([0.0, f64::from((3 << 20) - 1)]));
        assert_eq!(series.pyramid().summary(0..series.len()).len, series.len());
    }

    #[test]
    fn what_came_before_stands_in_front() {
        let mut later = Series::new("sign", Measure::of_step("rec"));
        [(2, 20.0), (3, 30.0)].iter().for_each(|(step, value)| later.push(at(*step), *value));
        later.precede(series(&[0.0, 1.0, 2.0, 3.0, 4.0]));
        assert_eq!(later.values(), [0.0, 1.0, 20.0, 30.0]);
    }
}
