//! The curves of one run, and what happened in it.

use std::collections::HashMap;
use std::path::PathBuf;

use super::marker::{Event, Marker};
use super::measure::Measure;
use super::moment::{Moment, XAxis};
use super::series::Series;
use crate::error::{Error, Kind};

/// Markers kept of each run; at a warning a step a run would otherwise fill the memory.
const MAX_MARKERS: usize = 10_000;

/// Curves kept of each run: it has a few dozen, and more of them no list shows well.
const MOST_CURVES: usize = 500;

pub struct Run {
    pub name: String,
    /// None until the trainer has named it.
    pub folder: Option<PathBuf>,
    pub visible: bool,
    pub series: Vec<Series>,
    pub markers: Vec<Marker>,
    /// Why it cannot be read (on).
    pub problem: Option<Error>,
    stage: Option<String>,
    /// Where each curve is, by stage and measure; looked up only, for `series` is what there is.
    places: HashMap<String, HashMap<Measure, usize>>,
    /// In the order of training, each with the last moment that is known of it.
    stages: Vec<(String, Moment)>,
}

impl Run {
    pub fn new(name: String, folder: Option<PathBuf>) -> Self {
        Self {
            name,
            folder,
            visible: true,
            series: Vec::new(),
            markers: Vec::new(),
            problem: None,
            stage: None,
            places: HashMap::new(),
            stages: Vec::new(),
        }
    }

    /// Where `stage` begins on an axis that counts through all stages.
    pub fn begins(&self, stage: &str, axis: XAxis) -> f64 {
        let before = self.stages.iter().take_while(|(name, _)| name != stage);
        if axis.begins_anew() { before.map(|(_, end)| axis.of(end)).sum() } else { 0.0 }
    }

    /// Adds one value to the curve that it belongs to.
    pub fn record(&mut self, stage: &str, measure: Measure, at: Moment, value: f64) {
        if self.stage.as_deref() != Some(stage) {
            self.stage = Some(stage.to_owned());
            self.mark(Event::Stage, stage, at, format!("stage {stage} begins"));
        }
        let is_full = self.series.len() >= MOST_CURVES;
        if at.kimg.is_finite() {
            match self.stages.iter_mut().find(|(name, _)| name == stage) {
                Some((_, end)) => *end = at,
                None => self.stages.push((stage.to_owned(), at)),
            }
        }
        match self.series_of(stage, &measure) {
            Some(series) => series.push(at, value),
            None if is_full => {
                let what = format!("there are more than {MOST_CURVES} curves: the others are left out");
                self.problem.get_or_insert(Error::new(Kind::Data, what));
            }
            None => {
                let mut series = Series::new(stage, measure);
                series.push(at, value);
                self.add(series);
            }
        }
    }

    fn series_of(&mut self, stage: &str, measure: &Measure) -> Option<&mut Series> {
        let place = *self.places.get(stage)?.get(measure)?;
        self.series.get_mut(place).filter(|series| series.stage == stage && series.measure == *measure)
    }

    fn add(&mut self, series: Series) {
        let places = self.places.entry(series.stage.clone()).or_default();
        places.insert(series.measure.clone(), self.series.len());
        self.series.push(series);
    }

    /// Forgets what was measured: it comes again.
    pub fn clear(&mut self) {
        self.series.clear();
        self.places.clear();
        self.markers.clear();
        self.stages.clear();
        self.stage = None;
        self.problem = None;
    }

    pub fn mark(&mut self, event: Event, stage: &str, at: Moment, words: String) {
        if self.markers.len() < MAX_MARKERS {
            self.markers.push(Marker { event, stage: stage.to_owned(), at, words });
        }
    }

    /// Takes over what was measured in earlier sessions of the same run.
    pub fn continue_from(&mut self, earlier: Self) {
        for old in earlier.series {
            match self.series_of(&old.stage, &old.measure) {
                Some(new) => new.precede(old),
                None => self.add(old),
            }
        }
        // Stages that began in an earlier session did not begin in this one.
        let known = |marker: &Marker| {
            let same = |other: &Marker| other.event == Event::Stage && other.stage == marker.stage;
            marker.event == Event::Stage && earlier.markers.iter().any(same)
        };
        self.markers.retain(|marker| !known(marker));
        self.markers.splice(0..0, earlier.markers);
        self.stage = self.stage.take().or(earlier.stage);
        let later = std::mem::replace(&mut self.stages, earlier.stages);
        for (name, end) in later {
            match self.stages.iter_mut().find(|(earlier, _)| *earlier == name) {
                Some((_, known)) => *known = end,
                None => self.stages.push((name, end)),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(step: u64) -> Moment {
        Moment { step, kimg: step as f64, secs: step as f64 }
    }

    #[test]
    fn a_run_that_goes_on_has_one_curve_and_one_beginning() {
        let run = |steps: std::ops::Range<u64>| {
            let mut run = Run::new("demo".to_owned(), None);
            steps.for_each(|step| run.record("sign", Measure::of_step("rec"), at(step), step as f64));
            run
        };
        let (earlier, mut later) = (run(0..6), run(4..8));
        later.continue_from(earlier);
        assert_eq!(later.series.len(), 1);
        assert_eq!(later.series[0].values(), [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]);
        assert_eq!(later.markers.iter().map(|m| m.at.step).collect::<Vec<_>>(), [0]);
        later.record("sign", Measure::of_step("rec"), at(8), 8.0);
        assert_eq!(later.markers.len(), 1, "the stage goes on");
    }
    #[test]
    fn names_beyond_reason_are_told_and_take_no_time() {
        let mut run = Run::new("demo".to_owned(), None);
        for name in 0..60_000 {
            let measure = Measure { name: name.to_string().into(), conditions: String::new() };
            run.record("sign", measure, at(name), 1.0);
        }
        assert_eq!(run.series.len(), MOST_CURVES);
        assert!(run.problem.take().is_some_and(|problem| problem.what.contains("left out")));
        run.clear();
        run.record("sign", Measure::of_step("rec"), at(0), 1.0);
        assert!(run.series.len() == 1 && run.problem.is_none());
    }

    #[test]
    fn a_stage_begins_where_those_before_it_end() {
        let record = |run: &mut Run, stage: &str, steps: std::ops::RangeInclusive<u64>| {
            steps.for_each(|step| run.record(stage, Measure::of_step("rec"), at(step), 1.0));
        };
        let begins =
            |run: &Run| [XAxis::Kimg, XAxis::Steps, XAxis::Minutes].map(|axis| run.begins("sign", axis));
        let mut run = Run::new("demo".to_owned(), None);
        record(&mut run, "sign", 3..=4);
        assert_eq!(begins(&run), [0.0; 3], "nothing is known of a stage before it");
        let mut earlier = Run::new("demo".to_owned(), None);
        record(&mut earlier, "teacher", 1..=9);
        // It went back to a checkpoint, and on.
        record(&mut earlier, "teacher", 6..=8);
        record(&mut earlier, "sign", 1..=2);
        run.continue_from(earlier);
        assert_eq!(begins(&run), [8.0, 8.0, 0.0], "time counts through all stages by itself");
        assert_eq!(run.begins("teacher", XAxis::Kimg), 0.0);
        run.clear();
        assert_eq!(begins(&run), [0.0; 3]);
    }
}
