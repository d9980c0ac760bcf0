//! A run folder's `stats.jsonl`, line by line.

use serde_json::{Map, Value};

use super::measure::Measure;
use super::moment::Moment;
use super::run::Run;
use crate::run::message::Stage;
use crate::run::{PLACE, is_name};
use crate::watch::LONGEST_CONDITIONS;

/// Numbers of one moment.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    stage: String,
    at: Moment,
    /// A number that was not finite is NaN: JSON has none.
    numbers: Vec<(String, f64)>,
    conditions: String,
}

impl Row {
    /// A line of the file; none where it is torn or from something else.
    pub fn parse(line: &str) -> Option<Self> {
        let entry: Map<String, Value> = serde_json::from_str(line).ok()?;
        let text = |name: &str| entry.get(name).and_then(Value::as_str);
        let stage = Stage::named(text("stage")?)?.name().to_owned();
        let at = Moment {
            step: entry.get("step")?.as_u64()?,
            kimg: entry.get("kimg")?.as_f64()?,
            secs: entry.get("elapsed_secs")?.as_f64()?,
        };
        let conditions = text("conditions").unwrap_or_default().chars().take(LONGEST_CONDITIONS).collect();
        let numbers = entry.iter().filter(|(name, _)| !PLACE.contains(&name.as_str()) && is_name(name));
        let numbers = numbers.filter_map(|(name, value)| match value {
            Value::Null => Some((name.clone(), f64::NAN)),
            value => value.as_f64().map(|value| (name.clone(), value)),
        });
        Some(Self { stage, at, numbers: numbers.collect(), conditions })
    }

    pub fn record_in(self, run: &mut Run) {
        for (name, value) in self.numbers {
            let measure = Measure { name: name.into(), conditions: self.conditions.clone() };
            run.record(&self.stage, measure, self.at, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_becomes_points_of_its_curves() {
        let mut run = Run::new("old".to_owned(), None);
        for line in [
            r#"{"stage":"sign","step":4,"total_steps":9,"kimg":0.5,"elapsed_secs":2.5,"rec":0.25,"flow":null}"#,
            r#"{"stage":"sign","step":4,"total_steps":9,"kimg":0.5,"elapsed_secs":3,"fid":7,"conditions":"n=10"}"#,
            r#"{"stage":"sign","step":5,"kimg":0.6,"elap"#,
            "[]",
            "",
        ] {
            if let Some(row) = Row::parse(line) {
                row.record_in(&mut run);
            }
        }
        let found: Vec<_> = run.series.iter().map(|s| (s.label(), s.measure.conditions.as_str())).collect();
        let expected = [("sign/rec", ""), ("sign/flow", ""), ("sign/fid", "n=10")];
        assert_eq!(found, expected.map(|(label, conditions)| (label.to_owned(), conditions)));
        assert_eq!(run.series[0].moments(), [Moment { step: 4, kimg: 0.5, secs: 2.5 }]);
        assert!(run.series[1].values()[0].is_nan(), "null is a gap");
    }
}
