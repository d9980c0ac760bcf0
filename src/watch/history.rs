//! What the lines of `stats.jsonl` come to.

use std::collections::HashMap;

use super::curve::Curve;
use super::stats_line::StatsLine;
use crate::recipe::Stage;
use crate::run::MOST_NAMES;

/// Speeds stand among a stage's losses, but are none.
pub use crate::run::{SPEED, WALL_SPEED};

#[derive(Debug, Default)]
pub struct History {
    /// In the order in which they first came, [`MOST_NAMES`] at most.
    pub curves: Vec<Curve>,
    /// Where each is, by stage and name.
    places: HashMap<&'static str, HashMap<String, usize>>,
    /// The newest line.
    pub last: Option<StatsLine>,
    /// Seconds that the run still took when it said so last, and the seconds of training at that time.
    pub left: Option<[f64; 2]>,
    /// Longest training time between two lines, seconds.
    pub longest_gap_secs: f64,
    /// Lines that could not be read.
    pub unreadable: usize,
    /// Numbers whose names were one too many, or too long to be one.
    pub left_out: usize,
}

impl History {
    pub fn add(&mut self, text: &str) {
        let Some(line) = StatsLine::parse(text) else {
            self.unreadable += 1;
            return;
        };
        self.left_out += line.left_out;
        for (name, value) in &line.numbers {
            match self.curve(&line, name) {
                Some(curve) => curve.push(line.kimg, *value),
                None => self.left_out += 1,
            }
        }
        if let Some(before) = &self.last {
            self.longest_gap_secs = self.longest_gap_secs.max(line.elapsed_secs - before.elapsed_secs);
        }
        self.left = line.left_secs.map(|left| [left, line.elapsed_secs]).or(self.left);
        self.last = Some(line);
    }

    /// The curve of a number of `line`; none where there are too many.
    fn curve(&mut self, line: &StatsLine, name: &str) -> Option<&mut Curve> {
        let places = self.places.entry(line.stage.name()).or_default();
        let at = match places.get(name) {
            Some(at) => *at,
            None if self.curves.len() < MOST_NAMES => {
                self.curves.push(Curve::new(line.stage, name));
                places.insert(name.to_string(), self.curves.len() - 1);
                self.curves.len() - 1
            }
            None => return None,
        };
        let curve = self.curves.get_mut(at)?;
        curve.conditions.clone_from(&line.conditions);
        Some(curve)
    }

    pub fn find(&self, stage: Stage, name: &str) -> Option<&Curve> {
        self.curves.get(*self.places.get(stage.name())?.get(name)?)
    }

    /// Images a second, as last measured in the present stage.
    pub fn images_per_sec(&self) -> Option<f64> {
        self.speed(SPEED)
    }

    /// The same by the clock, with everything that the run does beside training.
    pub fn images_per_wall_sec(&self) -> Option<f64> {
        self.speed(WALL_SPEED)
    }

    fn speed(&self, name: &str) -> Option<f64> {
        let speed = self.find(self.last.as_ref()?.stage, name)?.latest;
        speed.is_finite().then_some(speed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_beyond_reason_are_counted_and_not_kept() {
        let line = |numbers: &str| {
            format!(r#"{{"stage":"sid","step":1,"total_steps":1,"kimg":1,"elapsed_secs":1,{numbers}}}"#)
        };
        let mut history = History::default();
        history.add(&line("\"sid\":1"));
        for i in 0..60 * MOST_NAMES {
            history.add(&line(&format!("\"n{i}\":0.5")));
        }
        history.add(&line(&format!("\"sid\":2,\"{}\":3", "x".repeat(1000))));
        assert_eq!((history.curves.len(), history.left_out), (MOST_NAMES, 59 * MOST_NAMES + 2));
        assert_eq!(history.find(Stage::Sid, "sid").map(|curve| curve.latest), Some(2.0));
        assert!(history.find(Stage::Sign, "sid").is_none() && history.unreadable == 0);
    }
}
