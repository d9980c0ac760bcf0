//! The curves of one run, and what happened in it.

use std::path::PathBuf;

use super::marker::{Event, Marker};
use super::measure::Measure;
use super::moment::Moment;
use super::series::Series;
use crate::error::Error;

/// Markers kept of each run; at a warning a step a run would otherwise fill the memory.
const MAX_MARKERS: usize = 10_000;

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
        }
    }

    /// Adds one value to the curve that it belongs to.
    pub fn record(&mut self, stage: &str, measure: Measure, at: Moment, value: f64) {
        if self.stage.as_deref() != Some(stage) {
            self.stage = Some(stage.to_owned());
            self.mark(Event::Stage, stage, at, format!("stage {stage} begins"));
        }
        match self.series.iter_mut().find(|series| series.stage == stage && series.measure == measure) {
            Some(series) => series.push(at, value),
            None => {
                let mut series = Series::new(stage, measure);
                series.push(at, value);
                self.series.push(series);
            }
        }
    }

    pub fn mark(&mut self, event: Event, stage: &str, at: Moment, words: String) {
        if self.markers.len() < MAX_MARKERS {
            self.markers.push(Marker { event, stage: stage.to_owned(), at, words });
        }
    }

    /// Takes over what was measured in earlier sessions of the same run.
    pub fn continue_from(&mut self, earlier: Self) {
        for old in earlier.series {
            let same = |new: &&mut Series| new.stage == old.stage && new.measure == old.measure;
            match self.series.iter_mut().find(same) {
                Some(new) => new.precede(old),
                None => self.series.push(old),
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
}
