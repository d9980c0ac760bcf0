//! What the lines of `stats.jsonl` come to.

use super::curve::Curve;
use super::stats_line::StatsLine;

/// The speed stands among a stage's losses, but is none.
pub use crate::run::SPEED;

#[derive(Debug, Default)]
pub struct History {
    /// In the order in which they first came.
    pub curves: Vec<Curve>,
    /// The newest line.
    pub last: Option<StatsLine>,
    /// Longest training time between two lines, seconds.
    pub longest_gap_secs: f64,
    /// Lines that could not be read.
    pub unreadable: usize,
}

impl History {
    pub fn add(&mut self, text: &str) {
        let Some(line) = StatsLine::parse(text) else {
            self.unreadable += 1;
            return;
        };
        for (name, value) in &line.numbers {
            self.curve(&line, name).push(line.kimg, *value);
        }
        if let Some(before) = &self.last {
            self.longest_gap_secs = self.longest_gap_secs.max(line.elapsed_secs - before.elapsed_secs);
        }
        self.last = Some(line);
    }

    fn curve(&mut self, line: &StatsLine, name: &str) -> &mut Curve {
        let same = |c: &Curve| c.stage == line.stage && c.name == name;
        let at = self.curves.iter().position(same).unwrap_or_else(|| {
            self.curves.push(Curve::new(line.stage, name));
            self.curves.len() - 1
        });
        let curve = &mut self.curves[at];
        curve.conditions.clone_from(&line.conditions);
        curve
    }

    /// Images a second, as last measured in the present stage.
    pub fn images_per_sec(&self) -> Option<f64> {
        let stage = self.last.as_ref()?.stage;
        let speed = self.curves.iter().find(|c| c.stage == stage && c.name == SPEED)?.latest;
        speed.is_finite().then_some(speed)
    }
}
