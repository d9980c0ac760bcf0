//! A line of `stats.jsonl`.

use serde_json::{Map, Value};

use crate::recipe::Stage;
use crate::run::{PLACE, is_name};

/// Characters of what a number was measured under that are kept.
pub const LONGEST_CONDITIONS: usize = 4096;

/// Where the run stood, and what was measured there.
#[derive(Clone, Debug, PartialEq)]
pub struct StatsLine {
    pub stage: Stage,
    /// Steps of the stage, and of all stages.
    pub step: u64,
    pub total_steps: u64,
    /// Thousand images of the stage.
    pub kimg: f64,
    pub elapsed_secs: f64,
    /// Seconds that the run still takes, by its own plan; metrics and earlier releases do not say.
    pub left_secs: Option<f64>,
    /// A number that was not finite is NaN.
    pub numbers: Vec<(String, f64)>,
    /// What they were measured under; losses have none.
    pub conditions: Option<String>,
    /// Numbers under names that are too long to be one.
    pub left_out: usize,
}

impl StatsLine {
    /// None where the text is no such line.
    pub fn parse(text: &str) -> Option<Self> {
        let entry: Map<String, Value> = serde_json::from_str(text).ok()?;
        let number = |name: &str| entry.get(name).and_then(Value::as_f64).filter(|x| x.is_finite());
        let whole = |name: &str| entry.get(name).and_then(Value::as_u64);
        let value = |value: &Value| match value {
            Value::Null => Some(f64::NAN),
            other => other.as_f64(),
        };
        let own = entry.iter().filter(|(name, _)| !PLACE.contains(&name.as_str()));
        let (named, nameless): (Vec<_>, Vec<_>) = own.partition(|(name, _)| is_name(name));
        let conditions = entry.get("conditions").and_then(Value::as_str);
        Some(Self {
            stage: serde_json::from_value(entry.get("stage")?.clone()).ok()?,
            step: whole("step")?,
            total_steps: whole("total_steps")?,
            kimg: number("kimg")?,
            elapsed_secs: number("elapsed_secs")?,
            left_secs: number("left_secs"),
            numbers: named.into_iter().filter_map(|(name, v)| Some((name.clone(), value(v)?))).collect(),
            conditions: conditions.map(|text| text.chars().take(LONGEST_CONDITIONS).collect()),
            left_out: nameless.len(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_read_and_what_is_none_is_not() {
        let line =
            r#"{"stage":"sign","step":2,"total_steps":9,"kimg":0.5,"elapsed_secs":1.5,"rec":null,"sid":2}"#;
        let read = StatsLine::parse(line).expect("a line");
        assert_eq!((read.stage, read.step, read.total_steps), (Stage::Sign, 2, 9));
        assert_eq!((read.kimg, read.elapsed_secs, &read.conditions), (0.5, 1.5, &None));
        assert_eq!(read.left_secs, None, "an earlier release did not say");
        assert!(read.numbers[0].0 == "rec" && read.numbers[0].1.is_nan());
        assert_eq!(read.numbers[1], ("sid".to_string(), 2.0));
        let with = line.replace(r#""sid":2"#, r#""conditions":"of 512""#);
        assert_eq!(StatsLine::parse(&with).expect("a line").conditions.as_deref(), Some("of 512"));
        let with = line.replace(r#""rec":null"#, r#""left_secs":90"#);
        let left = StatsLine::parse(&with).expect("a line");
        assert_eq!((left.left_secs, left.numbers.len()), (Some(90.0), 1));
        for cut in 0..line.len() {
            assert_eq!(StatsLine::parse(&line[..cut]), None);
        }
        for (what, with) in [("sign", "other"), ("0.5", "\"half\""), ("\"step\":2", "\"step\":-2")] {
            assert_eq!(StatsLine::parse(&line.replace(what, with)), None, "{with}");
        }
    }
}
