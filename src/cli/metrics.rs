//! The numbers of a measurement as a table, once all of them are there.

use std::sync::Arc;

use crate::run::message::Progress;
use crate::words::{self, on_one_line};

/// What was measured at one moment of a run.
#[derive(Default)]
pub struct Metrics {
    at: Option<Progress>,
    on: Option<Arc<str>>,
    rows: Vec<Row>,
}

struct Row {
    name: String,
    value: f64,
    conditions: String,
}

impl Metrics {
    pub fn add(&mut self, at: Progress, on: Arc<str>, name: &str, value: f64, conditions: String) {
        (self.at, self.on) = (Some(at), Some(on));
        self.rows.push(Row { name: name.to_string(), value, conditions });
    }

    /// The table, and no numbers any more: where it was measured, a line a number, what all were measured on, and each
    /// one's own `conditions` if they are wanted. Nothing where nothing was measured.
    pub fn take(&mut self, conditions: bool) -> Vec<String> {
        let rows = std::mem::take(&mut self.rows);
        let Some(at) = self.at.take() else { return Vec::new() };
        let on = self.on.take().unwrap_or_default();
        let mut lines = vec![format!("{} at {} kimg:", at.stage.name(), words::kimg(at.kimg))];
        let cells: Vec<Vec<String>> = rows
            .iter()
            .map(|row| {
                vec![format!("  {}", on_one_line(&words::measure(&row.name))), words::value(row.value)]
            })
            .collect();
        lines.extend(words::table(&cells).lines().map(str::to_string));
        if !on.is_empty() {
            lines.push(format!("  on {on}"));
        }
        if conditions {
            let text = |row: &Row| format!("  {}: {}", row.name, row.conditions);
            lines.extend(rows.iter().map(|row| on_one_line(&text(row)).into_owned()));
        }
        lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::message::Stage;

    #[test]
    fn a_measurement_is_one_table_with_its_conditions_on_request() {
        let at = Progress { stage: Stage::Sign, step: 9, kimg: 10.0, stage_kimg: 24.0, elapsed_secs: 1.0 };
        let mut metrics = Metrics::default();
        for (name, value) in [("fd_pixel", 7.5), ("rec_rms", 0.0125)] {
            metrics.add(at, "512 samples (one step)".into(), name, value, format!("how {name} is taken"));
        }
        let lines = metrics.take(false);
        assert_eq!(lines[0], "sign at 10.0 kimg:");
        assert_eq!(
            lines[1..],
            [
                "  Fréchet distance on pixels             7.500",
                "  how far f moves training images (rms)  0.01250",
                "  on 512 samples (one step)"
            ]
        );
        assert!(metrics.take(false).is_empty());
        metrics.add(at, "one".into(), "kid_pixel", 0.5, "how it is taken".into());
        assert_eq!(metrics.take(true).last().map(String::as_str), Some("  kid_pixel: how it is taken"));
    }
}
